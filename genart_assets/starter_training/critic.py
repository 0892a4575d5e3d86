"""Trains the starter's critic: a CLIP (Radford et al., 2021) that is trained independently of the generator.

Its seed, its text encoder and its pictures differ from the generator's. It learns from turned, mirrored, blurred and
noisy renderings, so that it recognises a subject and not a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.starter_training.captions import random_caption
from genart_assets.starter_training.loop import Effects, Schedule, train
from genart_assets.starter_training.renderings import SIDE, Jitter, PlacedIcons, as_tensor_values
from genart_assets.starter_training.tokenizer import LENGTH, TOKENS

if TYPE_CHECKING:
    import torch

SCHEDULE = Schedule(
    steps=1000,
    rows=128,
    rate=1e-3,
    muon_rate=2e-3,
    warm_up=50,
    decay_from=0.2,
    average=0.99,
    weight_decay=0.1,
    seed=71,
)
JITTER = Jitter(share=(0.62, 0.95), shift=4.0, turn=12.0)
VARIANTS = 12
COLOUR_DEVIATION = 8.0
"""Standard deviation of a background colour in levels of 0…255, since renderers and autoencoders shift colours."""
NOISE_DEVIATION = 0.06
BLURRED_SHARE = 0.5
SMALLEST_BLUR = 0.5
"""Smallest share of the side to which a picture is scaled down, and up again, to blur it."""


def new_critic(tokenizer: Any) -> Any:
    """A ``CLIPModel`` with 4.1 M parameters: patches of 8 px, two towers of width 192, a space of 128 dimensions."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(SCHEDULE.seed)
    tower = {"hidden_size": 192, "intermediate_size": 768, "num_attention_heads": 6, "projection_dim": 128}
    ends = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    text = {**tower, **ends, "num_hidden_layers": 3, "vocab_size": TOKENS, "max_position_embeddings": LENGTH}
    vision = {**tower, "num_hidden_layers": 5, "image_size": SIDE, "patch_size": 8}
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=128))


def train_critic(
    critic: Any,
    tokenizer: Any,
    placed: PlacedIcons,
    backgrounds: dict[str, tuple[int, int, int]],
    effects: Effects,
) -> dict[str, float]:
    """Train by contrast: a step has each subject once, so that a picture and its caption are the only match."""
    import torch

    by_subject: dict[str, list[int]] = {}
    for row, pair in enumerate(placed.pairs):
        by_subject.setdefault(pair.subject, []).append(row)
    subjects, names = list(by_subject), list(backgrounds)
    colours = np.asarray(list(backgrounds.values()), np.float32)

    def losses_of(random: np.random.Generator) -> dict[str, torch.Tensor]:
        chosen = random.choice(len(subjects), SCHEDULE.rows, replace=False)
        rows = np.asarray([random.choice(by_subject[subjects[place]]) for place in chosen])
        behind = random.integers(len(names), size=len(rows))
        tinted = colours[behind] + random.normal(0, COLOUR_DEVIATION, (len(rows), 3))
        pictures = placed.over(rows, random.integers(placed.variants, size=len(rows)), tinted.clip(0, 255))
        captions = [
            _caption(placed.pairs[row].subject, placed.pairs[row].style, names[place], random)
            for row, place in zip(rows, behind, strict=True)
        ]
        ids = tokenizer(captions, padding="max_length", truncation=True, return_tensors="pt").input_ids
        shown = augmented(torch.from_numpy(as_tensor_values(pictures)), random)
        found = critic(input_ids=ids.to(critic.device), pixel_values=shown.to(critic.device))
        return {"contrast": _contrast(found.logits_per_image)}

    return train({"critic": critic}, SCHEDULE, losses_of, effects)


def _caption(subject: str, style: str, background: str, random: np.random.Generator) -> str:
    """A caption. One in three has the subject alone or with a style, so that style and colour do not identify it."""
    if random.random() < 1 / 3:
        return subject if random.random() < 0.5 else f"{style} icon of {subject}"
    return random_caption(subject, style, background, random, part_share=0.0, empty_share=0.0)


def augmented(pictures: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Pictures ``float32 [n, 3, 64, 64]`` in -1…1: half of them mirrored, some blurred, all with a little noise."""
    import torch
    from torch.nn.functional import interpolate

    mirrored = torch.from_numpy(random.random(len(pictures)) < 0.5)
    pictures = torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)
    side = int(random.uniform(SMALLEST_BLUR, 1.0) * SIDE)
    blurred = interpolate(pictures, size=(side, side), mode="bilinear", antialias=True, align_corners=False)
    blurred = interpolate(blurred, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
    some = torch.from_numpy(random.random(len(pictures)) < BLURRED_SHARE)
    pictures = torch.where(some[:, None, None, None], blurred, pictures)
    strength = random.uniform(0, NOISE_DEVIATION, (len(pictures), 1, 1, 1))
    noise = random.standard_normal(pictures.shape, np.float32) * strength
    return (pictures + torch.from_numpy(noise.astype(np.float32))).clamp(-1, 1)


def _contrast(logits: torch.Tensor) -> torch.Tensor:
    import torch
    from torch.nn.functional import cross_entropy

    matches = torch.arange(len(logits), device=logits.device)
    return (cross_entropy(logits, matches) + cross_entropy(logits.T, matches)) / 2
