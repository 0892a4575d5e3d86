"""Classifier-free guidance (Ho and Salimans, 2022), row by row: a pass with the prompt and one without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genart_assets.models.families.protocol import Conditions, ModelFamily
from genart_assets.records.recipe import Recipe

if TYPE_CHECKING:
    import torch


class ClassifierFree(ModelFamily):
    """A family whose guidance goes from the prediction for the negative prompt towards the one for the prompt.

    At guidance 1 there is one pass, for the prompt alone; so rows with guidance and rows without are of two groups.
    """

    def takes_two_passes(self, pipe: Any, guidance: float) -> bool:
        """Whether rows of this guidance are denoised for the negative prompt too."""
        return guidance > 1

    def group_key(self, pipe: Any, recipe: Recipe) -> str:
        return "two passes" if self.takes_two_passes(pipe, recipe.guidance) else "one pass"

    def denoising_step(
        self, pipe: Any, latents: torch.Tensor, timesteps: torch.Tensor, conditions: Conditions
    ) -> torch.Tensor:
        import torch

        network, size, guidance = self.denoiser(pipe), conditions.size, conditions.guidance
        if not self.takes_two_passes(pipe, float(guidance[0])):
            return self.predict(network, latents, timesteps, conditions.positive, size, guidance)
        both = {name: torch.cat([conditions.negative[name], states]) for name, states in conditions.positive.items()}
        latents, timesteps, twice = (torch.cat([rows, rows]) for rows in (latents, timesteps, guidance))
        without, wanted = self.predict(network, latents, timesteps, both, size, twice).chunk(2)
        return rescaled(guided(without, wanted, guidance), wanted, conditions.guidance_rescale)


def guided(without: torch.Tensor, wanted: torch.Tensor, guidance: torch.Tensor) -> torch.Tensor:
    """From the prediction ``without`` the prompt towards the ``wanted`` one and beyond; ``[n, c, h, w]``."""
    return without + _times(guidance, wanted - without)


def rescaled(found: torch.Tensor, wanted: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """Guidance raises the contrast of what it predicts; a ``share`` of that is taken back, ``[n]`` in 0…1 (Lin et al.,
    "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2024, section 3.4).
    """
    import torch

    if not share.any():
        return found
    axes = tuple(range(1, found.ndim))
    even = found * (wanted.std(dim=axes, keepdim=True) / found.std(dim=axes, keepdim=True))
    mixed = _times(share, even) + _times(1 - share, found)
    return torch.where(_a_row((share > 0).to(found.device), found), mixed, found)


def guidance_embedding(guidance: torch.Tensor, width: int) -> torch.Tensor:
    """Guidance as a network that was distilled with it takes it in (Meng et al., 2023): sines and cosines of 1,000
    times what is above 1, ``float32 [n, width]``; ``guidance`` is ``float64 [n]``.
    """
    import torch

    half = width // 2
    steepness = torch.log(torch.tensor(10000.0)) / (half - 1)
    angles = ((guidance - 1).float() * 1000.0)[:, None] * torch.exp(torch.arange(half).float() * -steepness)[None]
    return torch.nn.functional.pad(torch.cat([angles.sin(), angles.cos()], dim=1), (0, width % 2))


def _times(factors: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """A factor a row, ``float64 [n]`` on the CPU, rounded once: the same bits as one Python number for all of them."""
    import torch

    return (_a_row(factors.to(torch.float32).to(rows.device), rows) * rows).to(rows.dtype)


def _a_row(values: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    return values.view(-1, *[1] * (rows.ndim - 1))
