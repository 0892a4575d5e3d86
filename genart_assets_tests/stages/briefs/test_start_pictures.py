"""Start pictures and masks are kept once, by their pixels, and read back as they were or not at all."""

import numpy as np
import pytest
from PIL import Image

from genart_assets.errors import InputError, StorageError
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.briefs.start_pictures import start_path, store_starts, stored_start
from genart_assets.storage.root import Storage
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.models.tiny_controls import disc

TEXT = """brief: redrawn
prompt: "a {subject}"
vary: {subject: [pear, plum]}
start: {image: "{subject}.png", mask: "hole.png", strength: 0.5}
"""


@pytest.fixture
def storage(tmp_path):
    return Storage.open(str(tmp_path / "storage"))


@pytest.fixture
def brief(tmp_path):
    for k, subject in enumerate(("pear", "plum")):
        icon(k, (128, 128)).save(tmp_path / f"{subject}.png")
    Image.fromarray(disc(20)).convert("L").save(tmp_path / "hole.png")
    return read_brief(TEXT, source="b.yaml", folder=tmp_path, known=installed())


def test_they_are_kept_as_they_were_prepared(tmp_path, storage, brief):
    store_starts(storage, brief)
    assert len(list((tmp_path / "storage" / "starts").rglob("*.png"))) == 3
    assert np.array_equal(stored_start(storage, brief.start.masks["hole.png"].sha256), disc(20))
    hashes = [brief.start.images[f"{subject}.png"].sha256 for subject in ("pear", "plum")]
    assert len(set(hashes)) == 2
    assert stored_start(storage, hashes[0]).shape == (64, 64, 3)
    for path in tmp_path.glob("*.png"):
        path.unlink()
    store_starts(storage, brief)  # what is kept needs its file no more


@pytest.mark.parametrize("name", ["pear.png", "hole.png"])
def test_one_that_changes_before_it_is_kept_is_refused(tmp_path, storage, brief, name):
    Image.fromarray(disc(5)).save(tmp_path / name)
    with pytest.raises(InputError, match=f"{name} has changed since"):
        store_starts(storage, brief)


def test_one_that_is_gone_or_another_is_an_error(storage, brief):
    store_starts(storage, brief)
    sha256 = brief.start.images["pear.png"].sha256
    Image.fromarray(disc(5)).save(str(storage.path(start_path(sha256))))
    with pytest.raises(StorageError, match="its pixels have another hash"):
        stored_start(storage, sha256)
    storage.delete(start_path(sha256))
    with pytest.raises(StorageError):
        stored_start(storage, sha256)
