"""The processes that fine-tune together, as ``torchrun`` or ``accelerate launch`` starts them; alone without either."""

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
    """This one among ``world``; each takes every ``world``-th row of a step."""

    rank: int = 0
    world: int = 1

    @property
    def leads(self) -> bool:
        """Whether this one writes files and talks."""
        return self.rank == 0

    def average(self, gradients: Sequence[torch.Tensor], numbers: Sequence[float]) -> list[float]:
        """Replace gradients by their mean over all processes, in place; the mean of each of ``numbers``.

        One exchange: all that a step must agree on travels together.
        """
        if self.world == 1:
            return list(numbers)
        import torch
        import torch.distributed as dist

        told = torch.tensor(list(numbers), dtype=torch.float32, device=gradients[0].device)
        flat = torch.cat([*(gradient.reshape(-1) for gradient in gradients), told])
        dist.all_reduce(flat)
        flat /= self.world
        first = 0
        for gradient in gradients:
            gradient.copy_(flat[first : first + gradient.numel()].view_as(gradient))
            first += gradient.numel()
        return flat[first:].tolist()

    def require_same(self, done: int, device: torch.device) -> None:
        """Refuse to go on where the processes do not stand after the same step.

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
                f"the processes stand after steps {first} to {last}: they found different checkpoints",
                remedy="give the checkpoints a directory that all processes share, or remove them to begin anew",
            )


@contextmanager
def joined_processes(device: str) -> Generator[Processes]:
    """Join the others that the launcher's environment (``WORLD_SIZE``, ``RANK``, ``MASTER_ADDR``) tells of.

    NCCL on CUDA, where each process has the device of its ``LOCAL_RANK``; gloo on CPUs.

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
            f"the {world} processes of this fine-tune do not find each other: {error}",
            remedy="start them with torchrun or accelerate launch, or unset WORLD_SIZE to train alone",
        ) from error
    try:
        yield Processes(rank=dist.get_rank(), world=world)
    finally:
        dist.destroy_process_group()
