"""Draws icons from the npm packages of Iconify, found by Unicode code point, with resvg."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from genart_assets.errors import InputError
from genart_assets.starter_training.vocabulary import Pair, Vocabulary

PACKAGES = {
    "@iconify-json/noto": "1.2.9",
    "@iconify-json/fluent-emoji": "1.2.7",
    "@iconify-json/fluent-emoji-flat": "1.2.6",
    "@iconify-json/fluent-emoji-high-contrast": "1.2.6",
    "@iconify-json/noto-v1": "1.2.5",
    "@iconify-json/twemoji": "1.2.5",
    "emojibase-data": "17.0.0",
}
NAMED_AS = {"fluent-emoji": "fluent-emoji-flat", "noto-v1": "noto"}
"""Sets without a list of code points use the icon names of another set."""
SIDE = 128
"""Side in px at which each icon is drawn once."""

Icons = dict[Pair, np.ndarray]
"""An icon is ``uint8 [128, 128, 4]`` with straight alpha, trimmed to its visible part and centred."""


def install_command(folder: str) -> str:
    """The command that installs every icon set, in its version, into a folder."""
    return f"npm install --prefix {folder} {' '.join(f'{name}@{version}' for name, version in PACKAGES.items())}"


@dataclass(frozen=True)
class Sources:
    """The installed packages; ``npm install --prefix DIR`` installs them into ``DIR/node_modules``."""

    folder: Path

    def drawings_or_names(self, package: str) -> Path:
        """The file of a package that training uses: an icon set's drawings, or emojibase's names."""
        file = "en/data.json" if package == "emojibase-data" else "icons.json"
        return self.folder / "node_modules" / package / file

    def read(self, package: str, file: str) -> Any:
        """A JSON file of a package, in the version with which the weights were trained.

        Raises:
            InputError: the package is missing or has another version.
        """
        root = self.folder / "node_modules" / package
        wanted = PACKAGES[package]
        manifest = root / "package.json"
        found = json.loads(manifest.read_text(encoding="utf-8"))["version"] if manifest.is_file() else "not installed"
        if found != wanted:
            raise InputError(
                f"{package} is {found} in {self.folder}, the recipe needs {wanted}",
                remedy=install_command(str(self.folder)),
            )
        return json.loads((root / file).read_text(encoding="utf-8"))


def read_icons(
    sources: Sources, vocabulary: Vocabulary, progress: Callable[[int, int], None] = lambda done, total: None
) -> Icons:
    """Draw every pair of the vocabulary, and every subject that the sets of the other styles have.

    Raises:
        InputError: a package is missing or has another version, or a set has no icon of a subject.
    """
    code_points = {entry["label"].lower(): entry["hexcode"].lower() for entry in sources.read(*_LABELS)}
    sets = {**vocabulary.styles, **vocabulary.other_sets}
    total = len(sets) * len(vocabulary.subjects)
    drawn: Icons = {}
    for style, icon_set in sets.items():
        for subject, svg in _documents(sources, icon_set, vocabulary.subjects, code_points):
            if svg:
                drawn[Pair(subject, style)] = rasterise(svg)
            elif style in vocabulary.styles:
                raise InputError(
                    f"subject {subject!r} has no icon in {icon_set}", remedy="remove the subject from vocabulary.yaml"
                )
            progress(len(drawn), total)
    return drawn


_LABELS = ("emojibase-data", "en/data.json")


def _documents(
    sources: Sources, icon_set: str, subjects: tuple[str, ...], code_points: dict[str, str]
) -> Iterator[tuple[str, str]]:
    package = f"@iconify-json/{icon_set}"
    names = sources.read(f"@iconify-json/{NAMED_AS.get(icon_set, icon_set)}", "chars.json")
    collection = sources.read(package, "icons.json")
    for subject in subjects:
        code_point = code_points.get(subject, "")
        name = names.get(code_point) or names.get(code_point.replace("-fe0f", ""))
        yield subject, _document(collection, name)


def _document(collection: dict[str, Any], name: str | None) -> str:
    icon = collection["icons"].get(name)
    if icon is None:
        return ""
    left, top, width, height = (
        icon.get(key, collection.get(key, default))
        for key, default in (("left", 0), ("top", 0), ("width", 16), ("height", 16))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left} {top} {width} {height}">{icon["body"]}</svg>'
    )


def rasterise(svg: str) -> np.ndarray:
    """An SVG document as ``uint8 [128, 128, 4]``: trimmed to its visible part, made square, centred."""
    import resvg_py

    picture = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=2 * SIDE)))).convert("RGBA")
    trimmed = picture.crop(picture.getchannel("A").getbbox() or (0, 0, *picture.size))
    side = max(trimmed.size)
    square = Image.new("RGBA", (side, side))
    square.paste(trimmed, ((side - trimmed.width) // 2, (side - trimmed.height) // 2))
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
