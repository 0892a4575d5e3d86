"""Works out which decisions about an image were valid after each decision, without knowledge of later ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from genart_assets.features.moments import AFTER, slot_keys
from genart_assets.features.views import EVENT_TIME, FEEDBACK
from genart_assets.records.decision import Decision
from genart_assets.records.plan import Settings
from genart_assets.stages.reviewing.decisions import Standing, in_order, standing

if TYPE_CHECKING:
    import pandas as pd

_STATED = [one.name for one in FEEDBACK.features]


def decisions_in(feedback: pd.DataFrame) -> list[Decision]:
    """The decisions in rows of schemas.HUMAN_FEEDBACK, oldest first.

    The column ``stands`` is ignored, because it knows what was undone later.
    """
    given = feedback.astype(object).where(feedback.notna(), None)
    return in_order(_decision(line) for line in given.to_dict("records"))


def words_so_far(feedback: pd.DataFrame, moments: pd.DataFrame) -> pd.DataFrame:
    """One row per decision: which decisions about its image were valid from the moment after, oldest first.

    The columns are those of the view ``feedback``, with ``slot``, ``brief`` and ``style`` of the image. ``moments`` has
    all images of ``feedback``; decisions about an image without moments are left out.
    """
    import pandas as pd

    about = feedback[["decision", "recipe_id", "batch", "brief"]].assign(
        slot=slot_keys(feedback["batch"].astype("str"), feedback["slot_index"])
    )
    styles = moments[["recipe_id", "batch", "style"]].drop_duplicates(["recipe_id", "batch"])
    states = pd.DataFrame(list(_states(decisions_in(feedback))), columns=["decision", EVENT_TIME, *_STATED])
    times = pd.to_datetime(states[EVENT_TIME], utc=True).astype("datetime64[us, UTC]")
    states[EVENT_TIME] = times.dt.ceil("ms") + AFTER
    states = states.astype({"score": "Int64"})
    known = states.merge(about, on="decision").merge(styles, on=["recipe_id", "batch"])
    return known.sort_values(EVENT_TIME, kind="stable", ignore_index=True)


def _states(decisions: list[Decision]) -> Iterator[tuple[object, ...]]:
    by_image: dict[str, list[Decision]] = {}
    for decision in decisions:
        said = by_image.setdefault(decision.recipe_id, [])
        said.append(decision)
        yield decision.id, decision.time, *_stated(standing(said)[decision.recipe_id])


def _stated(left: Standing) -> tuple[object, ...]:
    outcome = left.outcome and left.outcome.action
    return outcome, left.score, json.dumps(left.tags), len(left.outcomes), left.disagreed


def _decision(line: Mapping[Any, object]) -> Decision:
    settings = line["settings"]
    return Decision.model_validate(
        {
            **{name: line[name] for name in ("recipe_id", "action", "score", "undoes", "reviewer", "time")},
            "id": line["decision"],
            "order": str(line["batch"]).rsplit(".", 2)[0],
            "tags": json.loads(str(line["tags"])),
            "settings": settings and Settings.model_validate_json(str(settings)),
        }
    )
