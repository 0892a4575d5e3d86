"""Defines how a style LoRA is fine-tuned, and what is recorded about it."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record, canonical_json, sha256_hex

TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2")
"""Attention and feed-forward layers of every transformer block."""


class Preference(Record):
    """The preference term, Diffusion-DPO (Wallace et al., 2024), added to the denoising loss."""

    weight: float = Field(
        default=0.1, gt=0, description="weight of the preference term; the denoising loss has weight 1"
    )
    beta: float = Field(
        default=500.0, gt=0, description="how soon a preferred image's gain over the base model counts as enough"
    )
    rows: int = Field(default=8, ge=1, description="pairs per step, over all processes")


class FinetuneConfig(Record):
    """Everything that determines the weights besides model and data, and the limits of a run."""

    steps: int = Field(default=400, ge=1, le=1_000_000, description="total number of optimiser steps")
    rows: int = Field(default=32, ge=1, le=4096, description="images per step, over all processes")
    rank: int = Field(default=8, ge=1, le=512, description="rank of the LoRA (Hu et al., 2022); its alpha is equal")
    targets: tuple[str, ...] = Field(default=TARGETS, min_length=1, description="name endings of the adapted layers")
    rate: float = Field(default=1e-3, gt=0, lt=1, description="AdamW's learning rate after the warm-up")
    warm_up: int = Field(default=20, ge=0, description="steps over which the rate rises")
    decay_from: float = Field(
        default=0.4, ge=0, lt=1, description="share of the steps after which the rate falls to zero"
    )
    weight_decay: float = Field(default=0.0, ge=0, description="AdamW's weight decay")
    clip: float = Field(default=1.0, gt=0, description="largest norm of a step's gradient")
    average: float = Field(
        default=0.98, ge=0, lt=1, description="decay of the weights' average, which becomes the LoRA"
    )
    kept: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share of the learnt change that the LoRA has at the end: a smaller share forgets less of the base "
        "(Wortsman et al., 2022)",
    )
    drop_captions: float = Field(
        default=0.1, ge=0, le=1, description="share of rows with an empty caption, for guidance (Ho and Salimans, 2022)"
    )
    noise_bias: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="power of the numbers from which timesteps are drawn, within the density that such models are "
        "trained with; below 1, noisy timesteps are drawn more often",
    )
    preference: Preference | None = Field(
        default=None, description="the preference term; without it preference pairs are unused"
    )
    seed: int = Field(default=0, ge=0, lt=2**63, description="seed of all random numbers")
    micro_rows: int = Field(default=32, ge=1, description="most rows per pass of one process; limits its memory")
    gradient_checkpointing: bool = Field(default=False, description="compute activations twice instead of storing them")
    checkpoint_every: int = Field(default=50, ge=1, description="steps between checkpoints")
    most_seconds: float | None = Field(
        default=None,
        gt=0,
        description="longest time of one run, in s; it takes at least one step and stops with a checkpoint",
    )
    most_gib: float | None = Field(
        default=None,
        gt=0,
        description="largest peak memory, of the GPU or else of the process, in GiB; the run stops likewise",
    )

    @property
    def digest(self) -> str:
        """SHA-256 of what determines the weights; two equal runs may save and stop at different times."""
        fields = self.model_dump(mode="json", exclude={"checkpoint_every", "most_seconds", "most_gib"})
        return sha256_hex(canonical_json(fields))

    def share_at(self, step: int) -> float:
        """Share of the full rate at a step: it rises linearly, stays, then falls along a cosine."""
        import math

        if step < self.warm_up:
            return (step + 1) / self.warm_up
        left = (self.steps - step) / (self.steps * (1 - self.decay_from))
        return 0.5 - 0.5 * math.cos(math.pi * min(1.0, left))


class LossLine(Record):
    """Mean losses over some steps."""

    step: int = Field(description="last of the steps that the means cover")
    denoising: float = Field(description="mean squared error of the prediction")
    preference: float | None = Field(default=None, description="Diffusion-DPO loss; it begins at ln 2")


class LoraRecord(Record):
    """How a LoRA was made; stored beside its weights as ``lora.json``."""

    weights_sha256: str = Field(description="hash of pytorch_lora_weights.safetensors")
    base: str = Field(description="name of the base model")
    base_snapshot: str = Field(description="snapshot id of the base model's weights")
    training_set: str = Field(description="id of the training set")
    images: int = Field(ge=0, description="number of images that it learnt from")
    config: FinetuneConfig
    losses: tuple[LossLine, ...]
    licence: str = Field(description="what may be done with it, as far as the base model and the images say")
    device: str = Field(description="hardware class; on another class the same run gives other bits")
    processes: int = Field(ge=1, description="number of processes that trained together")

    @property
    def version(self) -> str:
        """The name of the LoRA among the versions of its style: the first 12 digits of the weights' SHA-256."""
        return self.weights_sha256[:12]
