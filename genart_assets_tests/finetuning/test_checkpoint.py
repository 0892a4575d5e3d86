"""A kill at any moment of saving leaves one whole checkpoint."""

from __future__ import annotations

import pytest
import torch

from genart_assets.errors import StorageError
from genart_assets.finetuning.checkpoint import STATE, Checkpoints, Run
from genart_assets.storage.root import Storage

RUN = Run(base_snapshot="5" * 64, training_set="7" * 64, config="9" * 64, device="cpu", processes=1)


def tensors(value: float) -> dict[str, torch.Tensor]:
    return {"mid.to_q/weight": torch.full((2, 3), value), "mid.to_q/step": torch.tensor(value)}


@pytest.fixture
def kept(tmp_path) -> Checkpoints:
    return Checkpoints(tmp_path, RUN)


def test_the_last_one_counts_and_the_others_go(kept, tmp_path) -> None:
    assert kept.load() is None
    kept.save(5, tensors(0.5), [1.0] * 5, [])
    kept.save(10, tensors(0.25), [1.0] * 10, [])
    state, held = kept.load()
    assert (state.step, len(state.denoising)) == (10, 10)
    assert torch.equal(held["mid.to_q/weight"], tensors(0.25)["mid.to_q/weight"])
    assert len(list((tmp_path / "tensors").iterdir())) == 1


class Killed(BaseException):
    pass


@pytest.mark.parametrize("moment", ["write_once", "replace", "delete"])
def test_a_kill_while_it_saves_loses_one_interval_at_most(kept, monkeypatch, moment) -> None:
    kept.save(5, tensors(0.5), [1.0] * 5, [])

    def killed(*_) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Storage, moment, killed)
        with pytest.raises(Killed):
            kept.save(10, tensors(0.25), [1.0] * 10, [])
    state, held = kept.load()
    assert state.step == (10 if moment == "delete" else 5)
    assert float(held["mid.to_q/step"]) == (0.25 if moment == "delete" else 0.5)
    kept.save(10, tensors(0.25), [1.0] * 10, [])
    assert kept.load()[0].step == 10


def test_damage_is_named(kept, tmp_path) -> None:
    kept.save(5, tensors(0.5), [1.0] * 5, [])
    (tmp_path / STATE).write_text("{}")
    with pytest.raises(StorageError, match=r"checkpoint.json is damaged"):
        kept.load()
