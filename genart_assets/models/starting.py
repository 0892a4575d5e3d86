"""Denoising from a picture: SDEdit (Meng et al., 2022), and Blended Latent Diffusion (Avrahami et al., 2023).

The same numbers as diffusers' img2img and inpaint pipelines of a plain UNet, for every family that adds noise so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.records.recipe import steps_taken

if TYPE_CHECKING:
    import torch

HALF = 128
"""Level of a mask's pixel from which on it is to be repainted."""


@dataclass(frozen=True)
class Start:
    """The pictures that the rows of a micro-batch start from."""

    clean: torch.Tensor
    """Their latents ``[n, c, h, w]``, in the denoiser's dtype on its device."""
    repaint: torch.Tensor | None
    """``[n, 1, h, w]``, 1 where the latents are free; after each step the rest is put back, with the noise of the
    timestep that comes next. At strength 1 nothing of the picture is left where they are free.
    """
    strength: float

    def first_step(self, scheduler: Any, steps: int) -> int:
        """Which of the scheduler's timesteps is the first; the scheduler then counts from there.

        The scheduler itself goes by its whole schedule, as multistep solvers need.
        """
        begin: int = (steps - steps_taken(steps, self.strength)) * scheduler.order
        if hasattr(scheduler, "set_begin_index"):
            scheduler.set_begin_index(begin)
        return begin

    def first_latents(self, scheduler: Any, timesteps: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """The latents that the first of ``timesteps`` is for, out of noise of their shape."""
        if self.repaint is not None and self.strength == 1:
            return noise * scheduler.init_noise_sigma
        found: torch.Tensor = scheduler.add_noise(self.clean, noise, timesteps[:1].repeat(len(self.clean)))
        return found

    def put_back(self, latents: torch.Tensor, scheduler: Any, later: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """The latents with what is not free as it was; ``later`` are the timesteps that are still to come."""
        if self.repaint is None:
            return latents
        known = self.clean
        if len(later):
            known = scheduler.add_noise(self.clean, noise, later[:1].cpu())
        return (1 - self.repaint) * known + self.repaint * latents


def latent_mask(masks: npt.NDArray[np.uint8], size: tuple[int, int]) -> torch.Tensor:
    """Masks ``[n, height, width, 3]`` to ``float32 [n, 1, h, w]``: 1 for each latent that any white pixel lies in."""
    import torch

    white = torch.from_numpy(masks[..., 0] >= HALF).float()[:, None]
    return torch.nn.functional.adaptive_max_pool2d(white, size)
