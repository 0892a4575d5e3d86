"""One micro-batch of tensors as a safetensors file that tells its own row ids and failures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import JsonValue

from genart_assets.errors import GenartError
from genart_assets.storage.parts import Contents

if TYPE_CHECKING:
    import torch

SUFFIX = ".safetensors"
_KEY = "genart"  # one key only: safetensors writes several in random order


def layout_of(tensors: dict[str, torch.Tensor], rows: int) -> JsonValue:
    """dtype and row shape of each tensor ``[rows, …]``; None without rows."""
    if rows == 0:
        return None
    for name, t in tensors.items():
        if t.ndim == 0 or t.shape[0] != rows:
            raise GenartError(f"tensor {name!r} has shape {list(t.shape)}, but there are {rows} rows")
    return {
        name: {"dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape[1:])}
        for name, t in sorted(tensors.items())
    }


def encode_shard(contents: Contents, tensors: dict[str, torch.Tensor]) -> bytes:
    from safetensors.torch import save

    return save(tensors if contents.ids else {}, metadata={_KEY: contents.canonical()})


def decode_shard(data: bytes) -> dict[str, torch.Tensor]:
    from safetensors.torch import load

    return load(data)


def describe_shard(data: bytes) -> Contents:
    """What the header says: nothing else of the file is looked at."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    return Contents.model_validate_json(header["__metadata__"][_KEY])
