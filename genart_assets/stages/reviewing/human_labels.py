"""What people say of images, one word for each: accepted or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from genart_assets.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

OUTCOMES = {"accept": True, "reject": False, "redo": False}
"""What a reviewer may say, and whether it accepts the image: one that is to be drawn again was not good."""


@dataclass(frozen=True)
class HumanLabels:
    accepted: dict[str, bool]
    """Recipe id to what most of its reviewers say, in the order of the feedback."""
    disputed: tuple[str, ...]
    """Images of which as many reviewers accept as reject; they say nothing of a critic."""
    reviewers: int


def human_labels(feedback: pd.DataFrame) -> HumanLabels:
    """Labels from rows of ``recipe_id``, ``reviewer`` and ``outcome`` (accept, reject or redo), oldest first.

    A reviewer's last word on an image counts. InputError for an outcome that is none of these.
    """
    unknown = sorted(set(feedback["outcome"]) - set(OUTCOMES))
    if unknown:
        raise InputError(f"human feedback has the outcome {unknown[0]!r}", remedy=f"outcomes are {', '.join(OUTCOMES)}")
    last = feedback.drop_duplicates(["recipe_id", "reviewer"], keep="last")
    votes: dict[str, int] = {}
    for recipe_id, outcome in zip(last["recipe_id"], last["outcome"], strict=True):
        votes[str(recipe_id)] = votes.get(str(recipe_id), 0) + (1 if OUTCOMES[str(outcome)] else -1)
    return HumanLabels(
        accepted={recipe_id: vote > 0 for recipe_id, vote in votes.items() if vote},
        disputed=tuple(recipe_id for recipe_id, vote in votes.items() if not vote),
        reviewers=int(feedback["reviewer"].nunique()),
    )
