from pathlib import Path

import dagster as dg
import pytest

from genart_assets.defs.resources.storage import StorageResource, storage_root


def test_the_root_is_given_or_taken_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENART_HOME", str(tmp_path))
    monkeypatch.delenv("GENART_STORAGE", raising=False)
    assert storage_root() == str(tmp_path / "storage")
    assert StorageResource().storage.root == str(tmp_path / "storage")
    monkeypatch.setenv("GENART_STORAGE", str(tmp_path / "elsewhere"))
    assert StorageResource().storage.root == str(tmp_path / "elsewhere")
    assert StorageResource(root=str(tmp_path / "given")).storage.root == str(tmp_path / "given")


def test_the_root_may_be_in_s3(moto_root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENART_STORAGE", moto_root)
    assert StorageResource().storage.root == moto_root


def test_an_asset_gets_the_storage(root: str) -> None:
    @dg.asset
    def marker(store: StorageResource) -> None:
        store.storage.write_once("marker", b"1")

    store = StorageResource(root=root)
    assert dg.materialize([marker], resources={"store": store}).success
    assert store.storage.read("marker") == b"1"
