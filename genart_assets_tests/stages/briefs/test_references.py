from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genart_assets.errors import InputError, StorageError
from genart_assets.pictures import upright
from genart_assets.records.brief import Brief
from genart_assets.records.fields import Reference
from genart_assets.records.style_guide import StyleGuide
from genart_assets.stages.briefs.references import read_picture, reference_path, store_references, stored_references
from genart_assets.storage.pixels import pixel_sha256
from genart_assets.storage.root import Storage


def brief_with(path: Path) -> Brief:
    reference = Reference(sha256=pixel_sha256(read_picture(path)), path=str(path))
    return Brief(brief="a", prompt="b", style_guide=StyleGuide(references=(reference,)))


def test_transparent_is_white_and_photographs_stand_upright(tmp_path: Path) -> None:
    Image.new("RGBA", (2, 1), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    assert read_picture(tmp_path / "clear.png").tolist() == [[[255, 255, 255]] * 2]
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    Image.new("RGB", (32, 16), "red").save(tmp_path / "turned.jpg", exif=exif)
    assert read_picture(tmp_path / "turned.jpg").shape == (32, 16, 3)


def test_what_is_no_picture_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.gif")
    for name in ("a.png", "a.gif", "none.png"):
        with pytest.raises(InputError, match="is not a readable picture"):
            read_picture(tmp_path / name)
    Image.new("RGB", (8, 8)).save(tmp_path / "large.png")
    monkeypatch.setattr(upright, "MAX_PIXELS", 63)
    with pytest.raises(InputError, match="has 8 x 8 px"):
        read_picture(tmp_path / "large.png")


def test_a_damaged_reference_is_told_with_its_remedy(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path / "storage"))
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    brief = brief_with(tmp_path / "a.png")
    store_references(storage, brief.style_guide.references)
    [kept] = stored_references(storage, brief.style_guide.references)
    assert np.array_equal(kept, read_picture(tmp_path / "a.png"))
    place = storage.path(reference_path(brief.style_guide.references[0].sha256))
    for damage in (b"", b"\0" * 100, Path(_blue(tmp_path)).read_bytes()):
        place.write_bytes(damage)
        with pytest.raises(StorageError, match="is damaged") as told:
            stored_references(storage, brief.style_guide.references)
        assert "give the brief or the style again" in told.value.remedy
    place.unlink()
    with pytest.raises(StorageError):
        stored_references(storage, brief.style_guide.references)


def _blue(folder: Path) -> str:
    Image.new("RGB", (8, 8), "blue").save(folder / "blue.png")
    return str(folder / "blue.png")
