"""Stable Diffusion's safety checker, from a directory or the hub: how near a picture is to unwanted concepts.

The network of Rando et al., "Red-Teaming the Stable Diffusion Safety Filter" (2022): a CLIP image tower, 17 concepts
with a threshold each, and 3 that make the others stricter.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from genart_assets.errors import ModelError
from genart_assets.models.busy import model_call
from genart_assets.models.device import DeviceClass, device_class
from genart_assets.models.microbatch import chunks, pad_tensor
from genart_assets.models.quiet import quiet_libraries
from genart_assets.models.registry import find_model
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.recipe import ModelSnapshot

ROWS = 16
"""Fixed rows of a call: a row's margin does not depend on its neighbours."""
STRICTER = 0.01
"""What a picture near a special concept is nearer to all others."""


@dataclass(frozen=True)
class SafetyChecker:
    """A ``StableDiffusionSafetyChecker`` with its image processor, in float32 on its device."""

    snapshot: ModelSnapshot
    network: Any
    processor: Any

    def margins(self, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Highest cosine above a concept's threshold, ``float64 [n]``, of sRGB ``uint8 [n, height, width, 3]``.

        The checker's own answer is yes above 0, but for its rounding to three decimals.
        """
        import torch
        from diffusers.pipelines.stable_diffusion.safety_checker import cosine_distance

        found: list[npt.NDArray[np.float64]] = [np.zeros(0)]
        for rows in chunks(list(pixels), ROWS):
            with torch.inference_mode(), model_call("critic"):
                values = self.processor(rows, return_tensors="pt", input_data_format="channels_last")["pixel_values"]
                pooled = self.network.vision_model(pad_tensor(values, ROWS).to(self.network.device)).pooler_output
                embedded = self.network.visual_projection(pooled)
                special = cosine_distance(embedded, self.network.special_care_embeds)
                concepts = cosine_distance(embedded, self.network.concept_embeds)
                near = (special > self.network.special_care_embeds_weights).any(dim=1, keepdim=True)
                above = concepts - self.network.concept_embeds_weights + STRICTER * near
                found.append(above.amax(dim=1)[: len(rows)].double().cpu().numpy())
        return np.concatenate(found)


_loaded: dict[tuple[str, DeviceClass], SafetyChecker] = {}


def load_safety_checker(name: str) -> SafetyChecker:
    """The checker by the name in ``style_guide.safety_checker``, loaded once for the life of the process.

    Raises:
        InputError: no such model. ModelError: unsafe or missing weights, or another kind of model.
    """
    snapshot = take_snapshot(name, {})
    key = (snapshot.snapshot_id, device_class())
    if key not in _loaded:
        _loaded[key] = _load(snapshot, find_model(name, {}), key[1])
    return _loaded[key]


def _load(snapshot: ModelSnapshot, folder: Path, chosen: DeviceClass) -> SafetyChecker:
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessorPil

    with quiet_libraries():
        loaded: Any = StableDiffusionSafetyChecker.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype="float32", output_loading_info=True
        )
    network, report = loaded
    if lacking := sorted(report["missing_keys"]):
        raise ModelError(
            f"{folder} is not a safety checker: its weights lack {', '.join(lacking[:3])}",
            remedy="give the folder safety_checker of a Stable Diffusion model",
        )
    side = network.config.vision_config.image_size
    processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side})
    return SafetyChecker(snapshot, network.eval().to(chosen.device), processor)
