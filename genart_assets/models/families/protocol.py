"""What differs between diffusion pipelines: how they encode, condition and decode. One class a family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from genart_assets.errors import ModelError
from genart_assets.plugins import ExtensionPoint

if TYPE_CHECKING:
    import torch

Encoded = Mapping[str, "torch.Tensor"]


class Family(Protocol):
    """Registered under the pipeline's class name in the entry point group ``genart_assets.model_families``."""

    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Prompt states of some texts: named tensors, each ``[texts, ...]``."""
        ...

    def conditioning(self, positive: Encoded, negative: Encoded) -> dict[str, torch.Tensor]:
        """The keyword arguments that give a pipeline call its prompt and negative prompt states."""
        ...

    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        """Latents ``[n, c, h, w]`` to pictures ``float32 [n, 3, height, width]`` in 0…1."""
        ...


FAMILIES = ExtensionPoint[type[Family]]("genart_assets.model_families", "model family", named=False)


def family_of(pipeline_class: str) -> Family:
    """The family registered for a diffusers pipeline class.

    Raises:
        ModelError: no package has registered that class.
    """
    if pipeline_class not in (known := FAMILIES.names()):
        raise ModelError(
            f"no model family is registered for {pipeline_class}",
            remedy=f"use a model of {', '.join(known)}, or register a family as docs/extend shows",
        )
    return FAMILIES.find(pipeline_class)()
