"""Whether copies find their images: ``python -m genart_assets_tests.provenance.bench_likeness HOME``.

HOME is a home that has rendered many images. Some of them, drawn at random, are halved in size and saved as JPEG of
quality 70, which leaves no metadata, and looked up as `genart trace` does. One line of JSON: of the copies, how many
found their image (or one of the same pixels), how many were given to another, how many to none; how far they were,
and how many times farther the next picture. Then the same with the image and all attempts of its slot hidden, as if
another studio had made it: how many were given to somebody. Options: ``--copies``, ``--quality``, ``--size``.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from genart_assets.errors import InputError
from genart_assets.instance.home import Home
from genart_assets.provenance.index import ProvenanceIndex, provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.which import Found, find_image
from genart_assets.storage.root import Storage


class Elsewhere:
    """The index of a storage that never had the slot of one image."""

    def __init__(self, index: ProvenanceIndex, hidden: ProvenanceRecord) -> None:
        self._index, self._hidden = index, hidden

    def nearest(self, shown: bytes, count: int = 3) -> list[tuple[ProvenanceRecord, float]]:
        hidden = self._hidden
        near = self._index.nearest(shown, count + 8)
        return [pair for pair in near if (pair[0].brief, pair[0].values) != (hidden.brief, hidden.values)][:count]


def looked_up(copy: Path, index: ProvenanceIndex, image: ProvenanceRecord) -> tuple[str, Found | None]:
    try:
        found, how = find_image(str(copy), index)
    except InputError:
        return "none", None
    return ("right" if found.pixel_sha256 == image.pixel_sha256 else "wrong"), how


def measured(home: Path, copies: int, quality: int, size: float) -> dict[str, object]:
    storage = Storage.open(Home.open(home).storage_root)
    with provenance_index(storage) as index, TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.jpg"
        here: Counter[str] = Counter()
        elsewhere: Counter[str] = Counter()
        apart: list[tuple[float, float]] = []
        for image in index.sample(copies):
            assert image.path
            with Image.open(storage.path(image.path)) as picture:
                sides = [round(side * size) for side in picture.size]
                picture.resize((sides[0], sides[1]), Image.Resampling.LANCZOS).save(copy, quality=quality)
            outcome, how = looked_up(copy, index, image)
            here[outcome] += 1
            if how and how.distance and how.next_distance:
                apart.append((how.distance, how.next_distance / how.distance))
            elsewhere[looked_up(copy, Elsewhere(index, image), image)[0]] += 1  # type: ignore[arg-type]
        pictures = len(index.table()["pixel_sha256"].dropna().unique())
    return {
        "pictures": pictures,
        "copies": copies,
        "quality": quality,
        "size": size,
        "copies_given_to": dict(here),
        "farthest": max(distance for distance, _ in apart),
        "least_ratio_to_the_next": round(min(ratio for _, ratio in apart), 2),
        "strangers_given_to_somebody": elsewhere["wrong"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--copies", type=int, default=500)
    parser.add_argument("--quality", type=int, default=70)
    parser.add_argument("--size", type=float, default=0.5)
    told = parser.parse_args()
    print(json.dumps(measured(told.home, told.copies, told.quality, told.size)))
