"""When things about an image became known, as far as the stored records tell.

Three moments, each a lower bound that a studio with one worker meets exactly up to the critics' seconds:

- ``began``: the run began to denoise the image's batch. The recipe was known then.
- ``judged``: the run that denoised last of the batch had, by its own seconds, ended. Scores are dated so; the verdict,
  made of them, one `AFTER` later, so that what the gate knew is a join at ``judged`` and holds no verdict of the batch.
- a decision's time is exact; it counts from one `AFTER` later, so that a join at that time holds what the person saw.

Moments are whole milliseconds, for some stores keep no finer: what became known is dated up, who asks is dated down.

A verdict has no time of its own. Where two workers judge batches at the same time, one may be dated before the other
though it was judged later.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


AFTER = timedelta(milliseconds=1)

MOMENTS = ("recipe_id", "batch", "slot", "brief", "style", "began", "judged")


def moments_of(records: pd.DataFrame) -> pd.DataFrame:
    """One line of `MOMENTS` for each line of schemas.PROVENANCE, with its index.

    An image whose run was killed has no time: it takes the latest of its batch, and where the batch has none, NaT.
    """
    import pandas as pd

    began = pd.to_datetime(records["began"], format="ISO8601", utc=True).astype("datetime64[us, UTC]")
    batch = records["batch"]
    seconds = records["denoise_seconds"].astype("float64").fillna(0)
    of_the_run = seconds.groupby([batch, records["run_id"]], dropna=False).transform("sum")
    ended = began + pd.to_timedelta((of_the_run * 1e6).round(), unit="us").astype("timedelta64[us]")
    return pd.DataFrame(
        {
            "recipe_id": records["recipe_id"],
            "batch": batch,
            "slot": slot_keys(batch, records["slot_index"]),
            "brief": records["brief"],
            "style": [json.loads(values).get("style", "") for values in records["values"]],
            "began": began.fillna(began.groupby(batch).transform("max")).dt.ceil("ms"),
            "judged": ended.groupby(batch).transform("max").dt.ceil("ms"),
        },
        index=records.index,
    )


def slot_keys(batch: pd.Series, slot_index: pd.Series) -> pd.Series:
    """``{order}/{slot index}`` of each line."""
    return batch.str.rsplit(".", n=2).str[0].str.cat(slot_index.astype("int64").astype("str"), sep="/")
