"""Point-in-time joins: what the gate knew when it decided, and what a critic of the future may learn from people."""

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
"""What a person could know before saying anything; ``feedback`` is what they said."""
LABEL = "accepted"


def known_to_the_gate(store: FeatureStore, moments: pd.DataFrame) -> pd.DataFrame:
    """What the gate knew of each image when it decided: `KEYS`, that moment as ``event_timestamp``, features.

    ``moments`` are of `moments_of`. No verdict of the image's own batch is among it.
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
    """One line for each image that people had decided about at ``as_of``: `KEYS`, ``event_timestamp``, features, label.

    ``accepted`` is what most of its reviewers said, as it stood at ``as_of``: what was decided or taken back later is
    not seen; an image of which as many accept as reject is left out. The features are those known just before anyone
    said anything of the image, so that no word about it, also none that was taken back, is among them.

    Args:
        moments: of `moments_of`, of all images of ``feedback``.
        feedback: lines of schemas.HUMAN_FEEDBACK.
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
    """All registered features of the views of these names, ``view:feature``."""
    return [name for view in store.registered() if view.name in views for name in view.references]
