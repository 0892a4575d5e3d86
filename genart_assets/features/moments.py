"""Works out when each fact about an image became known, from the stored records.

There are three moments. Each is a lower bound; in a studio with one worker it is exact but for the critics' seconds:

- ``began``: the run began to denoise the image's batch. From then on the recipe was known.
- ``judged``: the last run that denoised images of the batch ended, by its own seconds. Scores have this time. The
  verdict, which is made of them, has a time one `AFTER` later: so a join at ``judged`` gives what the gate knew, and no
  verdict of the batch itself.
- A decision's time is exact. It counts from one `AFTER` later, so a join at that time gives what the person saw.

Moments are whole milliseconds, since some stores have no finer resolution: the time of a fact is rounded up, the time
of a question is rounded down.

A verdict has no time of its own. If two workers judge batches at the same time, a verdict may be dated before another
one that was made earlier.
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
    """One row of `MOMENTS` for each row of schemas.PROVENANCE, with the same index.

    An image whose run was killed has no time: it gets the latest time of its batch, or NaT if the batch has none.
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
    """``{order}/{slot index}`` of each row."""
    return batch.str.rsplit(".", n=2).str[0].str.cat(slot_index.astype("int64").astype("str"), sep="/")
