"""Runs the steps of one fine-tune: its adapter, the average of its weights, and its optimiser."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.errors import TrainingError
from genart_assets.finetuning.adapter import adapter_metadata, denoiser_with_lora, encode_lora, is_mixed
from genart_assets.finetuning.checkpoint import Checkpoints
from genart_assets.finetuning.forward_process import forward_process
from genart_assets.finetuning.inputs import TrainingData, encode_data
from genart_assets.finetuning.objective import Denoiser
from genart_assets.finetuning.processes import Processes
from genart_assets.loras.records import FinetuneConfig
from genart_assets.models.denoisers import component_of
from genart_assets.models.loading import LoadedModel

if TYPE_CHECKING:
    import torch


class Trainer:
    """The adapter of one run, its average, its optimiser, and the losses so far."""

    def __init__(self, model: LoadedModel, data: TrainingData, config: FinetuneConfig, processes: Processes) -> None:
        import torch

        self._config, self._processes, self._model = config, processes, model
        encoded = encode_data(model, data)
        self._network = denoiser_with_lora(model, config)
        self._denoiser = Denoiser(self._network, forward_process(model.snapshot.name), model.family, encoded)
        self._shares = data.weights / data.weights.sum()
        self._pairs = len(data.pair_prompts) if config.preference else 0
        self._adapter = {name: p for name, p in self._network.named_parameters() if p.requires_grad}
        self._averages = {name: p.detach().clone() for name, p in self._adapter.items()}
        self._optimizer = torch.optim.AdamW(
            self._adapter.values(), lr=config.rate, weight_decay=config.weight_decay, foreach=False
        )
        self.denoising: list[float] = []
        self.preference: list[float] = []

    def step(self, number: int, reached: str) -> str:
        """Take one optimiser step, unless a process ``reached`` a bound: then return the bound and change nothing."""
        import torch

        config, weights = self._config, list(self._adapter.values())
        for weight in weights:
            weight.grad = torch.zeros_like(weight)
        random = np.random.default_rng((config.seed, number))
        own = [0.0, 0.0, 1.0] if reached else [*self._backward(random), 0.0]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        denoising, preference, stopping = self._processes.average(gradients, own)
        if stopping:
            return reached or "a bound of another process"
        norm = float(torch.nn.utils.clip_grad_norm_(weights, config.clip))
        if not math.isfinite(denoising + preference + norm):
            raise TrainingError(
                f"the loss of step {number + 1} is {denoising + preference:g}, its gradient's norm {norm:g}",
                remedy="lower rate or clip, or check the model's weights and dtype if it is the first step",
            )
        for group in self._optimizer.param_groups:
            group["lr"] = config.rate * config.share_at(number)
        self._optimizer.step()
        decay = min(config.average, (number + 1) / (number + 10))
        with torch.no_grad():
            for name, weight in self._adapter.items():
                self._averages[name].lerp_(weight, 1 - decay)
        self.denoising.append(denoising)
        self.preference += [preference] if self._pairs else []
        return ""

    def _backward(self, random: np.random.Generator) -> tuple[float, float]:
        """Add the gradients of this process's rows; return its mean losses. All randomness comes from ``random``."""
        config, rows, encoded = self._config, self._config.rows, self._denoiser.encoded
        chosen = random.choice(len(self._shares), rows, p=self._shares)
        texts = np.where(random.random(rows) < config.drop_captions, 0, encoded.text_of[chosen])
        noise, timesteps = self._noise(random, rows)

        def denoising(some: Any) -> Any:
            return self._denoiser.errors(encoded.latents[chosen[some]], noise[some], timesteps[some], texts[some])

        found = self._add(denoising, rows, 1.0, config.micro_rows)
        if not self._pairs or config.preference is None:
            return found, 0.0
        taken = config.preference
        pairs = random.integers(self._pairs, size=taken.rows)
        noise2, timesteps2 = self._noise(random, taken.rows)
        beta = taken.beta

        def preference(some: Any) -> Any:
            return self._denoiser.preference_losses(pairs[some], noise2[some], timesteps2[some], beta)

        return found, self._add(preference, taken.rows, taken.weight, max(1, config.micro_rows // 2))

    def _add(self, losses: Callable[[Any], torch.Tensor], rows: int, factor: float, most: int) -> float:
        """Backward passes over this process's share of ``rows``, at most ``most`` at a time; the mean loss."""
        import torch

        device = self._model.device_class.device
        ours = np.arange(self._processes.rank, rows, self._processes.world)
        total = 0.0
        for first in range(0, len(ours), most):
            with torch.autocast(device, torch.bfloat16, enabled=is_mixed(self._model)):
                summed = losses(ours[first : first + most]).sum()
            (summed * (factor / len(ours))).backward()
            total += summed.item()
        return total / len(ours)

    def _noise(self, random: np.random.Generator, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Noise and timestep of each row; each row draws its timestep from its own part of the range."""
        import torch

        shares = (random.permutation(rows) + random.random(rows)) / rows
        timesteps = self._denoiser.process.timesteps(shares**self._config.noise_bias)
        noise = random.standard_normal((rows, *self._denoiser.encoded.latents.shape[1:]), np.float32)
        return torch.from_numpy(noise), timesteps

    def lora(self) -> bytes:
        """The averaged adapter as safetensors in diffusers' layout."""
        from peft.utils import get_peft_model_state_dict

        held = get_peft_model_state_dict(self._network, state_dict=self._averages)
        share = self._config.kept
        scaled = {name: (tensor * share if ".lora_B." in name else tensor).cpu() for name, tensor in held.items()}
        return encode_lora(component_of(self._network), scaled, adapter_metadata(self._network))

    def save(self, checkpoints: Checkpoints, done: int) -> None:
        """Store a checkpoint after ``done`` steps."""
        tensors: dict[str, torch.Tensor] = {}
        for name, weight in self._adapter.items():
            tensors |= {f"{name}/weight": weight, f"{name}/average": self._averages[name]}
            tensors |= {f"{name}/{key}": value for key, value in self._optimizer.state[weight].items()}
        checkpoints.save(done, tensors, self.denoising, self.preference)

    def resume(self, checkpoints: Checkpoints) -> int:
        """Load the last checkpoint; return the number of steps done."""
        import torch

        found = checkpoints.load()
        if found is None:
            return 0
        state, tensors = found
        with torch.no_grad():
            for key, value in tensors.items():
                name, _, what = key.rpartition("/")
                weight = self._adapter[name]
                if what == "weight":
                    weight.copy_(value)
                elif what == "average":
                    self._averages[name].copy_(value)
                else:
                    self._optimizer.state[weight][what] = value if what == "step" else value.to(weight.device)
        self.denoising, self.preference = list(state.denoising), list(state.preference)
        return state.step
