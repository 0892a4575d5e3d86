"""What a fine-tune minimises: the model's own denoising loss, and Diffusion-DPO over pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.finetuning.inputs import Encoded
from genart_assets.models.families.protocol import Family
from genart_assets.models.snapshot import component_config

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

PREDICTIONS = ("epsilon", "v_prediction")


def noise_schedule(model: str) -> Any:
    """diffusers' ``DDPMScheduler`` with the betas, prediction type and terminal signal of the model's own scheduler.

    Raises:
        ModelError: the model is of another kind (flow matching), or predicts something else.
    """
    from diffusers import DDPMScheduler

    config = component_config(model, "scheduler", "scheduler_config.json")
    kind = str(config.get("_class_name", "no scheduler"))
    prediction = config.get("prediction_type", "epsilon")
    if "FlowMatch" in kind or kind == "no scheduler" or prediction not in PREDICTIONS:
        raise ModelError(
            f"model {model!r} has {kind} with {prediction} prediction, which cannot be fine-tuned here; "
            f"known: {', '.join(PREDICTIONS)}",
            remedy="use a model of the Stable Diffusion 1, 2 or XL family",
        )
    return DDPMScheduler.from_config(dict(config))


@dataclass(frozen=True)
class Denoiser:
    """A UNet with what it needs to be asked for predictions."""

    unet: Any
    schedule: Any
    family: Family
    encoded: Encoded

    @property
    def device(self) -> Any:
        return self.unet.device

    def conditioning(self, texts: npt.NDArray[np.int64]) -> dict[str, Any]:
        """The UNet's keyword arguments for some texts. SDXL is told size and crop (Podell et al., 2023)."""
        import torch

        states = {name: tensor[torch.from_numpy(texts)].to(self.device) for name, tensor in self.encoded.states.items()}
        given = self.family.conditioning(states, states)
        found: dict[str, Any] = {"encoder_hidden_states": given["prompt_embeds"]}
        if self.unet.config.addition_embed_type == "text_time":
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
        noisy = self.schedule.add_noise(clean, noise, timesteps)
        if self.schedule.config.prediction_type == "v_prediction":
            wanted = self.schedule.get_velocity(clean, noise, timesteps)
        else:
            wanted = noise
        found = self.unet(noisy, timesteps, return_dict=False, **self.conditioning(texts))[0]
        return (found.float() - wanted).pow(2).flatten(1).mean(dim=1)

    def preference_losses(
        self,
        rows: npt.NDArray[np.int64],
        noise: torch.Tensor,
        timesteps: torch.Tensor,
        beta: float,
    ) -> torch.Tensor:
        """Diffusion-DPO (Wallace et al., 2024, equation 14) of some pairs, ``float32 [n]``; the reference is the base.

        Both of a pair get the same noise at the same timestep. ``beta`` includes the paper's factor T.
        """
        import torch

        chosen, texts = torch.from_numpy(rows), self.encoded.pair_text_of[rows]

        def gap() -> torch.Tensor:
            better = self.errors(self.encoded.preferred[chosen], noise, timesteps, texts)
            return better - self.errors(self.encoded.rejected[chosen], noise, timesteps, texts)

        with torch.no_grad():
            self.unet.disable_adapters()
            reference = gap()
            self.unet.enable_adapters()
        return -torch.nn.functional.logsigmoid(-beta * (gap() - reference))


def require_known_unet(model: str, pipe: Any) -> None:
    """Refuse a model whose denoiser cannot be fine-tuned here.

    Raises:
        ModelError: it has no UNet, or one that wants conditioning of another kind.
    """
    unet = getattr(pipe, "unet", None)
    if unet is None:
        raise ModelError(
            f"model {model!r} has no UNet; fine-tuning of {type(pipe).__name__} is not supported",
            remedy="use a model of the Stable Diffusion 1, 2 or XL family",
        )
    if unet.config.addition_embed_type not in (None, "text_time") or unet.config.class_embed_type is not None:
        raise ModelError(
            f"model {model!r} wants {unet.config.addition_embed_type or unet.config.class_embed_type} conditioning, "
            "which is not supported in fine-tuning",
            remedy="use a model of the Stable Diffusion 1, 2 or XL family",
        )
