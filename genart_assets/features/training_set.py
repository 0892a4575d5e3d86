"""Joins features at points in time: what the gate knew when it decided, and what a critic may learn from people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from genart_assets.features.moments import AFTER
from genart_assets.features.protocol import FeatureStore
from genart_assets.features.views import EVENT_TIME
from genart_assets.features.words import decisions_in
from genart_assets.stages.reviewing.decisions import OUTCOMES, standing
from genart_assets.stages.reviewing.human_labels import human_labels

if TYPE_CHECKING:
    import pandas as pd

KEYS = ("recipe_id", "slot", "brief", "style")
GATE_VIEWS = ("recipes", "scores", "slot_history", "brief_history", "style_history")
REVIEWER_VIEWS = (*GATE_VIEWS, "verdicts")
"""What a person could know before a decision; the view ``feedback`` has the decisions."""
LABEL = "accepted"


def known_to_the_gate(store: FeatureStore, moments: pd.DataFrame) -> pd.DataFrame:
    """What the gate knew about each image when it decided: `KEYS`, that moment as ``event_timestamp``, features.

    ``moments`` come from `moments_of`. Verdicts of the image's own batch are not included.
    """
    timed = moments[moments["judged"].notna()].reset_index(drop=True)
    entities = timed[list(KEYS)].assign(**{EVENT_TIME: timed["judged"]})
    return store.historical(entities, features_of(store, GATE_VIEWS))


def training_set(
    store: FeatureStore,
    moments: pd.DataFrame,
    feedback: pd.DataFrame,
    as_of: datetime,
    views: Sequence[str] = REVIEWER_VIEWS,
) -> pd.DataFrame:
    """One row for each image with a decision at ``as_of``: `KEYS`, ``event_timestamp``, features, label.

    ``accepted`` is the majority of its reviewers' decisions that were valid at ``as_of``; later decisions and undos are
    ignored. An image that as many reviewers accept as reject is left out. The features are those known just before the
    first decision about the image, so that they contain no decision about it, not even one that was undone.

    Args:
        moments: rows from `moments_of` of all images in ``feedback``.
        feedback: rows of schemas.HUMAN_FEEDBACK.
    """
    import pandas as pd

    decisions = [decision for decision in decisions_in(feedback) if decision.time <= as_of]
    said = [
        (word.recipe_id, word.reviewer, word.action) for left in standing(decisions).values() for word in left.outcomes
    ]
    labels = human_labels(pd.DataFrame(said, columns=["recipe_id", "reviewer", "outcome"])).accepted
    first: dict[str, pd.Timestamp] = {}
    for decision in decisions:
        if decision.action in OUTCOMES:
            first.setdefault(decision.recipe_id, pd.Timestamp(decision.time).floor("ms") - AFTER)
    images = moments[moments["judged"].notna()].drop_duplicates("recipe_id").set_index("recipe_id", drop=False)
    there = [recipe_id for recipe_id in labels if recipe_id in images.index]
    entities = images.loc[there, list(KEYS)].reset_index(drop=True)
    times = pd.Series([first[recipe_id] for recipe_id in there], dtype="datetime64[us, UTC]")
    joined = store.historical(entities.assign(**{EVENT_TIME: times}), features_of(store, views))
    return joined.assign(**{LABEL: [labels[recipe_id] for recipe_id in there]})


def features_of(store: FeatureStore, views: Sequence[str]) -> list[str]:
    """All registered features of the named views, as ``view:feature``."""
    return [name for view in store.registered() if view.name in views for name in view.references]
