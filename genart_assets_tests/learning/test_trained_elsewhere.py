"""A LoRA from elsewhere is taken if it is whole, of the style's base, and of a training set of the style."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import InputError, ModelError
from genart_assets.finetuning.finetune_lora import Finetuned, finetune_lora
from genart_assets.finetuning.folder import LORA
from genart_assets.learning.trained_elsewhere import trained_elsewhere
from genart_assets.loras.folder import WEIGHTS, save_lora
from genart_assets.models.loading import load_model
from genart_assets.storage.root import Storage
from genart_assets_tests.finetuning.sets import QUICK, small_data


@pytest.fixture(scope="module")
def found() -> Finetuned:
    return finetune_lora(load_model("starter"), small_data(2), QUICK.model_copy(update={"steps": 1}))


@pytest.fixture
def folder(tmp_path: Path, found: Finetuned) -> Path:
    save_lora(tmp_path / LORA, found.weights, found.record)
    return tmp_path


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path / "storage"))


def test_another_base_is_refused(folder: Path, storage: Storage) -> None:
    other = load_model("starter").snapshot.model_copy(update={"snapshot_id": "0" * 64})
    with pytest.raises(ModelError, match="but starter is 000000000000"):
        trained_elsewhere(folder, storage, "house", other)


def test_a_training_set_of_nobody_is_refused(folder: Path, storage: Storage) -> None:
    with pytest.raises(InputError, match="which is not a set of house"):
        trained_elsewhere(folder, storage, "house", load_model("starter").snapshot)


def test_weights_that_changed_on_the_way_are_refused(folder: Path, storage: Storage) -> None:
    file = folder / LORA / WEIGHTS
    file.write_bytes(file.read_bytes()[:-4] + b"\0\0\0\1")
    with pytest.raises(ModelError, match="the hash differs"):
        trained_elsewhere(folder, storage, "house", load_model("starter").snapshot)


def test_a_directory_without_a_lora_is_refused(tmp_path: Path, storage: Storage) -> None:
    with pytest.raises(ModelError, match="does not hold a readable"):
        trained_elsewhere(tmp_path, storage, "house", load_model("starter").snapshot)
