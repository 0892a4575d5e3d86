"""Computes the losses of a fine-tune: the model's own denoising loss, and Diffusion-DPO over pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genart_assets.finetuning.inputs import Encoded
from genart_assets.models.families.forward_process import ForwardProcess
from genart_assets.models.families.protocol import ModelFamily

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


@dataclass(frozen=True)
class Denoiser:
    """The network that learns, with what its predictions need."""

    network: Any
    """The family's denoiser, with the adapter that learns."""
    process: ForwardProcess
    family: ModelFamily
    encoded: Encoded

    @property
    def device(self) -> Any:
        return self.network.device

    def errors(
        self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, texts: npt.NDArray[np.int64]
    ) -> torch.Tensor:
        """Mean squared error of each row's prediction, ``float32 [n]``."""
        clean, noise, timesteps = (tensor.to(self.device) for tensor in (clean, noise, timesteps))
        noisy = self.process.noisy(clean, noise, timesteps)
        wanted = self.process.wanted(clean, noise, timesteps)
        found = self.family.predict(self.network, noisy, timesteps, self._states(texts), self.encoded.size)
        return (found.float() - wanted).pow(2).flatten(1).mean(dim=1)

    def _states(self, texts: npt.NDArray[np.int64]) -> dict[str, torch.Tensor]:
        import torch

        chosen = torch.from_numpy(texts)
        return {name: tensor[chosen].to(self.device) for name, tensor in self.encoded.states.items()}

    def preference_losses(
        self,
        rows: npt.NDArray[np.int64],
        noise: torch.Tensor,
        timesteps: torch.Tensor,
        beta: float,
    ) -> torch.Tensor:
        """Diffusion-DPO loss (Wallace et al., 2024, equation 14) of some pairs, ``float32 [n]``.

        The base model is the reference. Both images of a pair get the same noise and timestep. ``beta`` includes the
        paper's factor T.
        """
        import torch

        chosen, texts = torch.from_numpy(rows), self.encoded.pair_text_of[rows]

        def gap() -> torch.Tensor:
            better = self.errors(self.encoded.preferred[chosen], noise, timesteps, texts)
            return better - self.errors(self.encoded.rejected[chosen], noise, timesteps, texts)

        with torch.no_grad():
            self.network.disable_adapters()
            reference = gap()
            self.network.enable_adapters()
        return -torch.nn.functional.logsigmoid(-beta * (gap() - reference))
