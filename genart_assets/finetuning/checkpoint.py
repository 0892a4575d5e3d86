"""Where a fine-tune stands, durably: a run that was killed goes on from there and ends in the same weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from genart_assets.errors import InputError, StorageError
from genart_assets.records.base import Record, sha256_hex
from genart_assets.storage.records import read_record
from genart_assets.storage.root import Storage

if TYPE_CHECKING:
    import torch

STATE = "checkpoint.json"
_TENSORS = "tensors"


class Run(Record):
    """What must be the same for a run to go on from a checkpoint."""

    base_snapshot: str
    training_set: str
    config: str = Field(description="digest")
    device: str = Field(description="hardware class")
    processes: int


class CheckpointState(Record):
    """The step fixes the position of chance: each step draws from a generator of the seed and its own number."""

    run: Run
    step: int = Field(ge=0, description="steps done")
    denoising: tuple[float, ...] = Field(description="loss of each step")
    preference: tuple[float, ...] = Field(description="loss of each step; empty without pairs")
    tensors: str = Field(description="file of weights, averages and the optimiser's moments")
    sha256: str = Field(description="of that file")


class Checkpoints:
    """The last checkpoint of one run in a directory of its own.

    Tensors are written under a name of their own; then the state that names them takes the place of the one before. So
    a kill at any moment leaves one whole checkpoint.
    """

    def __init__(self, folder: Path, run: Run) -> None:
        self._storage = Storage.open(str(folder))
        self._run = run

    def save(
        self, step: int, tensors: Mapping[str, torch.Tensor], denoising: Sequence[float], preference: Sequence[float]
    ) -> None:
        """Durable when it returns; the one before is removed.

        Raises:
            StorageError: the disk refuses.
        """
        from safetensors.torch import save

        data = save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})
        sha256 = sha256_hex(data)
        file = f"step-{step:07d}-{sha256[:12]}.safetensors"
        self._storage.write_once(f"{_TENSORS}/{file}", data)
        state = CheckpointState(
            run=self._run,
            step=step,
            denoising=tuple(denoising),
            preference=tuple(preference),
            tensors=file,
            sha256=sha256,
        )
        self._storage.replace(STATE, state.canonical().encode())
        for old in self._storage.names(_TENSORS):
            if old != file:
                self._storage.delete(f"{_TENSORS}/{old}")

    def load(self) -> tuple[CheckpointState, dict[str, torch.Tensor]] | None:
        """The last checkpoint, its tensors on the CPU; None where there is none.

        Raises:
            InputError: it is of another run. StorageError: it is damaged.
        """
        from safetensors.torch import load

        if not self._storage.exists(STATE):
            return None
        place = f"{self._storage.root}/{STATE}"
        state = read_record(self._storage, STATE, CheckpointState, remedy=f"remove {self._storage.root}")
        held, ours = state.run.model_dump(), self._run.model_dump()
        other = [f"{name} {held[name]!r} instead of {ours[name]!r}" for name in held if held[name] != ours[name]]
        if other:
            raise InputError(
                f"{place} is of another run: {', '.join(other)}",
                remedy=f"remove {self._storage.root} to begin anew, or give what that run was given",
            )
        data = self._storage.read(f"{_TENSORS}/{state.tensors}")
        if sha256_hex(data) != state.sha256:
            raise StorageError(
                f"{self._storage.root}/{_TENSORS}/{state.tensors} is damaged: its hash differs",
                remedy=f"remove {self._storage.root} to begin anew",
            )
        return state, load(data)
