"""Denoising from a picture: SDEdit (Meng et al., 2022), and Blended Latent Diffusion (Avrahami et al., 2023).

The same numbers as diffusers' img2img and inpaint pipelines of a plain UNet, but by the text-to-image pipeline itself,
so that what it can do (guidance rescale, LoRAs, ControlNets, any family) is there too.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.records.recipe import steps_taken

if TYPE_CHECKING:
    import torch

HALF = 128
"""Level of a mask's pixel from which on it is to be repainted."""


class _LaterScheduler:
    """A diffusers scheduler of which a pipeline sees the last steps only, and to whose first latents it adds nothing.

    The scheduler itself goes by its whole schedule, as multistep solvers need.
    """

    init_noise_sigma = 1.0

    def __init__(self, whole: Any, left_out: int) -> None:
        self._whole, self._begin = whole, left_out * whole.order

    @property
    def timesteps(self) -> torch.Tensor:
        return self._whole.timesteps[self._begin :]

    def set_timesteps(self, *arguments: Any, **named: Any) -> None:
        self._whole.set_timesteps(*arguments, **named)
        self.set_begin_index()

    def set_begin_index(self, index: int = 0) -> None:
        """Some schedulers count their steps from here; some pipelines say that this is the first they see."""
        if hasattr(self._whole, "set_begin_index"):
            self._whole.set_begin_index(self._begin + index)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)


@contextmanager
def started(
    pipe: Any, steps: int, strength: float, clean: torch.Tensor, repaint: torch.Tensor | None, noise: torch.Tensor
) -> Generator[dict[str, Any]]:
    """Within the block a pipeline starts from pictures, if it is called with the keyword arguments that are given.

    Args:
        clean: the pictures' latents ``[n, c, h, w]``; ``noise`` is of that shape, both in the pipeline's dtype.
        repaint: ``[n, 1, h, w]``, 1 where the latents are free; after each step the rest is put back, with the noise of
            the timestep that comes next. At strength 1 nothing of the picture is left where they are free.
    """
    whole = pipe.scheduler
    pipe.scheduler = scheduler = _LaterScheduler(whole, steps - steps_taken(steps, strength))
    scheduler.set_timesteps(steps, device=clean.device)
    timesteps = scheduler.timesteps
    if repaint is not None and strength == 1:
        first = noise * whole.init_noise_sigma
    else:
        first = whole.add_noise(clean, noise, timesteps[:1].repeat(len(clean)))

    given: dict[str, Any] = {"latents": first}
    if repaint is not None:
        given["callback_on_step_end"] = _put_back(whole, timesteps, clean, repaint, noise)
    try:
        yield given
    finally:
        pipe.scheduler = whole


def _put_back(
    scheduler: Any, timesteps: torch.Tensor, clean: torch.Tensor, repaint: torch.Tensor, noise: torch.Tensor
) -> Callable[[Any, int, Any, dict[str, torch.Tensor]], dict[str, torch.Tensor]]:
    import torch

    def after_step(_: Any, step: int, __: Any, given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        known = clean
        if step + 1 < len(timesteps):
            known = scheduler.add_noise(clean, noise, torch.tensor([timesteps[step + 1]]))
        return {"latents": (1 - repaint) * known + repaint * given["latents"]}

    return after_step


def latent_mask(masks: npt.NDArray[np.uint8], size: tuple[int, int]) -> torch.Tensor:
    """Masks ``[n, height, width, 3]`` to ``float32 [n, 1, h, w]``: 1 for each latent that any white pixel lies in."""
    import torch

    white = torch.from_numpy(masks[..., 0] >= HALF).float()[:, None]
    return torch.nn.functional.adaptive_max_pool2d(white, size)
