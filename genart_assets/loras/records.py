"""Defines how a style LoRA is fine-tuned, and what is recorded of it."""

from __future__ import annotations

from pydantic import Field

from genart_assets.records.base import Record, canonical_json, sha256_hex

TARGETS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2")
"""Attention and feed-forward layers of every transformer block."""


class Preference(Record):
    """The preference term, Diffusion-DPO (Wallace et al., 2024), added to the denoising loss."""

    weight: float = Field(default=0.1, gt=0, description="of the term, against 1 of the denoising loss")
    beta: float = Field(
        default=500.0, gt=0, description="how fast a preferred image's gain over the base model counts as enough"
    )
    rows: int = Field(default=8, ge=1, description="pairs of a step, over all processes")


class FinetuneConfig(Record):
    """All that determines the weights besides model and data, and how far a run may go."""

    steps: int = Field(default=400, ge=1, le=1_000_000, description="optimiser steps in all")
    rows: int = Field(default=32, ge=1, le=4096, description="images of a step, over all processes")
    rank: int = Field(default=8, ge=1, le=512, description="of the LoRA (Hu et al., 2022); its alpha is the same")
    targets: tuple[str, ...] = Field(default=TARGETS, min_length=1, description="ends of the adapted layers' names")
    rate: float = Field(default=1e-3, gt=0, lt=1, description="AdamW's learning rate after the warm-up")
    warm_up: int = Field(default=20, ge=0, description="steps over which the rate rises")
    decay_from: float = Field(default=0.4, ge=0, lt=1, description="share of the steps after which it falls to zero")
    weight_decay: float = Field(default=0.0, ge=0)
    clip: float = Field(default=1.0, gt=0, description="largest norm of a step's gradient")
    average: float = Field(default=0.98, ge=0, lt=1, description="decay of the weights' average, which is what is kept")
    kept: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share of the learnt change that is kept, at the end: less of it forgets less of the base "
        "(Wortsman et al., 2022)",
    )
    drop_captions: float = Field(
        default=0.1, ge=0, le=1, description="share of rows with an empty caption, for guidance (Ho and Salimans, 2022)"
    )
    noise_bias: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="less than 1 asks more of much noise: power of the shares that timesteps are drawn by, out of the "
        "density that such models are trained at",
    )
    preference: Preference | None = Field(default=None, description="None leaves preference pairs unused")
    seed: int = Field(default=0, ge=0, lt=2**63)
    micro_rows: int = Field(default=32, ge=1, description="most rows of one pass of one process: bounds its memory")
    gradient_checkpointing: bool = Field(default=False, description="compute activations twice instead of keeping them")
    checkpoint_every: int = Field(default=50, ge=1, description="steps")
    most_seconds: float | None = Field(
        default=None, gt=0, description="of one run, which takes a step at least; it then stops with a checkpoint"
    )
    most_gib: float | None = Field(
        default=None, gt=0, description="peak memory, of the device or else of the process; it then stops likewise"
    )

    @property
    def digest(self) -> str:
        """SHA-256 of what determines the weights: two runs may differ in when they save and stop."""
        fields = self.model_dump(mode="json", exclude={"checkpoint_every", "most_seconds", "most_gib"})
        return sha256_hex(canonical_json(fields))

    def share_at(self, step: int) -> float:
        """Share of the full rate that a step takes: it rises linearly, stays, then falls along a cosine."""
        import math

        if step < self.warm_up:
            return (step + 1) / self.warm_up
        left = (self.steps - step) / (self.steps * (1 - self.decay_from))
        return 0.5 - 0.5 * math.cos(math.pi * min(1.0, left))


class LossLine(Record):
    step: int = Field(description="the last one that the means are over")
    denoising: float = Field(description="mean squared error of the prediction")
    preference: float | None = Field(default=None, description="the Diffusion-DPO loss; ln 2 is where it begins")


class LoraRecord(Record):
    """How a LoRA came to be; lies beside its weights as ``lora.json``."""

    weights_sha256: str = Field(description="of pytorch_lora_weights.safetensors")
    base: str = Field(description="name of the model that it was made for")
    base_snapshot: str = Field(description="snapshot id of the weights that it fits")
    training_set: str = Field(description="id")
    images: int = Field(ge=0, description="that it learnt from")
    config: FinetuneConfig
    losses: tuple[LossLine, ...]
    licence: str = Field(description="what may be done with it, as far as the base and the images tell")
    device: str = Field(description="hardware class: elsewhere the same run gives other bits")
    processes: int = Field(ge=1)

    @property
    def version(self) -> str:
        """Names the LoRA among the versions of its style: first 12 digits of the weights' SHA-256."""
        return self.weights_sha256[:12]
