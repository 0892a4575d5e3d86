"""Counts what became of the images of a slot, a brief or a style, up to each moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genart_assets.features.moments import AFTER
from genart_assets.features.views import EVENT_TIME

if TYPE_CHECKING:
    import pandas as pd

_COUNTS = ["images", "passed", "reviewed", "accepted"]


def history(key: str, judged: pd.DataFrame, words: pd.DataFrame) -> pd.DataFrame:
    """One row for each moment at which a count of ``key`` changed, with the counts from then on.

    ``judged`` has the key, ``judged`` and ``passed`` of each image; ``words`` come from `words_so_far`. Verdicts count
    from the moment after; rows with an empty key are ignored.
    """
    import pandas as pd

    verdicts = pd.DataFrame(
        {key: judged[key], EVENT_TIME: judged["judged"] + AFTER, "images": 1, "passed": judged["passed"].astype(int)}
    )
    decided = words["outcome"].notna().astype(int), (words["outcome"] == "accept").astype(int)
    changed = [column - column.groupby(words["recipe_id"]).shift(fill_value=0) for column in decided]
    people = pd.DataFrame(
        {key: words[key], EVENT_TIME: words[EVENT_TIME], "reviewed": changed[0], "accepted": changed[1]}
    )
    events = pd.concat([verdicts, people], ignore_index=True).fillna(dict.fromkeys(_COUNTS, 0))
    events = events[events[key] != ""].groupby([EVENT_TIME, key], as_index=False)[_COUNTS].sum()
    counts = events.groupby(key)[_COUNTS].cumsum().astype("int64")
    shares = {
        "share_passed": counts["passed"] / counts["images"].where(counts["images"] > 0),
        "share_accepted": counts["accepted"] / counts["reviewed"].where(counts["reviewed"] > 0),
    }
    return events[[key, EVENT_TIME]].join(counts).assign(**shares)
