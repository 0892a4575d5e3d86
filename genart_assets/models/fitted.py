"""Small tensors that were fitted on a CLIP model's embeddings: a directory of safetensors and a config.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError

from genart_assets.errors import ModelError
from genart_assets.models.registry import model_files
from genart_assets.records.base import Record, sha256_hex
from genart_assets.storage.new_folder import fill_folder

Tensors = Mapping[str, npt.NDArray[np.float32]]
CONFIG = "config.json"


class FittedConfig(Record):
    """What any fitted tensors must say of themselves."""

    clip_snapshot: str = Field(description="snapshot id of the CLIP model whose embeddings they were fitted on")
    dim: Annotated[int, Field(ge=1, description="length of that model's embeddings")]


Config = TypeVar("Config", bound=FittedConfig)


def save_fitted(folder: Path, file: str, config: FittedConfig, tensors: Tensors) -> None:
    """Write ``file`` and config.json into a directory, durably, the config last.

    Raises:
        InputError: the directory holds other ones already. StorageError: the disk refuses.
    """
    from safetensors.numpy import save

    data = save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    fill_folder(folder, {file: data, CONFIG: config.canonical().encode()})


def read_fitted(folder: Path, file: str, config_type: type[Config], clip_snapshot: str) -> tuple[Config, Tensors, str]:
    """The config, the tensors as float32, and the SHA-256 of both.

    Raises:
        ModelError: a file is missing, damaged, or could run code; or they were fitted on another CLIP model.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    model_files(folder)
    try:
        config = config_type.model_validate_json((folder / CONFIG).read_bytes())
        data = (folder / file).read_bytes()
        loaded = load(data)
    except (OSError, ValidationError, SafetensorError, TypeError, KeyError) as error:
        raise ModelError(
            f"{folder} holds no readable {file} and {CONFIG}: {error}",
            remedy="give a directory that holds both, as save_head or save_house_style writes them",
        ) from error
    if config.clip_snapshot != clip_snapshot:
        raise ModelError(
            f"{folder} was fitted on CLIP snapshot {config.clip_snapshot[:12]}, the brief's is {clip_snapshot[:12]}",
            remedy="give the brief that CLIP model as style_guide.clip_model, or fit on the embeddings of this one",
        )
    tensors = {name: tensor.astype(np.float32) for name, tensor in loaded.items()}
    if not all(np.isfinite(tensor).all() for tensor in tensors.values()):
        raise ModelError(f"{folder / file} holds values that are not finite", remedy="fit it again")
    return config, tensors, sha256_hex(f"{config.canonical()}\n{sha256_hex(data)}")


def require_shape(folder: Path, tensors: Tensors, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """The tensor ``name``.

    Raises:
        ModelError: there is none, or it has another shape.
    """
    found = tensors[name].shape if name in tensors else "missing"
    if found != shape:
        raise ModelError(
            f"{folder}: tensor {name} is {found}, {shape} is wanted", remedy=f"correct the tensors, or {CONFIG}"
        )
    return tensors[name]
