"""The execution environment, captured once a process and stored once under its hash."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from pydantic import Field

from genart_assets.models.device import DeviceClass, kernel_flags
from genart_assets.records.base import Record, sha256_hex
from genart_assets.storage.records import read_record

if TYPE_CHECKING:
    from genart_assets.storage.root import Storage

KERNEL_VARIABLES = ("MKL_CBWR", "ONEDNN_MAX_CPU_ISA")
"""Environment variables that make MKL and oneDNN choose other kernels."""


class Environment(Record):
    """The machine and the software that an image was made with."""

    device_class: str
    device: str = Field(description="device name as the driver gives it")
    driver: str = Field(description="CUDA runtime and cuDNN, or empty on a CPU")
    cpu: str
    os: str
    python: str
    kernel_flags: dict[str, str]
    packages: dict[str, str] = Field(description="every installed distribution and its version")

    @property
    def environment_id(self) -> str:
        return sha256_hex(self.canonical())


@cache
def capture_environment(device_class: DeviceClass) -> Environment:
    """The environment of this process."""
    import torch

    on_cuda = device_class.device == "cuda"
    return Environment(
        device_class=device_class.name,
        device=torch.cuda.get_device_name() if on_cuda else _cpu_model(),
        driver=f"CUDA {torch.version.cuda}, cuDNN {torch.backends.cudnn.version()}" if on_cuda else "",
        cpu=_cpu_model(),
        os=platform.platform(),
        python=platform.python_version(),
        kernel_flags=kernel_flags() | {name: os.environ[name] for name in KERNEL_VARIABLES if name in os.environ},
        packages={d.metadata["Name"].lower(): d.version for d in distributions()},
    )


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            names = (line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
            return next(names, platform.processor())
    except FileNotFoundError:
        return platform.processor()


def store_environment(storage: Storage, device_class: DeviceClass) -> str:
    """Stores this process's environment as ``environments/{id}.json``, once, and gives its id."""
    environment = capture_environment(device_class)
    storage.write_once(f"environments/{environment.environment_id}.json", environment.canonical().encode())
    return environment.environment_id


def stored_environment(storage: Storage, environment_id: str) -> Environment | None:
    """The environment with an id; None where none was kept.

    Raises:
        StorageError: its file is damaged.
    """
    path = f"environments/{environment_id}.json"
    if not storage.exists(path):
        return None
    return read_record(storage, path, Environment, remedy="restore the file from a backup")


def changes_between(then: Environment, now: Environment) -> list[str]:
    """What differs, one line a difference: ``package torch: 2.13.0, now 2.14.1``."""
    before, after = _flat(then), _flat(now)
    return [
        f"{name}: {before.get(name, 'absent')}, now {after.get(name, 'absent')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _flat(environment: Environment) -> dict[str, str]:
    fields = environment.model_dump(exclude={"kernel_flags", "packages"})
    flags = {f"kernel flag {name}": value for name, value in environment.kernel_flags.items()}
    return {**fields, **flags, **{f"package {name}": value for name, value in environment.packages.items()}}
