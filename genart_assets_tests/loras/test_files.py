"""A brief that names a style's LoRA gets the version's own file, whatever is promoted later."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from genart_assets.errors import InputError, ModelError
from genart_assets.loras.files import locate, located_snapshot
from genart_assets.loras.versions import add_candidate, promote, veto
from genart_assets.models.loras import USUAL_NAME, find_lora
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief, LoraUse
from genart_assets.stages.acceptance.frozen import freeze_adapters
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.storage.root import Storage
from genart_assets_tests.loras.test_versions import record_of
from genart_assets_tests.models.tiny_loras import random_lora
from genart_assets_tests.storage.roots import moto_address, moto_root, root, storage

__all__ = ["moto_address", "moto_root", "root", "storage"]
BY = {"by": "ada", "time": datetime(2026, 1, 1, tzinfo=UTC)}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("loras")
    return [(random_lora(folder / str(seed), seed, rank=2) / USUAL_NAME).read_bytes() for seed in (1, 2)]


@pytest.fixture(autouse=True)
def _home(storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GENART_STORAGE", storage.root)


def added(storage: Storage, weights: bytes, base: str | None = None) -> str:
    record = record_of(weights, base or take_snapshot("starter").snapshot_id)
    return add_candidate(storage, "house", weights, record, **BY).version


def brief(version: str) -> Brief:
    return Brief(brief="icons", prompt="icon", loras=(LoraUse(name="house", version=version),))


def test_promoted_is_frozen_as_the_version_that_it_was(storage: Storage, weights: list[bytes]) -> None:
    first, second = (added(storage, one) for one in weights)
    promote(storage, "house", first, **BY)
    assert check_model(brief("promoted"), storage) == []
    frozen = freeze_adapters(brief("promoted"), storage)
    promote(storage, "house", second, **BY)
    (use,) = frozen.loras
    assert use.version == first
    assert locate(storage, "house", use.version).read_bytes() == weights[0]
    assert use.snapshot == located_snapshot(storage, "house", first).snapshot_id
    assert freeze_adapters(brief("promoted"), storage).brief_hash != frozen.brief_hash
    kept = located_snapshot(storage, "house", first)
    assert locate(storage, kept.name).read_bytes() == weights[0]
    assert located_snapshot(storage, kept.name) == kept
    assert kept.licence == "Apache License"


def test_a_style_without_that_version_is_refused(storage: Storage, weights: list[bytes]) -> None:
    version = added(storage, weights[0])
    for wanted in ("promoted", "0" * 12):
        ((field, told),) = check_model(brief(wanted), storage)
        assert field == "loras.0.name"
        assert f"style house has no version '{wanted}'; use one of {version}" in told


def test_a_version_of_another_base_is_refused(storage: Storage, weights: list[bytes]) -> None:
    version = added(storage, weights[0], base="6" * 64)
    ((_, told),) = check_model(brief(version), storage)
    assert "fits starter of snapshot 666666666666" in told


def test_a_vetoed_version_is_refused_for_new_briefs_and_still_found_for_old_ones(
    storage: Storage, weights: list[bytes]
) -> None:
    version = added(storage, weights[0])
    veto(storage, "house", version, **BY)
    ((_, told),) = check_model(brief(version), storage)
    assert "is vetoed" in told
    assert locate(storage, "house", version).read_bytes() == weights[0]


def test_weights_that_changed_in_the_storage_are_never_loaded(storage: Storage, weights: list[bytes]) -> None:
    version = added(storage, weights[0])
    storage.replace(f"style_loras/house/versions/{version}/{USUAL_NAME}", weights[1])
    with pytest.raises(ModelError, match="the hash differs"):
        locate(storage, "house", version)


def test_the_storage_that_is_handed_in_counts_not_the_one_of_the_environment(
    storage: Storage, weights: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = added(storage, weights[0])
    monkeypatch.setenv("GENART_STORAGE", str(tmp_path / "another"))
    assert check_model(brief(version), storage) == []
    assert freeze_adapters(brief(version), storage).loras[0].version == version
    assert locate(storage, "house", version).read_bytes() == weights[0]


def test_without_a_storage_a_version_is_refused() -> None:
    ((field, told),) = check_model(brief("promoted"))
    assert (field, "cannot be found without a storage" in told) == ("loras.0.name", True)


def test_a_name_that_is_none_tells_what_is_allowed() -> None:
    with pytest.raises(InputError, match="there is no LoRA 'hause'") as error:
        find_lora("hause")
    assert "the name of a style with its version" in error.value.remedy
