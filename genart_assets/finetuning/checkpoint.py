"""Stores the state of a fine-tune durably, so that a killed run resumes and ends in the same weights."""

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
    """What must be the same for a run to resume from a checkpoint."""

    base_snapshot: str
    training_set: str
    config: str = Field(description="digest of the config")
    device: str = Field(description="hardware class")
    processes: int


class CheckpointState(Record):
    """The state after a step; random numbers need no state, since each step seeds them with the seed and its number."""

    run: Run
    step: int = Field(ge=0, description="steps done")
    denoising: tuple[float, ...] = Field(description="denoising loss of each step")
    preference: tuple[float, ...] = Field(description="preference loss of each step; empty without pairs")
    tensors: str = Field(description="name of the file with weights, averages and the optimiser's moments")
    sha256: str = Field(description="hash of that file")


class Checkpoints:
    """The last checkpoint of one run, in its own directory.

    Tensors are written to a new file; then a state that names the file replaces the previous state. So a kill at any
    moment leaves one complete checkpoint.
    """

    def __init__(self, folder: Path, run: Run) -> None:
        self._storage = Storage.open(str(folder))
        self._run = run

    def save(
        self, step: int, tensors: Mapping[str, torch.Tensor], denoising: Sequence[float], preference: Sequence[float]
    ) -> None:
        """Store a checkpoint, durably, and remove the previous one.

        Raises:
            StorageError: the disk refuses to store it.
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
        """The last checkpoint, its tensors on the CPU; None if there is none.

        Raises:
            InputError: it belongs to another run. StorageError: it is damaged.
        """
        from safetensors.torch import load

        if not self._storage.exists(STATE):
            return None
        place = f"{self._storage.root}/{STATE}"
        state = read_record(self._storage, STATE, CheckpointState, remedy=f"remove {self._storage.root} to start again")
        held, ours = state.run.model_dump(), self._run.model_dump()
        other = [f"{name} {held[name]!r} instead of {ours[name]!r}" for name in held if held[name] != ours[name]]
        if other:
            raise InputError(
                f"{place} belongs to another run: {', '.join(other)}",
                remedy=f"remove {self._storage.root} to start again, or repeat the settings of that run",
            )
        data = self._storage.read(f"{_TENSORS}/{state.tensors}")
        if sha256_hex(data) != state.sha256:
            raise StorageError(
                f"{self._storage.root}/{_TENSORS}/{state.tensors} is damaged: its hash differs",
                remedy=f"remove {self._storage.root} to start again",
            )
        return state, load(data)
