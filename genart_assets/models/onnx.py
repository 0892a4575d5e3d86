"""ONNX models that other packages ship, run by onnxruntime on the CPU; the packages' own code is not imported."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from genart_assets.errors import ModelError
from genart_assets.models.device import device_class

Tensor = npt.NDArray[np.float32]


def missing_package(package: str, extra: str) -> str:
    """What is missing of the package and onnxruntime, and what to install; empty where both are there."""
    missing = [name for name in (package, "onnxruntime") if find_spec(name) is None]
    verb = "is" if len(missing) == 1 else "are"
    return f"{' and '.join(missing)} {verb} not installed; {install(extra)}" if missing else ""


def install(extra: str) -> str:
    return f"pip install 'genart-assets[{extra}]'"


class OnnxModel:
    """One model of fixed threads: the bits of a call depend on its input and the hardware class."""

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._input: str = self._session.get_inputs()[0].name

    def run(self, values: Tensor) -> Tensor:
        """The first output for one input, both without a batch axis."""
        return self._session.run(None, {self._input: values[np.newaxis]})[0][0]

    @property
    def metadata(self) -> dict[str, str]:
        return dict(self._session.get_modelmeta().custom_metadata_map)


def load_onnx(package: str, file: str, extra: str) -> OnnxModel:
    """The model ``file`` of an installed package, loaded once for the life of the process.

    Raises:
        ModelError: the package or onnxruntime is not installed, or the package has no such file.
    """
    if missing := missing_package(package, extra):
        raise ModelError(missing.removesuffix(f"; {install(extra)}"), remedy=install(extra))
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = [path for folder in folders if (path := Path(folder) / file).is_file()]
    if not found:
        raise ModelError(
            f"{package} {version(package)} has no {file}", remedy=f"{install(extra)}, in a new environment"
        )
    return _loaded(found[0], device_class().threads)


@cache
def _loaded(path: Path, threads: int) -> OnnxModel:
    return OnnxModel(path, threads)
