"""A copy that lost its metadata is known by what it shows; what shows something else is not believed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from genart_assets.deliverables.embedded import Embedded
from genart_assets.deliverables.png import encode_png
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import InputError
from genart_assets.provenance import which
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.which import FARTHEST, find_image
from genart_assets.storage.root import Storage


def picture_of(storage: Storage, record: ProvenanceRecord) -> Image.Image:
    assert record.path
    with Image.open(storage.path(record.path)) as picture:
        return picture.copy()


def _told_by(record: ProvenanceRecord) -> Embedded:
    """What a delivered file of that image says of itself."""
    same = record.model_dump(include={"brief", "brief_hash", "batch", "round", "model", "model_snapshot", "prompt"})
    return Embedded(**same, slot=record.slot_index, recipe_id=record.recipe_id, recipe=record.recipe)


@pytest.mark.parametrize(
    ("suffix", "options", "side"),
    [("jpg", {"quality": 70}, 32), ("jpg", {"quality": 85}, 64), ("webp", {"quality": 70}, 48), ("png", {}, 128)],
)
def test_a_re_encoded_or_resized_copy_is_found(
    storage: Storage, records: list[ProvenanceRecord], tmp_path: Path, suffix: str, options: dict[str, int], side: int
) -> None:
    for record in records:
        copy = tmp_path / f"copy.{suffix}"
        picture_of(storage, record).resize((side, side), Image.Resampling.LANCZOS).save(copy, **options)
        with provenance_index(storage) as index:
            found, how = find_image(str(copy), index)
        assert found == record
        assert how.by == "likeness"
        assert how.distance is not None
        assert how.next_distance is not None
        assert how.distance < how.next_distance
        assert how.distance <= FARTHEST


def test_where_the_next_picture_is_not_clearly_farther_both_are_named_and_neither_is_believed(
    storage: Storage, records: list[ProvenanceRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(which, "CLEARLY", 100.0)
    copy = tmp_path / "copy.jpg"
    picture_of(storage, records[0]).save(copy, quality=70)
    with provenance_index(storage) as index, pytest.raises(InputError, match="more than one image") as refused:
        find_image(str(copy), index)
    assert records[0].recipe_id[:12] in refused.value.message


@pytest.mark.parametrize("kind", ["noise", "one colour", "blurred"])
def test_a_stranger_is_nobody(storage: Storage, records: list[ProvenanceRecord], tmp_path: Path, kind: str) -> None:
    of = picture_of(storage, records[0])
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    shown = {
        "noise": Image.fromarray(pixels),
        "one colour": Image.new("RGB", (64, 64), "teal"),
        "blurred": of.filter(ImageFilter.GaussianBlur(12)),
    }[kind]
    shown.save(tmp_path / "stranger.png")
    with provenance_index(storage) as index, pytest.raises(InputError, match=r"no image of this storage looks like"):
        find_image(str(tmp_path / "stranger.png"), index)


def test_metadata_glued_to_another_picture_is_not_believed(
    storage: Storage, records: list[ProvenanceRecord], tmp_path: Path
) -> None:
    one, other = (record for record in records if record.brief == "fine" and record.slot_index in (0, 1))
    glued = encode_png(picture_of(storage, other), packet_of(_told_by(one)), {})
    (tmp_path / "glued.png").write_bytes(glued.data)
    with provenance_index(storage) as index, pytest.raises(InputError, match="and shows something else") as refused:
        find_image(str(tmp_path / "glued.png"), index)
    assert one.recipe_id[:12] in refused.value.message
    assert "genart verify" in str(refused.value.remedy)


def test_a_changed_recipe_is_not_believed_and_not_looked_past(
    storage: Storage, records: list[ProvenanceRecord], tmp_path: Path
) -> None:
    record = records[0]
    told = _told_by(record).model_copy(update={"recipe": record.recipe.replace('"seed":', '"seed":1')})
    changed = encode_png(picture_of(storage, record), packet_of(told), {})
    (tmp_path / "changed.png").write_bytes(changed.data)
    with provenance_index(storage) as index, pytest.raises(InputError, match="was changed"):
        find_image(str(tmp_path / "changed.png"), index)


def test_an_index_of_an_earlier_release_is_made_again(storage: Storage, records: list[ProvenanceRecord]) -> None:
    import duckdb

    with duckdb.connect(f"{storage.root}/.cache/provenance.duckdb") as connection:
        connection.execute("ALTER TABLE records DROP COLUMN likeness")
    with provenance_index(storage) as index:
        assert all(index.likeness(record) for record in records)
