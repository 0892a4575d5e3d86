"""What the families of diffusers' conditional UNet have in common: controls, start pictures, kohya's LoRAs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genart_assets.errors import ModelError
from genart_assets.models.controls import controlled, load_control, require_fit
from genart_assets.models.families.guidance import ClassifierFree, guidance_embedding
from genart_assets.models.families.protocol import Size, States
from genart_assets.models.snapshot import component_config

if TYPE_CHECKING:
    import torch

_CONDITIONING = ("addition_embed_type", "class_embed_type")


class UNetFamily(ClassifierFree):
    """A family around ``UNet2DConditionModel``, steered by its prompt states and what `added` says beside them."""

    component = "unet"
    network_class = "UNet2DConditionModel"

    def added(self, network: Any, states: States, size: Size) -> dict[str, torch.Tensor] | None:
        """What the UNet is told beside the prompt's states, each ``[n, …]``; None where it is told nothing."""
        return None

    def latent_shape(self, pipe: Any, size: Size) -> tuple[int, int, int]:
        width, height = size
        return pipe.unet.config.in_channels, height // pipe.vae_scale_factor, width // pipe.vae_scale_factor

    def takes_two_passes(self, pipe: Any, guidance: float) -> bool:
        """A UNet that was distilled with guidance as an input (Meng et al., 2023) takes one."""
        return guidance > 1 and pipe.unet.config.time_cond_proj_dim is None

    def predict(
        self,
        network: Any,
        latents: torch.Tensor,
        timesteps: torch.Tensor,
        states: States,
        size: Size,
        guidance: torch.Tensor | None = None,
    ) -> torch.Tensor:
        prediction: torch.Tensor = network(
            latents,
            timesteps,
            encoder_hidden_states=states["states"],
            return_dict=False,
            **_present(
                timestep_cond=_of_guidance(network, guidance, latents),
                added_cond_kwargs=self.added(network, states, size),
            ),
        )[0]
        return prediction

    def start_problem(self, model: str) -> str | None:
        """What the model's autoencoder makes of pictures is what its UNet takes in, with nothing beside it."""
        taken = self.denoiser_config(model).get("in_channels")
        encoded = component_config(model, "vae").get("latent_channels")
        if not isinstance(taken, int) or not isinstance(encoded, int):
            return super().start_problem(model)
        if taken == 2 * encoded + 1:
            return (
                f"model {model!r} has a UNet of {taken} channels, which is trained for inpainting alone; "
                "use the plain model, which repaints with start.mask too"
            )
        if taken != encoded:
            return f"model {model!r} has a UNet of {taken} channels, and its autoencoder makes {encoded}; use another"
        return None

    def lora_layers(
        self, path: Path, tensors: Mapping[str, torch.Tensor], config: Mapping[str, Any]
    ) -> tuple[Mapping[str, torch.Tensor], Mapping[str, float]]:
        import diffusers

        pipeline: Any = getattr(diffusers, self.pipeline_class)
        named, alphas = pipeline.lora_state_dict(dict(tensors), unet_config=_Attributes(config))
        return named, alphas or {}

    def lora_names(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers

        return convert_state_dict_to_diffusers(dict(tensors))

    def require_control(self, model: str, name: str, *, fetch: bool = True) -> None:
        if self.denoiser_config(model).get("_class_name") != self.network_class:
            super().require_control(model, name, fetch=fetch)
        require_fit(name, model, fetch=fetch)

    def load_control(self, name: str, network: Any) -> Any:
        return load_control(name, network)

    def controlled(self, network: Any, net: Any, images: torch.Tensor, scale: float) -> AbstractContextManager[None]:
        return controlled(network, net, images, scale)

    def require_trainable(self, model: str) -> None:
        super().require_trainable(model)
        config = self.denoiser_config(model)
        wanted, classes = (config.get(key) for key in _CONDITIONING)
        if wanted not in (None, "text_time") or classes is not None:
            raise ModelError(
                f"model {model!r} wants {wanted or classes} conditioning, which is not supported in fine-tuning",
                remedy="use a model of the Stable Diffusion 1, 2 or XL family",
            )


class _Attributes(dict[str, Any]):
    """A config as diffusers' converters read it."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


def _present(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value is not None}


def _of_guidance(network: Any, guidance: torch.Tensor | None, latents: torch.Tensor) -> torch.Tensor | None:
    if guidance is None or network.config.time_cond_proj_dim is None:
        return None
    return guidance_embedding(guidance, network.config.time_cond_proj_dim).to(latents)
