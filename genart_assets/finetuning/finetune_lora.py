"""Fine-tunes a style LoRA (Hu et al., 2022) on a diffusion model's denoiser, with the model's own objective."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from genart_assets.errors import InputError
from genart_assets.finetuning.checkpoint import Checkpoints, Run
from genart_assets.finetuning.inputs import TrainingData
from genart_assets.finetuning.objective import require_known_denoiser
from genart_assets.finetuning.processes import Processes
from genart_assets.finetuning.trainer import Trainer
from genart_assets.loras.records import FinetuneConfig, LoraRecord, LossLine
from genart_assets.models.loading import LoadedModel
from genart_assets.records.base import sha256_hex

LOG_LINES = 50
"""Maximum number of lines in a record's loss log."""


@dataclass(frozen=True)
class Step:
    """What a callback receives after each step."""

    number: int
    """Steps done."""
    of: int
    denoising: float
    preference: float | None
    lora: Callable[[], bytes]
    """Encodes the current LoRA, for a grid of samples: safetensors in diffusers' layout."""


@dataclass(frozen=True)
class Finetuned:
    """The result of a run."""

    weights: bytes
    """``pytorch_lora_weights.safetensors``: the average of the weights up to ``steps``."""
    record: LoraRecord
    steps: int
    stopped: str
    """The bound of the config that ended the run early; empty for a finished run."""


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
    """Learn the style of the pictures in ``data``; the base model's weights do not change.

    The loss is the squared error of what the model predicts (noise, velocity or flow) on the noise levels of its own
    scheduler; with ``config.preference``, Diffusion-DPO over the pairs is added. Model, data, config, hardware class
    and number of processes determine the bits. With a ``checkpoints`` directory, an interrupted run resumes from its
    last checkpoint and ends in the same weights.

    Raises:
        InputError: no pictures, rows that do not divide among the processes, or checkpoints of another run.
        ModelError: the model's denoiser, scheduler or layers are of an unsupported kind.
        TrainingError: a loss is not finite, or the processes found different checkpoints.
    """
    if config.rows % processes.world or (config.preference and config.preference.rows % processes.world):
        raise InputError(
            f"rows do not divide among {processes.world} processes", remedy=f"make rows a multiple of {processes.world}"
        )
    require_known_denoiser(model.snapshot.name, model.pipe)
    run = Run(
        base_snapshot=model.snapshot.snapshot_id,
        training_set=data.training_set,
        config=config.digest,
        device=model.device_class.name,
        processes=processes.world,
    )
    began, stopped = clock(), ""
    trainer = Trainer(model, data, config, processes)
    stored = Checkpoints(checkpoints, run) if checkpoints else None
    first = done = trainer.resume(stored) if stored else 0
    processes.require_same(done, model.device)
    while done < config.steps and not stopped:
        reached = _bound(config, model.device.type, clock() - began) if done > first else ""
        stopped = trainer.step(done, reached)
        if stopped:
            break
        done += 1
        if processes.leads:
            callback(_step(trainer, done, config.steps))
            if stored and (done % config.checkpoint_every == 0 or done == config.steps):
                trainer.save(stored, done)
    if stopped and stored and processes.leads:
        trainer.save(stored, done)
    weights = trainer.lora()
    return Finetuned(weights, _record(model, data, config, processes, trainer, weights), done, stopped)


def _step(trainer: Trainer, done: int, of: int) -> Step:
    preference = trainer.preference[-1] if trainer.preference else None
    return Step(number=done, of=of, denoising=trainer.denoising[-1], preference=preference, lora=trainer.lora)


def _bound(config: FinetuneConfig, device: str, seconds: float) -> str:
    """The bound that is reached; empty if none is."""
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


def _record(
    model: LoadedModel,
    data: TrainingData,
    config: FinetuneConfig,
    processes: Processes,
    trainer: Trainer,
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
    """Mean losses over equal intervals of steps."""
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
