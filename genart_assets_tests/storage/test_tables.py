from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from genart_assets.errors import GenartError, StorageError
from genart_assets.records.schemas import BY_ASSET, CRITIC_SCORES, PLAN, VERDICTS
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.storage.rows import IDS, POISON, Rows, assert_same_lines, scores

GOOD = tuple(id for id in IDS if id != POISON)


def scores_of(storage: Storage) -> TableStore:
    return TableStore(storage, "critic_scores", "b")


def verdicts_of(storage: Storage) -> TableStore:
    return TableStore(storage, "verdicts", "b")


def verdicts(*ids: str) -> pd.DataFrame:
    return pd.DataFrame({"recipe_id": list(ids), "passed": True, "failed": "[]", "held": None})


def test_a_whole_table_comes_back(storage: Storage) -> None:
    written = verdicts_of(storage).write(verdicts("b", "a", "c"))
    assert (written.rows, written.new_rows) == (3, 3)
    assert_same_lines(verdicts_of(storage).read(), verdicts("b", "a", "c"))
    assert verdicts_of(storage).failures() == {}


def test_an_empty_table_comes_back_with_its_columns(storage: Storage) -> None:
    verdicts_of(storage).write(verdicts())
    assert verdicts_of(storage).sealed()
    assert list(verdicts_of(storage).read().columns) == VERDICTS.names
    assert len(verdicts_of(storage).read()) == 0


def test_a_stream_of_lines_comes_back_in_row_order(storage: Storage) -> None:
    rows = Rows(ids=tuple(reversed(IDS)))
    scores_of(storage).write(rows.tables())
    expected = scores([id for id in reversed(IDS) if id != POISON])
    assert_same_lines(scores_of(storage).read(), expected)
    assert scores_of(storage).failures() == {POISON: "not finite"}


@pytest.mark.parametrize("failed_at", [0, 1, 2])
def test_a_second_run_is_asked_for_the_missing_rows_only(storage: Storage, failed_at: int) -> None:
    first, second = Rows(fail_after=failed_at), Rows()
    with pytest.raises(RuntimeError, match="out of memory"):
        scores_of(storage).write(first.tables())
    with pytest.raises(StorageError, match="materialise asset critic_scores"):
        scores_of(storage).read()
    scores_of(storage).write(second.tables())
    assert [*first.computed, *second.computed] == list(IDS)
    assert_same_lines(scores_of(storage).read(), scores(GOOD))


def test_the_same_table_gives_the_same_bytes(disk: Storage, tmp_path: Path) -> None:
    other = Storage.open(str(tmp_path / "other"))
    for storage in (disk, other):
        verdicts_of(storage).write(verdicts("b", "a"))
        scores_of(storage).write(Rows().tables())
    for folder in ("assets/verdicts/b", "assets/critic_scores/b"):
        assert disk.names(folder) == other.names(folder)
        assert [disk.read(f"{folder}/{n}") for n in disk.names(folder)] == [
            other.read(f"{folder}/{n}") for n in disk.names(folder)
        ]


def test_a_sealed_table_is_never_rewritten(disk: Storage) -> None:
    verdicts_of(disk).write(verdicts("a", "b"))
    before = {n: disk.read(f"assets/verdicts/b/{n}") for n in disk.names("assets/verdicts/b")}
    assert verdicts_of(disk).write(verdicts("a", "b")).new_rows == 0
    changed = verdicts("a", "b")
    changed.loc[1, "passed"] = False
    for other in (changed, verdicts("a"), verdicts("b", "a"), verdicts()):
        with pytest.raises(StorageError, match="nothing is overwritten"):
            verdicts_of(disk).write(other)
    assert {n: disk.read(f"assets/verdicts/b/{n}") for n in disk.names("assets/verdicts/b")} == before


def test_what_an_unfinished_whole_table_left_is_no_part_of_it(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            "genart_assets.storage.parts.Parts.seal", lambda *_: (_ for _ in ()).throw(RuntimeError("killed"))
        )
        with pytest.raises(RuntimeError):
            verdicts_of(disk).write(verdicts("a", "b"))
    changed = verdicts("a", "b")
    changed.loc[1, "passed"] = False
    verdicts_of(disk).write(changed)
    assert verdicts_of(disk).read()["passed"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("passed", ["yes", "no"], "column passed: expected bool, found .*string"),
        ("passed", [1, 0], "column passed: expected bool, found int64"),
        ("failed", [1, 2], "column failed: expected string, found int64"),
        ("failed", [["a"], []], "column failed: expected string, found object of mixed"),
        ("recipe_id", [b"a", b"b"], "column recipe_id: expected string, found object of bytes"),
    ],
)
def test_a_wrong_type_names_table_column_and_types(disk: Storage, column: str, values: list, said: str) -> None:
    frame = verdicts("a", "b")
    frame[column] = values
    with pytest.raises(StorageError, match=f"table verdicts, {said}"):
        verdicts_of(disk).write(frame)
    assert disk.names("assets/verdicts/b") == []


def test_wrong_columns_are_named(disk: Storage) -> None:
    with pytest.raises(StorageError, match=r"missing \['failed'\], unknown \['fialed'\]"):
        verdicts_of(disk).write(verdicts("a").rename(columns={"failed": "fialed"}))
    with pytest.raises(StorageError, match="no column recipe_id"):
        verdicts_of(disk).write(verdicts("a").drop(columns="recipe_id"))


def test_a_name_without_declared_columns_is_refused(disk: Storage) -> None:
    with pytest.raises(GenartError, match="columns of table verdict are not declared") as refused:
        TableStore(disk, "verdict", "b")
    assert "verdicts" in refused.value.remedy


def test_a_stored_table_of_other_columns_is_named(disk: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts_of(disk).write(verdicts("a"))
    monkeypatch.setitem(BY_ASSET, "verdicts", CRITIC_SCORES)
    with pytest.raises(StorageError, match="table verdicts, column critic: expected string, found nothing"):
        verdicts_of(disk).read()


def test_lines_of_a_stranger_are_refused(disk: Storage) -> None:
    stream = RowStream(("a",), lambda _: iter([MicroBatch(("a",), scores(["r01"]))]))
    with pytest.raises(GenartError, match="lines of r01"):
        scores_of(disk).write(stream)


def test_nulls_and_large_seeds_survive(disk: Storage) -> None:
    lines = scores(["r01"])
    lines["score"] = [None, 1.5]
    scores_of(disk).write(lines)
    assert scores_of(disk).read()["score"].isna().tolist() == [True, False]
    plan = pd.DataFrame({name: ["x"] for name in PLAN.names})
    for name in ("slot_index", "repeat", "round", "steps", "width", "height"):
        plan[name] = 1
    plan["guidance"] = 5.0
    plan["seed"] = [2**64 - 1]
    store = TableStore(disk, "generation_plan", "b")
    store.write(plan)
    assert store.read()["seed"].tolist() == [2**64 - 1]
    plan["width"] = 2**40
    with pytest.raises(StorageError, match="column width: expected int32"):
        TableStore(disk, "generation_plan", "another").write(plan)
