"""Computes the losses of a fine-tune: the model's own denoising loss, and Diffusion-DPO over pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.finetuning.forward_process import ForwardProcess
from genart_assets.finetuning.inputs import Encoded
from genart_assets.models.denoisers import component_of, denoiser_of, require_denoiser
from genart_assets.models.families.protocol import Family

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


@dataclass(frozen=True)
class Denoiser:
    """The network that learns, with what its predictions need."""

    network: Any
    """A UNet or a transformer."""
    process: ForwardProcess
    family: Family
    encoded: Encoded

    @property
    def device(self) -> Any:
        return self.network.device

    def conditioning(self, texts: npt.NDArray[np.int64]) -> dict[str, Any]:
        """The network's keyword arguments for some texts; SDXL takes size and crop (Podell et al., 2023)."""
        import torch

        states = {name: tensor[torch.from_numpy(texts)].to(self.device) for name, tensor in self.encoded.states.items()}
        given = self.family.conditioning(states, states)
        found: dict[str, Any] = {"encoder_hidden_states": given["prompt_embeds"]}
        if component_of(self.network) == "transformer":
            found["pooled_projections"] = given["pooled_prompt_embeds"]
        elif self.network.config.addition_embed_type == "text_time":
            width, height = self.encoded.size
            times = torch.tensor([[height, width, 0, 0, height, width]] * len(texts), dtype=torch.float32)
            pooled = given["pooled_prompt_embeds"]
            found["added_cond_kwargs"] = {"text_embeds": pooled, "time_ids": times.to(pooled)}
        return found

    def errors(
        self, clean: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, texts: npt.NDArray[np.int64]
    ) -> torch.Tensor:
        """Mean squared error of each row's prediction, ``float32 [n]``."""
        clean, noise, timesteps = (tensor.to(self.device) for tensor in (clean, noise, timesteps))
        noisy = self.process.noisy(clean, noise, timesteps)
        wanted = self.process.wanted(clean, noise, timesteps)
        found = self.network(noisy, timestep=timesteps, return_dict=False, **self.conditioning(texts))[0]
        return (found.float() - wanted).pow(2).flatten(1).mean(dim=1)

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


def require_known_denoiser(model: str, pipe: Any) -> None:
    """Refuse a model whose denoiser cannot be fine-tuned.

    Raises:
        ModelError: its kind is not supported, or it is a UNet that needs an unsupported kind of conditioning.
    """
    denoiser = denoiser_of(pipe)
    require_denoiser(model, type(denoiser).__name__)
    if component_of(denoiser) == "transformer":
        return
    config = denoiser.config
    if config.addition_embed_type not in (None, "text_time") or config.class_embed_type is not None:
        raise ModelError(
            f"model {model!r} needs {config.addition_embed_type or config.class_embed_type} conditioning, "
            "which fine-tuning does not support",
            remedy="use a model of the Stable Diffusion 1, 2 or XL family",
        )
