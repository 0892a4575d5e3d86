"""A real asset graph hands rows through the three IO managers, on the local disk and in S3."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pandas as pd
import pytest

from genart_assets import progress
from genart_assets.records.schemas import VERDICTS
from genart_assets.storage.handoff import handoff
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import TensorStore
from genart_assets_tests.defs.io_managers.graph import BATCH, Stages, batches, materialise, resources
from genart_assets_tests.storage.rows import IDS, POISON

GOOD = [id for id in IDS if id != POISON]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, object]:
    (event,) = result.asset_materializations_for_node(asset)
    return {name: value.value for name, value in event.metadata.items()}


def problem(result: dg.ExecuteInProcessResult, step: str) -> str:
    """The error of a failed step, its causes included."""
    error = result.failure_data_for_node(step)
    assert error
    assert error.error
    return str(error.error)


def assert_all_is_there(root: str) -> None:
    storage = Storage.open(root)
    handoff.clear()
    assert list(TensorStore(storage, "latents", BATCH).open().ids) == GOOD
    assert list(ImageStore(storage, BATCH).open().ids) == GOOD
    assert TableStore(storage, "verdicts", BATCH).read()["recipe_id"].tolist() == GOOD


def test_rows_flow_from_tensors_to_tables(root: str, instance: dg.DagsterInstance) -> None:
    heard: list[tuple[str, str, int, int]] = []
    with progress.subscribe(lambda *report: heard.append(report)):
        result = materialise(root, Stages(), instance)
    assert result.success
    assert all(check.passed for check in result.get_asset_check_evaluations())
    assert len(result.get_asset_check_evaluations()) == 3
    assert_all_is_there(root)
    assert [report for report in heard if report[0] == "latents"] == [
        ("latents", BATCH, done, 10) for done in (0, 4, 8, 10)
    ]
    for asset in ("latents", "images", "critic_scores"):
        said = metadata(result, asset)
        assert (said["rows"], said["new_rows"], said["failed_rows"]) == (10, 10, 1)
        assert said["failures"] == {POISON: "not finite"}
        assert all(isinstance(said[name], float) for name in ("seconds", "rows_per_second"))
        assert said["bytes"]
    assert metadata(result, "images")["sheet"] == "![](x)"
    table = metadata(result, "verdicts")
    assert table["lines"] == 9
    assert [column.name for column in table["dagster/column_schema"].columns] == VERDICTS.names  # type: ignore[attr-defined]
    assert len(table["sample"].records) == 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(("asset", "failed_at"), [("latents", 1), ("images", 2), ("critic_scores", 0)])
def test_a_second_run_computes_the_missing_rows_only(
    root: str, instance: dg.DagsterInstance, asset: str, failed_at: int
) -> None:
    first, second = Stages(**{asset: failed_at}), Stages()
    failed = materialise(root, first, instance)
    assert not failed.success
    assert "ran out of memory" in problem(failed, asset)
    handoff.clear()
    resumed = materialise(root, second, instance)
    assert resumed.success
    for name in ("latents", "images", "critic_scores"):
        assert sorted([*first.computed[name], *second.computed[name]]) == list(IDS)
    assert metadata(resumed, asset)["new_rows"] == len(second.computed[asset])
    assert_all_is_there(root)


def test_a_sealed_batch_is_computed_no_more(root: str, instance: dg.DagsterInstance) -> None:
    assert materialise(root, Stages(), instance).success
    again = Stages()
    result = materialise(root, again, instance)
    assert result.success
    assert not any(again.computed.values())
    assert metadata(result, "latents")["new_rows"] == 0


def test_batches_are_kept_apart(root: str, instance: dg.DagsterInstance) -> None:
    assert materialise(root, Stages(), instance).success
    other = Stages()
    assert materialise(root, other, instance, batch="market.0123456789.r0.0001").success
    assert other.computed["latents"] == list(IDS)


def test_a_missing_upstream_is_named_with_the_remedy(root: str, instance: dg.DagsterInstance) -> None:
    failed = materialise(root, Stages(), instance, selection="images")
    assert not failed.success
    assert f"materialise asset latents for batch {BATCH} first" in problem(failed, "images")


def test_an_asset_outside_the_batches_is_refused(root: str, instance: dg.DagsterInstance) -> None:
    @dg.asset(io_manager_key="tables")
    def verdicts() -> int:
        return 1

    failed = dg.materialize([verdicts], resources=resources(root), instance=instance, raise_on_error=False)
    assert "asked for 0 batches in one run" in problem(failed, "verdicts")


@pytest.mark.parametrize(("key", "said"), [("tensors", "stores RowStream"), ("tables", "RowStream or DataFrame")])
def test_a_value_of_another_kind_is_refused(root: str, instance: dg.DagsterInstance, key: str, said: str) -> None:
    @dg.asset(io_manager_key=key, partitions_def=batches)
    def verdicts() -> int:
        return 1

    instance.add_dynamic_partitions("batches", [BATCH])
    failed = dg.materialize(
        [verdicts], resources=resources(root), instance=instance, partition_key=BATCH, raise_on_error=False
    )
    assert said in problem(failed, "verdicts")


def test_a_table_without_declared_columns_is_refused(root: str, instance: dg.DagsterInstance) -> None:
    @dg.asset(io_manager_key="tables", partitions_def=batches)
    def moods() -> pd.DataFrame:
        return pd.DataFrame({"recipe_id": ["a"]})

    instance.add_dynamic_partitions("batches", [BATCH])
    failed = dg.materialize(
        [moods], resources=resources(root), instance=instance, partition_key=BATCH, raise_on_error=False
    )
    assert "columns of table moods are not declared" in problem(failed, "moods")
