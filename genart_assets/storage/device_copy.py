"""Copies tensors off the device while it computes the next micro-batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

Tensors = Mapping[str, "torch.Tensor"]


def copied(tensors: Tensors) -> tuple[dict[str, torch.Tensor], Callable[[], dict[str, torch.Tensor]]]:
    """A contiguous copy on the same device, and a function that waits for one in host memory.

    The stage may reuse its own tensors at once. On CUDA both copies are queued, the second on a side stream into pinned
    memory, and this returns without waiting. On the CPU the two copies are one.
    """
    import torch

    own = {name: t.detach().clone(memory_format=torch.contiguous_format) for name, t in tensors.items()}
    devices = {t.device for t in own.values() if t.device.type == "cuda"}
    if not devices:
        return own, lambda: {name: t.cpu() for name, t in own.items()}
    host: dict[str, torch.Tensor] = {name: t for name, t in own.items() if t.device.type == "cpu"}
    arrivals: list[torch.Event] = []
    for device in devices:
        side = torch.cuda.Stream(device)
        side.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(side):
            for name, t in own.items():
                if t.device == device:
                    host[name] = torch.empty(t.shape, dtype=t.dtype, pin_memory=True).copy_(t, non_blocking=True)
                    t.record_stream(side)
            arrivals.append(side.record_event())

    def arrive() -> dict[str, torch.Tensor]:
        for arrival in arrivals:
            arrival.synchronize()
        return host

    return own, arrive
