"""Defines what the starter model learns: subjects, styles, backgrounds, and which pairs it never sees."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from PIL import ImageColor

FILE = Path(__file__).parents[1] / "starter" / "vocabulary.yaml"
HELD_OUT_SHARE = 0.1


@dataclass(frozen=True)
class Pair:
    """A subject in a style: one icon."""

    subject: str
    style: str


@dataclass(frozen=True)
class Vocabulary:
    """The words that the starter model knows, with the icon sets that show them."""

    subjects: tuple[str, ...]
    styles: dict[str, str]
    """The icon set of each style."""
    lora_style: str
    judging_style: str
    """Styles that the base model never sees: the LoRA's style, and one that is only for testing the critic."""
    other_sets: dict[str, str]
    """The icon sets of these two styles; subjects may be missing."""
    backgrounds: dict[str, tuple[int, int, int]]
    """The sRGB value of each colour name, 0…255."""

    @property
    def held_out(self) -> frozenset[Pair]:
        """A tenth of the pairs, chosen by a hash, at most one per subject; no training set has them."""
        ranked = sorted(self.subjects, key=_rank)[: round(len(self.subjects) * len(self.styles) * HELD_OUT_SHARE)]
        styles = sorted(self.styles)
        return frozenset(Pair(subject, styles[place % len(styles)]) for place, subject in enumerate(ranked))

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """All pairs of a subject and a style."""
        return tuple(Pair(subject, style) for subject in self.subjects for style in self.styles)

    @property
    def seen(self) -> tuple[Pair, ...]:
        """All pairs that are not held out."""
        held_out = self.held_out
        return tuple(pair for pair in self.pairs if pair not in held_out)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary in the package, ``starter/vocabulary.yaml``."""
    read = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    (lora_style,), (judging_style,) = read["lora_style"], read["judging_style"]
    return Vocabulary(
        subjects=tuple(name.strip() for group in read["subjects"].values() for name in group.split(",")),
        styles=dict(read["styles"]),
        lora_style=lora_style,
        judging_style=judging_style,
        other_sets={**read["lora_style"], **read["judging_style"]},
        backgrounds={name: ImageColor.getrgb(colour)[:3] for name, colour in read["backgrounds"].items()},
    )


def _rank(subject: str) -> str:
    return hashlib.sha256(subject.encode()).hexdigest()
