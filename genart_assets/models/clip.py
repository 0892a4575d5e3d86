"""The CLIP critic model (Radford et al., 2021): embeddings of pictures and of texts in one space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from genart_assets.models.busy import model_call
from genart_assets.models.device import DeviceClass, device_class
from genart_assets.models.loading import quiet_libraries
from genart_assets.models.microbatch import chunks, pad_tensor, padded
from genart_assets.models.registry import SHIPPED_CLIP, find_model
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records import ModelSnapshot

ROWS = 16
"""Fixed rows of a call: a row's embedding does not depend on its neighbours."""


@dataclass(frozen=True)
class Clip:
    """A ``CLIPModel`` with its tokenizer and image processor, in float32 on its device."""

    snapshot: ModelSnapshot
    device_class: DeviceClass
    model: Any
    tokenizer: Any
    processor: Any

    def embed_images(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """sRGB ``uint8 [n, height, width, 3]`` to embeddings ``float32 [n, d]`` of length 1, or not finite."""
        import torch

        found: list[torch.Tensor] = []
        for rows in chunks(list(pixels), ROWS):
            with torch.inference_mode(), model_call("critic"):
                values = self.processor(rows, return_tensors="pt", input_data_format="channels_last")["pixel_values"]
                full = pad_tensor(values, ROWS).to(self.model.device)
                pooled = self.model.vision_model(pixel_values=full).pooler_output
                found.append(self.model.visual_projection(pooled)[: len(rows)].float().cpu())
        return _normalised(found, self.model.config.projection_dim)

    def embed_texts(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Texts to embeddings ``float32 [n, d]`` of length 1; what is longer than the model's context is cut."""
        import torch

        found: list[torch.Tensor] = []
        for rows in chunks(texts, ROWS):
            with torch.inference_mode(), model_call("critic"):
                tokens = self.tokenizer(
                    padded(rows, ROWS), padding="max_length", truncation=True, return_tensors="pt"
                ).to(self.model.device)
                pooled = self.model.text_model(**tokens).pooler_output
                found.append(self.model.text_projection(pooled)[: len(rows)].float().cpu())
        return _normalised(found, self.model.config.projection_dim)


def _normalised(parts: Sequence[Any], width: int) -> npt.NDArray[np.float32]:
    import torch

    if not parts:
        return np.zeros((0, width), np.float32)
    return torch.nn.functional.normalize(torch.cat(list(parts)), dim=-1).numpy()


_loaded: dict[tuple[str, DeviceClass], Clip] = {}


def load_clip(name: str = "starter") -> Clip:
    """A CLIP model by the name in ``style_guide.clip_model``, loaded once for the life of the process.

    Raises:
        InputError: no such model. ModelError: unsafe or missing weights.
    """
    snapshot = take_snapshot(name, SHIPPED_CLIP)
    key = (snapshot.snapshot_id, device_class())
    if key not in _loaded:
        from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

        folder = str(find_model(name, SHIPPED_CLIP))
        with quiet_libraries():
            model: Any = CLIPModel.from_pretrained(folder, local_files_only=True, use_safetensors=True, dtype="float32")
        _loaded[key] = Clip(
            snapshot=snapshot,
            device_class=key[1],
            model=model.eval().to(key[1].device),
            tokenizer=AutoTokenizer.from_pretrained(folder, local_files_only=True),
            processor=CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True),
        )
    return _loaded[key]
