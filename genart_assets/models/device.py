"""Where a model runs, in which precision, with which kernels: the hardware class that an image's bits belong to."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from genart_assets.errors import InputError

if TYPE_CHECKING:
    import torch

DTYPES = ("float32", "bfloat16", "float16")
MOST_CPU_THREADS = 16


@dataclass(frozen=True)
class DeviceClass:
    """Machines of one class give the same bits for the same recipe; between classes only a distance is reported."""

    device: str
    """torch device type: ``cpu`` or ``cuda``."""
    hardware: str
    """GPU model with compute capability, or CPU architecture with the widest vector instructions in use."""
    dtype: str
    """Precision of the diffusion model and the decoder."""
    threads: int
    """CPU threads inside one operator; another number gives other bits."""

    @property
    def name(self) -> str:
        return f"{self.device}/{self.hardware}/{self.dtype}/{self.threads} threads"

    @property
    def torch_dtype(self) -> torch.dtype:
        import torch

        return {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}[self.dtype]


def _threads() -> int:
    given = os.environ.get("GENART_THREADS", "")
    if not given:
        return min(
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST_CPU_THREADS
        )
    if not given.isdecimal() or int(given) < 1:
        raise InputError(f"GENART_THREADS is {given!r}", remedy="give a whole number from 1, or unset it")
    return int(given)


@cache
def device_class() -> DeviceClass:
    """The class of this machine, fixed for the life of the process; kernels are set to deterministic ones.

    ``GENART_DEVICE`` (cpu, cuda), ``GENART_DTYPE`` (float32, bfloat16, float16) and ``GENART_THREADS`` choose another.
    By default a CUDA device is taken where there is one, in bfloat16 where it can and float16 where not; a CPU computes
    in float32.

    Raises:
        InputError: one of the variables holds something else, or asks for a device that is not there.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    import torch

    device = os.environ.get("GENART_DEVICE") or ("cuda" if torch.cuda.is_available() else "cpu")
    if device not in ("cpu", "cuda") or (device == "cuda" and not torch.cuda.is_available()):
        raise InputError(
            f"GENART_DEVICE is {device!r}, which is not here", remedy="use cpu, or cuda on a machine with a CUDA GPU"
        )
    if device == "cuda":
        major, minor = torch.cuda.get_device_capability()
        hardware = f"{torch.cuda.get_device_name()} sm{major}{minor}"
        dtype = "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    else:
        hardware = f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"
        dtype = "float32"
    dtype = os.environ.get("GENART_DTYPE") or dtype
    if dtype not in DTYPES:
        raise InputError(f"GENART_DTYPE is {dtype!r}", remedy=f"use one of {', '.join(DTYPES)}")
    found = DeviceClass(device=device, hardware=hardware, dtype=dtype, threads=_threads())
    _fix_kernels(found)
    return found


def _fix_kernels(chosen: DeviceClass) -> None:
    import torch

    torch.set_num_threads(chosen.threads)
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    torch.set_float32_matmul_precision("highest")


def kernel_flags() -> dict[str, str]:
    """The switches that change which kernels run, as they are set now."""
    import torch

    return {
        "deterministic_algorithms": str(torch.are_deterministic_algorithms_enabled()),
        "cudnn_benchmark": str(torch.backends.cudnn.benchmark),
        "float32_matmul_precision": torch.get_float32_matmul_precision(),
        "cublas_workspace": os.environ.get("CUBLAS_WORKSPACE_CONFIG", ""),
        "mkldnn": str(torch.backends.mkldnn.is_available()),
        "threads": str(torch.get_num_threads()),
    }
