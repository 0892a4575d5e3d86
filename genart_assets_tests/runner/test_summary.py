from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from genart_assets.records import schemas
from genart_assets.records.plan import Batch
from genart_assets.runner.summary import Counts, counts_of, summarise
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

KEY = "fruit.0123456789.r0.0000"


def _batch(index: int, rows: int = 3) -> Batch:
    return Batch(
        key=f"fruit.0123456789.r0.{index:04d}",
        brief="fruit",
        brief_hash="h",
        model="starter",
        model_snapshot="s",
        round=0,
        index=index,
        first_row=index * rows,
        rows=rows,
    )


def test_a_batch_that_has_not_begun_counts_as_slots_only(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path))
    assert counts_of(storage, KEY) == Counts()
    summary = summarise(storage, [_batch(0), _batch(1, rows=2)], 0, ["x: it failed"])
    assert (summary.slots, summary.rendered, summary.passed, summary.failed) == (5, 0, 0, 5)
    assert [round.model_dump() for round in summary.rounds] == [{"round": 0, "rendered": 0, "passed": 0}]
    assert summary.problems == ("x: it failed",)


def test_a_damaged_table_is_a_problem_of_its_batch(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path))
    rows = pd.DataFrame([{field.name: "x" for field in schemas.SELECTED_IMAGES}])
    for field in schemas.SELECTED_IMAGES:
        if not pa.types.is_string(field.type):
            rows[field.name] = 1
    TableStore(storage, "selected_images", KEY).write(rows)
    (manifest,) = tmp_path.rglob("manifest.json")
    for part in manifest.parent.glob("*.parquet"):
        part.write_bytes(b"cut off")
    summary = summarise(storage, [_batch(0), _batch(1)], 0, [])
    (problem,) = summary.problems
    assert problem.startswith(f"{KEY}: ")
    assert "is damaged" in problem
    assert summary.slots == 6
