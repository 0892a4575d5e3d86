"""Makes the offline tables of the feature views, from the stored records of images and the decisions of people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from genart_assets.features.history import history
from genart_assets.features.moments import AFTER, moments_of
from genart_assets.features.views import CREATED, EVENT_TIME, FEEDBACK, HISTORIES, RECIPES, VERDICTS, View, scores_view
from genart_assets.features.words import words_so_far

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FeatureTables:
    """The tables of all views, with the number of images that they leave out or show later."""

    tables: Mapping[View, pa.Table]
    """The rows of each view, one for each key and moment."""
    untimed: int
    """Images that are left out, because no run of their batch stored its time."""
    ahead: int
    """Images whose judgement lies in the future of this machine's clock, which was set back. Until then they are not in
    a join at the present time, nor in the online store."""


def feature_tables(records: pd.DataFrame, feedback: pd.DataFrame, built: datetime) -> FeatureTables:
    """The rows of every view.

    ``records`` have schemas.PROVENANCE, ``feedback`` has schemas.HUMAN_FEEDBACK, ``built`` is the present time.
    """
    moments = moments_of(records)
    timed = moments["judged"].notna()
    records, moments = records[timed], moments[timed]
    words = words_so_far(feedback, moments)
    scores, scored = _scores(records)
    judged = moments.assign(passed=records["passed"].astype(bool))
    made: list[tuple[View, pd.DataFrame]] = [
        (RECIPES, _recipes(records, moments)),
        (scores_view(scored), scores.assign(**{EVENT_TIME: moments["judged"]})),
        (VERDICTS, _verdicts(records).assign(**{EVENT_TIME: moments["judged"] + AFTER})),
        (FEEDBACK, words),
        *((view, history(view.entity.key, judged, words)) for view in HISTORIES),
    ]
    return FeatureTables(
        {view: _table(view, frame, built) for view, frame in made},
        untimed=int((~timed).sum()),
        ahead=int((moments["judged"] > built).sum()),
    )


def score_column(critic: str, version: str) -> str:
    """The column of one version of a critic; two versions never share a column."""
    return f"{critic}_v{re.sub('[^0-9a-z]+', '_', version.lower())}"


def _recipes(records: pd.DataFrame, moments: pd.DataFrame) -> pd.DataFrame:
    known = moments[["brief", "slot", "style"]].assign(**{EVENT_TIME: moments["began"]})
    return records.drop(columns=["brief"]).join(known)


def _verdicts(records: pd.DataFrame) -> pd.DataFrame:
    failed = [json.dumps([one["expectation"] for one in json.loads(text)]) for text in records["failed"]]
    return records[["recipe_id", "passed", "selected"]].assign(failed=failed, held=records["held"].notna())


def _scores(records: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    """The scores of each image, one column per critic and version, and the units of the columns."""
    import pandas as pd

    columns: dict[str, str] = {}
    rows: list[dict[str, float | None]] = []
    for text in records["scores"]:
        row: dict[str, float | None] = {}
        for one in json.loads(text):
            column = score_column(one["critic"], one["version"])
            columns[column] = f"{one['unit']}; {one['critic']}, version {one['version']}"
            row[column] = one["score"]
        rows.append(row)
    frame = pd.DataFrame(rows, index=records.index, columns=list(columns), dtype="float64")
    return frame.assign(recipe_id=records["recipe_id"]), columns


def _table(view: View, frame: pd.DataFrame, built: datetime) -> pa.Table:
    import pandas as pd

    lines = frame.assign(**{CREATED: pd.Timestamp(built)})[view.columns.names]
    lines = lines.sort_values([EVENT_TIME, view.entity.key], kind="stable")
    lines = lines.drop_duplicates([view.entity.key, EVENT_TIME], keep="last")
    return pa.Table.from_pandas(lines, schema=view.columns, preserve_index=False).replace_schema_metadata(None)
