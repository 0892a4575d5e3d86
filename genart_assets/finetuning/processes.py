"""Joins the processes that ``torchrun`` or ``accelerate launch`` starts; without either, one process trains alone."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genart_assets.errors import TrainingError

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Processes:
    """This process among ``world`` processes; each takes every ``world``-th row of a step."""

    rank: int = 0
    world: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes files and output."""
        return self.rank == 0

    def average(self, gradients: Sequence[torch.Tensor], numbers: Sequence[float]) -> list[float]:
        """Replace gradients by their mean over all processes, in place; return the mean of each of ``numbers``.

        Everything that a step must agree on travels in one exchange.
        """
        if self.world == 1:
            return list(numbers)
        import torch
        import torch.distributed as dist

        values = torch.tensor(list(numbers), dtype=torch.float32, device=gradients[0].device)
        flat = torch.cat([*(gradient.reshape(-1) for gradient in gradients), values])
        dist.all_reduce(flat)
        flat /= self.world
        first = 0
        for gradient in gradients:
            gradient.copy_(flat[first : first + gradient.numel()].view_as(gradient))
            first += gradient.numel()
        return flat[first:].tolist()

    def require_same(self, done: int, device: torch.device) -> None:
        """Refuse to continue if the processes are not at the same step.

        Raises:
            TrainingError: their last checkpoints differ.
        """
        if self.world == 1:
            return
        import torch
        import torch.distributed as dist

        most = torch.tensor([done, -done], dtype=torch.int64, device=device)
        dist.all_reduce(most, dist.ReduceOp.MAX)
        last, first = int(most[0]), -int(most[1])
        if first != last:
            raise TrainingError(
                f"the processes are at steps {first} to {last}: they found different checkpoints",
                remedy="store the checkpoints in a directory that all processes share, or remove them to start again",
            )


@contextmanager
def joined_processes(device: str) -> Generator[Processes]:
    """Join the other processes that the launcher's environment (``WORLD_SIZE``, ``RANK``, ``MASTER_ADDR``) names.

    They use NCCL on CUDA, where each process has the device of its ``LOCAL_RANK``, and gloo on CPUs.

    Raises:
        TrainingError: the environment is incomplete, or the others cannot be reached.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Processes()
        return
    import torch
    import torch.distributed as dist

    if device == "cuda":
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    try:
        dist.init_process_group("nccl" if device == "cuda" else "gloo")
    except (ValueError, RuntimeError) as error:
        raise TrainingError(
            f"the {world} processes of this fine-tune cannot find each other: {error}",
            remedy="start them with torchrun or accelerate launch, or unset WORLD_SIZE to train alone",
        ) from error
    try:
        yield Processes(rank=dist.get_rank(), world=world)
    finally:
        dist.destroy_process_group()
