"""The plan of a batch is decoded once a process, whichever assets take it, and Dagit shows it as a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.records.recipe import Recipe
from genart_assets.records.schemas import PLAN
from genart_assets.stages.planning import plan_table
from genart_assets.storage.root import Storage
from genart_assets_tests.defs.studio import Studio

ROWS = 4
SHOWN = [
    *("brief", "round", "model_snapshot", "scheduler", "steps", "guidance"),
    *("rows", "new_rows", "failed_rows", "bytes", "seconds", "rows_per_second"),
    *("lines", "dagster/row_count", "dagster/column_schema", "sample"),
]
"""The metadata of generation_plan, in Dagit's order."""


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    storage = Storage.open(str(tmp_path / "storage"))
    monkeypatch.setenv("GENART_STORAGE", storage.root)
    with dg.DagsterInstance.ephemeral() as instance:
        yield Studio(storage, instance)


class CountedRecipes:
    """Reads recipes, and counts them: every row of a plan that is decoded has one."""

    read = 0

    @classmethod
    def model_validate_json(cls, text: str) -> Recipe:
        cls.read += 1
        return Recipe.model_validate_json(text)


def test_both_passes_of_a_batch_decode_its_plan_once(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_table, "Recipe", CountedRecipes)
    (batch,) = studio.order()
    rendered = studio.run("render", batch)
    assert rendered.success
    assert studio.run("deliver", batch).success
    print(
        "DECODES",
        CountedRecipes.read / ROWS,
        list(rendered.asset_materializations_for_node("generation_plan")[0].metadata),
    )
    assert CountedRecipes.read / ROWS == 1

    (event,) = rendered.asset_materializations_for_node("generation_plan")
    told = {name: value.value for name, value in event.metadata.items()}
    assert list(told) == SHOWN
    assert [told[name] for name in ("rows", "new_rows", "failed_rows", "lines", "dagster/row_count")] == [4, 4, 0, 4, 4]
    assert [column.name for column in told["dagster/column_schema"].columns] == PLAN.names
    assert [record.data["slot_index"] for record in told["sample"].records] == [0, 1, 2, 3]
