"""Measures how well the starter's critic recognises subjects: in new renderings, and in a set that it never saw."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from genart_assets.models.clip import ROWS, load_clip
from genart_assets.starter_training import critic
from genart_assets.starter_training.evaluation import subject_ranks
from genart_assets.starter_training.icons import Icons
from genart_assets.starter_training.renderings import place_icons
from genart_assets.starter_training.vocabulary import Pair, Vocabulary

SEED = 72
"""Seed of the placings; it differs from that of the critic's training renderings."""
VARIANTS = 3


def evaluate_critic(folder: Path, icons: Icons, words: Vocabulary) -> dict[str, dict[str, float]]:
    """How often the right subject is found among all: in newly placed renderings, and in icons of another set."""
    clip = load_clip(str(folder))
    random = np.random.default_rng(SEED)
    colours = np.asarray(list(words.backgrounds.values()))

    def retrieval(pairs: list[Pair], variants: int) -> dict[str, float]:
        placed = place_icons(icons, pairs, variants, critic.JITTER, SEED)
        rows, variant = np.indices((len(pairs), variants)).reshape(2, -1)
        pictures = placed.over(rows, variant, colours[random.integers(len(colours), size=len(rows))])
        began = time.perf_counter()
        clip.embed_images(pictures[: ROWS * 32])
        speed = len(pictures[: ROWS * 32]) / (time.perf_counter() - began)
        ranks = subject_ranks(pictures, [pairs[row] for row in rows], clip, words)
        return {
            "renderings": len(ranks),
            "top_1": float((ranks == 0).mean()),
            "top_5": float((ranks < 5).mean()),
            "images_per_second": speed,
        }

    return {
        "new_renderings": retrieval(list(words.pairs), VARIANTS),
        "other_icon_set": retrieval([pair for pair in icons if pair.style == words.judging_style], VARIANTS),
    }
