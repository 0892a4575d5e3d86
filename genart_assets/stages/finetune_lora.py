"""Fine-tune a style LoRA (Hu et al., 2022) on a diffusion model's UNet, by the model's own objective."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.errors import InputError, TrainingError
from genart_assets.finetuning.adapter import adapter_metadata, encode_lora, unet_with_lora
from genart_assets.finetuning.checkpoint import Checkpoints, Run
from genart_assets.finetuning.config import FinetuneConfig, LoraRecord, LossLine
from genart_assets.finetuning.inputs import TrainingData, encode_data
from genart_assets.finetuning.objective import Denoiser, noise_schedule, require_known_unet
from genart_assets.finetuning.processes import Processes
from genart_assets.models.loading import LoadedModel
from genart_assets.records import sha256_hex

if TYPE_CHECKING:
    import torch

LOG_LINES = 50
"""Most lines of a record's loss log."""


@dataclass(frozen=True)
class Step:
    """What a callback is told after each step."""

    number: int
    """Steps done."""
    of: int
    denoising: float
    preference: float | None
    lora: Callable[[], bytes]
    """The LoRA as it is now, for a grid of samples: safetensors in diffusers' layout."""


@dataclass(frozen=True)
class Finetuned:
    """What a run came to."""

    weights: bytes
    """``pytorch_lora_weights.safetensors``: the average of the weights up to ``steps``."""
    record: LoraRecord
    steps: int
    stopped: str
    """The bound of the config that was reached before the end; empty for a finished run."""


Callback = Callable[[Step], None]


def finetune_lora(
    model: LoadedModel,
    data: TrainingData,
    config: FinetuneConfig,
    callback: Callback = lambda step: None,
    *,
    checkpoints: Path | None = None,
    processes: Processes = Processes(),  # noqa: B008
    clock: Callable[[], float] = time.monotonic,
) -> Finetuned:
    """Learn the style of ``data``'s pictures; the base's weights stay as they are.

    The loss is the squared error of what the model predicts, noise or velocity, on the noise schedule of its own
    scheduler, with ``config.preference`` also Diffusion-DPO over the pairs. Model, data, config, hardware class and
    number of processes determine the bits. With a ``checkpoints`` directory a run that was cut off goes on from its
    last checkpoint, and ends in the same weights.

    Raises:
        InputError: no pictures, rows that do not divide among the processes, or checkpoints of another run.
        ModelError: the model's denoiser, scheduler or layers are of a kind that is not known here.
        TrainingError: a loss is not finite.
    """
    if config.rows % processes.world or (config.preference and config.preference.rows % processes.world):
        raise InputError(
            f"rows do not divide among {processes.world} processes", remedy="give rows that are a multiple of them"
        )
    require_known_unet(model.snapshot.name, model.pipe)
    run = Run(
        base_snapshot=model.snapshot.snapshot_id,
        training_set=data.training_set,
        config=config.digest,
        device=model.device_class.name,
        processes=processes.world,
    )
    trainer = _Trainer(model, data, config, processes)
    kept = Checkpoints(checkpoints, run) if checkpoints else None
    done = trainer.resume(kept) if kept else 0
    began, stopped = clock(), ""
    while done < config.steps and not stopped:
        reached = _bound(config, model.device.type, clock() - began) if done else ""
        stopped = trainer.step(done, reached)
        if stopped:
            break
        done += 1
        if processes.leads:
            callback(trainer.told(done))
            if kept and (done % config.checkpoint_every == 0 or done == config.steps):
                trainer.save(kept, done)
    if stopped and kept and processes.leads:
        trainer.save(kept, done)
    weights = trainer.lora()
    return Finetuned(weights, _record(model, data, config, processes, trainer, weights), done, stopped)


def _bound(config: FinetuneConfig, device: str, seconds: float) -> str:
    """Which bound is reached; empty for none."""
    if config.most_seconds is not None and seconds >= config.most_seconds:
        return f"most_seconds {config.most_seconds:g}"
    if config.most_gib is not None and _peak_gib(device) > config.most_gib:
        return f"most_gib {config.most_gib:g}"
    return ""


def _peak_gib(device: str) -> float:
    if device == "cuda":
        import torch

        return torch.cuda.max_memory_allocated() / 2**30
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**30 if sys.platform == "darwin" else 2**20)


class _Trainer:
    """The adapter, its average and its optimiser, and the losses so far."""

    def __init__(self, model: LoadedModel, data: TrainingData, config: FinetuneConfig, processes: Processes) -> None:
        import torch

        self._config, self._processes, self._model = config, processes, model
        encoded = encode_data(model, data)
        self._unet = unet_with_lora(model, config)
        self._denoiser = Denoiser(self._unet, noise_schedule(model.snapshot.name), model.family, encoded)
        self._shares = data.weights / data.weights.sum()
        self._pairs = len(data.pair_prompts) if config.preference else 0
        self._adapter = {name: p for name, p in self._unet.named_parameters() if p.requires_grad}
        self._averages = {name: p.detach().clone() for name, p in self._adapter.items()}
        self._optimizer = torch.optim.AdamW(
            self._adapter.values(), lr=config.rate, weight_decay=config.weight_decay, foreach=False
        )
        self.denoising: list[float] = []
        self.preference: list[float] = []

    def step(self, number: int, reached: str) -> str:
        """One optimiser step, unless any process ``reached`` a bound: then which one, and nothing has changed."""
        import torch

        config, weights = self._config, list(self._adapter.values())
        for weight in weights:
            weight.grad = torch.zeros_like(weight)
        random = np.random.default_rng((config.seed, number))
        told = [0.0, 0.0, 1.0] if reached else [*self._backward(random), 0.0]
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        denoising, preference, stopping = self._processes.average(gradients, told)
        if stopping:
            return reached or "a bound of another process"
        if not math.isfinite(denoising + preference):
            raise TrainingError(
                f"the loss of step {number + 1} is {denoising:g}{f' and {preference:g}' if self._pairs else ''}",
                remedy="lower rate or clip; where it is the first step, look at the model's weights and the dtype",
            )
        torch.nn.utils.clip_grad_norm_(weights, config.clip)
        for group in self._optimizer.param_groups:
            group["lr"] = config.rate * config.share_at(number)
        self._optimizer.step()
        keep = min(config.average, (number + 1) / (number + 10))
        with torch.no_grad():
            for name, weight in self._adapter.items():
                self._averages[name].lerp_(weight, 1 - keep)
        self.denoising.append(denoising)
        self.preference += [preference] if self._pairs else []
        return ""

    def _backward(self, random: np.random.Generator) -> tuple[float, float]:
        """Add the gradients of this process's rows; the means of its losses. ``random`` is all the step's chance."""
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

        chosen = self._model.device_class
        ours = np.arange(self._processes.rank, rows, self._processes.world)
        total = 0.0
        for first in range(0, len(ours), most):
            low = chosen.dtype != "float32"
            with torch.autocast(chosen.device, chosen.torch_dtype, enabled=low):
                summed = losses(ours[first : first + most]).sum()
            (summed * (factor / len(ours))).backward()
            total += summed.item()
        return total / len(ours)

    def _noise(self, random: np.random.Generator, rows: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Noise of each row, and its timestep out of a share of the range of its own."""
        import torch

        steps = self._denoiser.schedule.config.num_train_timesteps
        shares = (random.permutation(rows) + random.random(rows)) / rows
        timesteps = (shares**self._config.noise_bias * steps).astype(np.int64).clip(max=steps - 1)
        noise = random.standard_normal((rows, *self._denoiser.encoded.latents.shape[1:]), np.float32)
        return torch.from_numpy(noise), torch.from_numpy(timesteps)

    def told(self, done: int) -> Step:
        return Step(
            number=done,
            of=self._config.steps,
            denoising=self.denoising[-1],
            preference=self.preference[-1] if self._pairs else None,
            lora=self.lora,
        )

    def lora(self) -> bytes:
        from peft.utils import get_peft_model_state_dict

        held = get_peft_model_state_dict(self._unet, state_dict=self._averages)
        return encode_lora({name: tensor.cpu() for name, tensor in held.items()}, adapter_metadata(self._unet))

    def save(self, kept: Checkpoints, done: int) -> None:
        tensors: dict[str, torch.Tensor] = {}
        for name, weight in self._adapter.items():
            tensors |= {f"{name}/weight": weight, f"{name}/average": self._averages[name]}
            tensors |= {f"{name}/{key}": value for key, value in self._optimizer.state[weight].items()}
        kept.save(done, tensors, self.denoising, self.preference)

    def resume(self, kept: Checkpoints) -> int:
        """Go on where the last checkpoint stands; steps done."""
        import torch

        found = kept.load()
        if found is None:
            return 0
        state, tensors = found
        places: Mapping[str, torch.Tensor] = self._averages
        with torch.no_grad():
            for key, value in tensors.items():
                name, _, what = key.rpartition("/")
                weight = self._adapter[name]
                if what in ("weight", "average"):
                    (weight if what == "weight" else places[name]).copy_(value)
                else:
                    self._optimizer.state[weight][what] = value if what == "step" else value.to(weight.device)
        self.denoising, self.preference = list(state.denoising), list(state.preference)
        return state.step


def _record(
    model: LoadedModel,
    data: TrainingData,
    config: FinetuneConfig,
    processes: Processes,
    trainer: _Trainer,
    weights: bytes,
) -> LoraRecord:
    return LoraRecord(
        weights_sha256=sha256_hex(weights),
        base=model.snapshot.name,
        base_snapshot=model.snapshot.snapshot_id,
        training_set=data.training_set,
        images=len(data.pictures),
        config=config,
        losses=_log(trainer.denoising, trainer.preference),
        licence=f"derived from {model.snapshot.name} (licence: {model.snapshot.licence}); "
        "the images are the studio's own, made and accepted on this platform",
        device=model.device_class.name,
        processes=processes.world,
    )


def _log(denoising: list[float], preference: list[float]) -> tuple[LossLine, ...]:
    """Means over equal stretches of the steps."""
    every = max(1, -(-len(denoising) // LOG_LINES))
    mean = partial(np.mean, dtype=np.float64)
    return tuple(
        LossLine(
            step=min(first + every, len(denoising)),
            denoising=float(mean(denoising[first : first + every])),
            preference=float(mean(preference[first : first + every])) if preference else None,
        )
        for first in range(0, len(denoising), every)
    )
