"""Records how the shipped weights were made: the recipe, its sources, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genart_assets.starter_training import (
    autoencoder,
    captions,
    control,
    critic,
    generator,
    latents,
    style_lora,
    tokenizer,
)
from genart_assets.starter_training.icons import PACKAGES
from genart_assets.starter_training.vocabulary import FILE, HELD_OUT_SHARE

STARTER = Path(__file__).parents[1] / "starter"
WEIGHTS = ("pipeline", "critic", "silhouette", "ink")
"""Folders of the starter that training writes."""


def recipe() -> dict[str, Any]:
    """Every number that the weights depend on, as JSON data."""
    found = {
        "sources": PACKAGES,
        "vocabulary_sha256": sha256_of(FILE),
        "held_out_share": HELD_OUT_SHARE,
        "captions": {
            "forms": dict(zip(captions.FORMS, captions.FORM_SHARES, strict=True)),
            "parts": captions.PARTS,
            "part_share": captions.PART_SHARE,
            "empty_share": captions.EMPTY_SHARE,
        },
        "tokenizer": {"tokens": tokenizer.TOKENS, "length": tokenizer.LENGTH},
        "autoencoder": {
            **asdict(autoencoder.SCHEDULE),
            "jitter": asdict(autoencoder.JITTER),
            "variants": autoencoder.VARIANTS,
            "absolute_weight": autoencoder.ABSOLUTE_WEIGHT,
            "kl_weight": autoencoder.KL_WEIGHT,
        },
        "latents": {"variants": latents.VARIANTS, "seed": latents.SEED, "jitter": asdict(latents.JITTER)},
        "generator": {**asdict(generator.SCHEDULE), "noise_bias": generator.NOISE_BIAS},
        "critic": {
            **asdict(critic.SCHEDULE),
            "jitter": asdict(critic.JITTER),
            "variants": critic.VARIANTS,
            "colour_deviation": critic.COLOUR_DEVIATION,
            "noise_deviation": critic.NOISE_DEVIATION,
            "blurred_share": critic.BLURRED_SHARE,
            "smallest_blur": critic.SMALLEST_BLUR,
        },
        "control": {**asdict(control.SCHEDULE), "jitter": asdict(control.JITTER), "variants": control.VARIANTS},
        "style_lora": {**asdict(style_lora.SCHEDULE), "rank": style_lora.RANK, "targets": style_lora.TARGETS},
    }
    return json.loads(json.dumps(found))


def weight_hashes(folder: Path = STARTER) -> dict[str, str]:
    """The SHA-256 of every file in the weights' folders, by relative path."""
    files = sorted(path for name in WEIGHTS for path in (folder / name).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in files}


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
