"""Control images are kept once, by their pixels, and read back as they were or not at all."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genart_assets.errors import InputError, StorageError
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.control_images import control_path, store_controls, stored_control
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.storage.root import Storage
from genart_assets_tests.models.tiny_controls import disc

TEXT = """brief: shapes
prompt: "a {subject}"
vary: {subject: [pear, plum, quince]}
control: {kind: silhouette, image: "{subject}.png"}
"""


@pytest.fixture
def storage(tmp_path):
    return Storage.open(str(tmp_path / "storage"))


def shapes(folder: Path) -> None:
    for subject, radius in (("pear", 20), ("plum", 12), ("quince", 20)):
        Image.fromarray(disc(radius)).convert("L").save(folder / f"{subject}.png")


def test_equal_images_are_kept_once_and_read_back(tmp_path, storage):
    shapes(tmp_path)
    brief = read_brief(TEXT, source="b.yaml", folder=tmp_path, known=installed())
    store_controls(storage, brief)
    assert brief.control is not None
    hashes = {image.sha256 for image in brief.control.images.values()}
    assert len(hashes) == 2
    assert len(list((tmp_path / "storage" / "controls").rglob("*.png"))) == 2
    assert np.array_equal(stored_control(storage, brief.control.images["plum.png"].sha256), disc(12))
    for subject in ("pear", "plum", "quince"):
        (tmp_path / f"{subject}.png").unlink()
    store_controls(storage, brief)  # what is kept needs its file no more


def test_an_image_that_changes_before_it_is_kept_is_refused(tmp_path, storage):
    shapes(tmp_path)
    brief = read_brief(TEXT, source="b.yaml", folder=tmp_path, known=installed())
    Image.fromarray(disc(5)).save(tmp_path / "pear.png")
    with pytest.raises(InputError, match="has changed since"):
        store_controls(storage, brief)


def test_a_kept_image_that_is_gone_or_another_is_an_error(tmp_path, storage):
    shapes(tmp_path)
    brief = read_brief(TEXT, source="b.yaml", folder=tmp_path, known=installed())
    store_controls(storage, brief)
    assert brief.control is not None
    sha256 = brief.control.images["pear.png"].sha256
    Image.fromarray(disc(5)).save(str(storage.path(control_path(sha256))))
    with pytest.raises(StorageError, match="its pixels have another hash"):
        stored_control(storage, sha256)
    storage.delete(control_path(sha256))
    with pytest.raises(StorageError):
        stored_control(storage, sha256)
