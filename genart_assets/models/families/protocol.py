"""What a diffusion model's family answers: everything that differs between one kind of pipeline and another."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from genart_assets.errors import ModelError
from genart_assets.models.families.forward_process import ForwardProcess, forward_process_by_config
from genart_assets.models.families.schedulers import (
    frozen_schedule,
    problems_by_config,
    refuse_shift_by_size,
    scheduler_following,
)
from genart_assets.models.families.sides import Sides, sides_by_configs
from genart_assets.models.snapshot import component_config
from genart_assets.records.brief import Brief, Sampler
from genart_assets.records.recipe import Recipe, Schedule

if TYPE_CHECKING:
    import torch

States = Mapping[str, "torch.Tensor"]
"""What a text encoder says of some texts: tensors by the family's own names, each ``[texts, …]``."""
Size = tuple[int, int]
"""Width and height of a picture, px."""


@dataclass(frozen=True)
class Conditions:
    """What the rows of a micro-batch are denoised under. Every tensor has a row for each of the ``n`` pictures."""

    positive: States
    """Of the prompts, ``[n, …]``, on the denoiser's device and in its dtype."""
    negative: States
    """Of the negative prompts, likewise."""
    guidance: torch.Tensor
    """How much of the prompt, ``float64 [n]`` on the CPU, from 1, which is none."""
    guidance_rescale: torch.Tensor
    """Share of the contrast that guidance adds and that is taken back, ``float64 [n]`` on the CPU, 0 to 1."""
    size: Size
    """Of every picture of the micro-batch."""


class ModelFamily(ABC):
    """One kind of diffusers pipeline, registered under the pipeline's class name in the entry point group
    ``genart_assets.model_families``. A family is this class in one file: nothing else asks a pipeline what it is.

    The methods follow a picture: its text is encoded, its noise is drawn and scheduled, the denoiser predicts step by
    step, the latents are decoded. Latents outside of a family are always ``[n, c, h, w]``; a network that wants them
    packed gets them packed by `predict`, which unpacks what it predicts. Every method treats each row by itself: a
    row's numbers depend on no neighbour.

    ``pipe`` is a loaded pipeline of diffusers, ``model`` the name of a model whose configs can be read without its
    weights, and ``network`` the denoiser, of a pipeline or a copy that is fine-tuned.
    """

    component: ClassVar[str]
    """Name of the denoiser among the pipeline's components and in a LoRA's file: ``unet`` or ``transformer``."""
    network_class: ClassVar[str]
    """diffusers' class of the denoiser: only of this one LoRAs and fine-tunes are known to be right."""

    def __init__(self, pipeline_class: str) -> None:
        self.pipeline_class = pipeline_class
        """The name that it was found under: a class of diffusers."""

    def denoiser(self, pipe: Any) -> Any:
        """The network of a loaded pipeline that takes noise away, that LoRAs steer and fine-tunes learn."""
        network: Any = getattr(pipe, self.component)
        return network

    def denoiser_config(self, model: str) -> Mapping[str, Any]:
        """The config of a model's denoiser; empty where the model has none of this family's."""
        return component_config(model, self.component)

    # Encoders

    @abstractmethod
    def encode(self, pipe: Any, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """The states of some texts, each ``[texts, …]`` in the text encoder's dtype on the pipeline's device.

        A tensor has one shape whatever the texts: one that is padded says how far in a tensor of its own, a mask or
        a length.
        """

    @abstractmethod
    def encode_pictures(self, pipe: Any, pixels: torch.Tensor) -> torch.Tensor:
        """Pictures ``[n, 3, height, width]`` in −1…1, on the autoencoder's device, to latents ``float32 [n, c, h, w]``
        as the denoiser meets them: the inverse of `decode`, the mean of each latent and not a sample of it.
        """

    # Before denoising

    @abstractmethod
    def latent_shape(self, pipe: Any, size: Size) -> tuple[int, int, int]:
        """Channels, height and width of the latents of a picture."""

    def noise(self, pipe: Any, generators: list[torch.Generator], size: Size) -> torch.Tensor:
        """Standard normal noise ``[n, c, h, w]`` in the denoiser's dtype on its device, each row of its generator."""
        from diffusers.utils.torch_utils import randn_tensor

        network = self.denoiser(pipe)
        shape = (len(generators), *self.latent_shape(pipe, size))
        return randn_tensor(shape, generator=generators, device=network.device, dtype=network.dtype)

    def set_timesteps(self, scheduler: Any, steps: int, size: Size, device: Any = None) -> None:
        """Give a diffusers scheduler its timesteps for a number of steps and a size; it then stands at the first."""
        scheduler.set_timesteps(steps, device=device)

    def schedule(self, model: str, sampler: str, steps: int, size: Size) -> Schedule:
        """What a recipe freezes of a sampler's name (``model``, or one of `schedulers.SCHEDULERS`).

        Raises:
            ModelError: the model has no scheduler's config, or one that is not supported.
        """
        refuse_shift_by_size(model)
        return frozen_schedule(model, sampler, lambda scheduler: self.set_timesteps(scheduler, steps, size))

    def scheduler(self, schedule: Schedule, steps: int, size: Size, device: Any = None) -> Any:
        """A diffusers scheduler that follows a recipe's schedule, standing at its first timestep.

        Raises:
            ModelError: the installed diffusers makes other timesteps of the same config.
        """
        return scheduler_following(schedule, lambda scheduler: self.set_timesteps(scheduler, steps, size, device))

    def group_key(self, pipe: Any, recipe: Recipe) -> str:
        """What rows of equal size, schedule, guidance, LoRAs and control must share besides to be denoised in one
        call: the number of passes, say, or the padded length of the prompt where the network attends to padding.
        """
        return ""

    # Denoising

    @abstractmethod
    def predict(
        self,
        network: Any,
        latents: torch.Tensor,
        timesteps: torch.Tensor,
        states: States,
        size: Size,
        guidance: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """One pass of the denoiser: noise, velocity or flow, ``[n, c, h, w]``, as the model was trained to predict.

        Args:
            latents: ``[n, c, h, w]``, scaled as the scheduler scales them.
            timesteps: of each row, ``[n]``, integers or floats as the scheduler counts them, on the device.
            states: of the one text of each row, ``[n, …]``.
            guidance: ``float64 [n]``, for a network that has guidance as an input; None in a fine-tune.
        """

    @abstractmethod
    def denoising_step(
        self, pipe: Any, latents: torch.Tensor, timesteps: torch.Tensor, conditions: Conditions
    ) -> torch.Tensor:
        """What the scheduler goes on with, ``[n, c, h, w]`` in the latents' dtype: predictions with guidance.

        Rows may stand at different timesteps and have different guidance; all share the `group_key`. Shapes as in
        `predict`.
        """

    # Decoding

    @abstractmethod
    def decode(self, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        """Latents ``[n, c, h, w]`` of any floating-point dtype on the autoencoder's device, to pictures
        ``float32 [n, 3, height, width]`` in 0…1.
        """

    # What a brief may ask of a model, by its configs alone

    def sides(self, model: str) -> Sides | None:
        """The sides that a model draws, or None where its configs do not say them."""
        return sides_by_configs(self.denoiser_config(model), component_config(model, "vae"))

    def sampler_problems(self, model: str, sampler: Sampler) -> list[tuple[str, str]]:
        """Field of the sampler, and problem, of all of it that a model cannot do."""
        return problems_by_config(model, sampler)

    def start_problem(self, model: str) -> str | None:
        """Why a model cannot start from pictures; None where it can."""
        return f"model {model!r} has no UNet, or no autoencoder for pictures; use a Stable Diffusion 1, 2 or XL one"

    def problems(self, brief: Brief) -> list[tuple[str, str]]:
        """Field and problem of everything in a brief that its model cannot do, LoRAs and controls aside."""
        model, sides = brief.model, self.sides(brief.model)
        found = [(f"sampler.{field}", text) for field, text in self.sampler_problems(model, brief.sampler)]
        if sides is not None:
            found = [*(("size", text) for text in sides.problems(model, brief.size)), *found]
        if brief.start is not None and (text := self.start_problem(model)):
            found.append(("start", text))
        return found

    # LoRAs

    def require_loras(self, model: str) -> None:
        """Refuse a model that LoRAs cannot steer and fine-tunes cannot learn here.

        Raises:
            ModelError: its denoiser is of another class than this family's.
        """
        kind = self.denoiser_config(model).get("_class_name")
        if kind != self.network_class:
            raise ModelError(
                f"model {model!r} has {kind or 'no denoiser'}, which LoRAs cannot steer here",
                remedy="remove the key, or take a model of the Stable Diffusion 1, 2, XL or 3 family",
            )

    def lora_layers(
        self, path: Path, tensors: Mapping[str, torch.Tensor], config: Mapping[str, Any]
    ) -> tuple[Mapping[str, torch.Tensor], Mapping[str, float]]:
        """A LoRA file's tensors by diffusers' or peft's names of the denoiser's layers, and layer to alpha of those
        whose alpha is a tensor; both may begin with the component's name. ``config`` is the denoiser's.

        Raises:
            ModelError: names of another trainer, which are not understood for this family.
            ValueError, KeyError, IndexError, AttributeError: names that are not of this base.
        """
        import diffusers

        if kohyas := next((name for name in sorted(tensors) if name.startswith("lora_unet_")), None):
            raise ModelError(
                f"LoRA {path} holds tensor {kohyas}; kohya's names are understood for UNets alone",
                remedy="convert it to diffusers' names, or use one that diffusers' trainer saved",
            )
        pipeline: Any = getattr(diffusers, self.pipeline_class)
        return pipeline.lora_state_dict(dict(tensors)), {}

    def lora_names(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """A trained LoRA's tensors by the names that diffusers' own trainer of this family gives them, without the
        component's; given and by default also made are peft's.
        """
        return dict(tensors)

    # Controls

    def require_control(self, model: str, name: str, *, fetch: bool = True) -> None:
        """Refuse a control network that does not fit a model, by their configs.

        Raises:
            ModelError: it does not, or the family has none. InputError: there is none of that name.
        """
        raise ModelError(
            f"model {model!r} has no UNet that a ControlNet or a T2I-Adapter could steer",
            remedy="remove the key, or take a model of the Stable Diffusion 1, 2 or XL family",
        )

    def load_control(self, name: str, network: Any) -> Any:
        """A control network that fits, on the denoiser's device and in its dtype.

        Raises:
            ModelError: its weights are damaged, or the family has none.
        """
        raise ModelError(
            f"a {self.pipeline_class} has no UNet that {name!r} could steer",
            remedy="remove the key, or take a model of the Stable Diffusion 1, 2 or XL family",
        )

    def controlled(self, network: Any, net: Any, images: torch.Tensor, scale: float) -> AbstractContextManager[None]:
        """Within the block a loaded control network steers every pass of the denoiser.

        ``images`` are ``[n, 3, height, width]`` in 0…1, one a row, in the control network's dtype.
        """
        raise ModelError(
            f"a {self.pipeline_class} has no UNet that a control image could steer",
            remedy="remove the key, or take a model of the Stable Diffusion 1, 2 or XL family",
        )

    # Training

    def forward_process(self, model: str) -> ForwardProcess:
        """How pictures become noise, and what of it the model predicts.

        Raises:
            ModelError: its scheduler is missing, or predicts something that is not known here.
        """
        return forward_process_by_config(model)

    def require_trainable(self, model: str) -> None:
        """Refuse a model whose denoiser cannot be fine-tuned here.

        Raises:
            ModelError: it cannot, with the reason.
        """
        self.require_loras(model)
