"""The CLIP critic model: embeddings of pictures and of texts in one space.

CLIP (Radford et al., 2021) or SigLIP (Zhai et al., 2023; its second release in fixed sizes too), told by config.json.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from genart_assets.errors import ModelError
from genart_assets.models.busy import model_call
from genart_assets.models.device import DeviceClass, device_class
from genart_assets.models.microbatch import chunks, pad_tensor, padded
from genart_assets.models.quiet import quiet_libraries
from genart_assets.models.registry import find_model
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.starter.shipped import SHIPPED_CLIP

ROWS = 16
"""Fixed rows of a call: a row's embedding does not depend on its neighbours."""
Kind = Literal["clip", "siglip"]
Pictures = Sequence[npt.NDArray[np.uint8]] | npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """A ``CLIPModel`` or ``SiglipModel`` with its tokenizer and image processor, in float32 on its device."""

    snapshot: ModelSnapshot
    device_class: DeviceClass
    kind: Kind
    model: Any
    tokenizer: Any
    processor: Any

    def embed_images(self, pixels: Pictures) -> npt.NDArray[np.float32]:
        """sRGB pictures ``uint8 [height, width, 3]`` to embeddings ``float32 [n, d]`` of length 1, or not finite."""
        import torch

        found: list[torch.Tensor] = []
        for rows in chunks(list(pixels), ROWS):
            with torch.inference_mode(), model_call("critic"):
                values = self.processor(rows, return_tensors="pt", input_data_format="channels_last")["pixel_values"]
                full = pad_tensor(values, ROWS).to(self.model.device)
                pooled = self.model.vision_model(pixel_values=full).pooler_output
                found.append(self._projected(pooled, "visual_projection")[: len(rows)].float().cpu())
        return _normalised(found, self.width)

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Texts to embeddings ``float32 [n, d]`` of length 1; what is longer than the model's context is cut."""
        import torch

        found: list[torch.Tensor] = []
        context = self.model.config.text_config.max_position_embeddings
        for rows in chunks(texts, ROWS):
            with torch.inference_mode(), model_call("critic"):
                tokens = self.tokenizer(
                    padded(rows, ROWS), padding="max_length", max_length=context, truncation=True, return_tensors="pt"
                ).to(self.model.device)
                if self.kind == "siglip":  # it was trained on padding that is read like any token
                    tokens = {"input_ids": tokens["input_ids"]}
                pooled = self.model.text_model(**tokens).pooler_output
                found.append(self._projected(pooled, "text_projection")[: len(rows)].float().cpu())
        return _normalised(found, self.width)

    @property
    def width(self) -> int:
        """Numbers of an embedding."""
        config = self.model.config
        return config.projection_dim if self.kind == "clip" else config.vision_config.hidden_size

    def _projected(self, pooled: Any, projection: str) -> Any:
        """CLIP projects both towers into the common space; SigLIP's towers end there."""
        return getattr(self.model, projection)(pooled) if self.kind == "clip" else pooled


def _normalised(parts: Sequence[Any], width: int) -> npt.NDArray[np.float32]:
    import torch

    if not parts:
        return np.zeros((0, width), np.float32)
    return torch.nn.functional.normalize(torch.cat(list(parts)), dim=-1).numpy()


def kind_of(folder: Path) -> Kind:
    """Which model a directory in transformers' layout holds.

    Raises:
        ModelError: neither CLIP nor SigLIP.
    """
    path = folder / "config.json"
    try:
        kind = json.loads(path.read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{path} does not name a model_type: {error!r}", remedy="give a directory in transformers' layout"
        ) from error
    if kind not in ("clip", "siglip"):
        raise ModelError(f"{folder} holds a {kind!r} model", remedy="give a CLIP or a SigLIP model of a fixed size")
    return kind


_loaded: dict[tuple[str, DeviceClass], Clip] = {}


def load_clip(name: str = "starter") -> Clip:
    """A CLIP or SigLIP model by the name in ``style_guide.clip_model``, loaded once for the life of the process.

    Raises:
        InputError: no such model. ModelError: unsafe or missing weights, another kind of model, or no tokenizer.
    """
    snapshot = take_snapshot(name, SHIPPED_CLIP)
    key = (snapshot.snapshot_id, device_class())
    if key not in _loaded:
        _loaded[key] = _load(snapshot, key[1])
    return _loaded[key]


def _load(snapshot: ModelSnapshot, chosen: DeviceClass) -> Clip:
    import transformers

    found = find_model(snapshot.name, SHIPPED_CLIP)
    folder, kind = str(found), kind_of(found)
    model_class: Any = {"clip": transformers.CLIPModel, "siglip": transformers.SiglipModel}[kind]
    processors = {"clip": transformers.CLIPImageProcessorPil, "siglip": transformers.SiglipImageProcessorPil}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (ImportError, ValueError, OSError) as error:
        raise ModelError(
            f"the tokenizer of {snapshot.name} cannot be loaded: {error}",
            remedy="pip install 'genart-assets[siglip]' if it is spiece.model, or give a model with its tokenizer",
        ) from error
    with quiet_libraries():
        model: Any = model_class.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype="float32")
    return Clip(
        snapshot=snapshot,
        device_class=chosen,
        kind=kind,
        model=model.eval().to(chosen.device),
        tokenizer=tokenizer,
        processor=processors[kind].from_pretrained(folder, local_files_only=True),
    )
