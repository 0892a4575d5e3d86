"""A stored plan is decoded once, however often it is asked for, and only a bounded number stays in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import StorageError
from genart_assets.stages.planning import stored_plan as module
from genart_assets.stages.planning.plan import frame_of
from genart_assets.stages.planning.stored_plan import BATCHES, stored_plan
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.critics.drawn import brief_of, plan_of


@pytest.fixture(autouse=True)
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of each plan that is decoded, from an empty memory on."""
    rows: list[int] = []
    decode = module.plan_of

    def counted(frame, brief_id):
        rows.append(len(frame))
        return decode(frame, brief_id)

    module._decoded.clear()
    monkeypatch.setattr(module, "plan_of", counted)
    return rows


def store(storage: Storage, number: int, rows: int = 2) -> str:
    key = f"{brief_of().brief}.0123456789.r0.{number:04d}"
    TableStore(storage, "generation_plan", key).write(frame_of(plan_of(brief_of())[:rows]))
    return key


def test_what_was_planned_comes_back_once_decoded(tmp_path: Path, decoded: list[int]) -> None:
    storage, plan = Storage.open(str(tmp_path)), plan_of(brief_of())[:2]
    key = store(storage, 0)
    first = stored_plan(storage, key)
    assert list(first) == plan
    assert first.ids == tuple(planned.recipe_id for planned in plan)
    assert stored_plan(Storage.open(str(tmp_path)), key) is first
    assert decoded == [2]


def test_another_storage_with_other_rows_under_the_same_key_is_another_plan(tmp_path: Path, decoded: list[int]) -> None:
    here, there = Storage.open(str(tmp_path / "here")), Storage.open(str(tmp_path / "there"))
    key = store(here, 0)
    assert store(there, 0, rows=1) == key
    assert [len(stored_plan(storage, key)) for storage in (here, there, here)] == [2, 1, 2]
    assert decoded == [2, 1]


def test_a_folder_that_was_emptied_and_filled_again_is_read_again(tmp_path: Path, decoded: list[int]) -> None:
    storage = Storage.open(str(tmp_path))
    key = store(storage, 0)
    stored_plan(storage, key)
    for name in storage.names(f"assets/generation_plan/{key}"):
        storage.delete(f"assets/generation_plan/{key}/{name}")
    with pytest.raises(StorageError, match="is not complete"):
        stored_plan(storage, key)
    store(storage, 0, rows=1)
    assert len(stored_plan(storage, key)) == 1
    assert decoded == [2, 1]


def test_only_the_last_few_stay_in_memory(tmp_path: Path, decoded: list[int]) -> None:
    storage = Storage.open(str(tmp_path))
    keys = [store(storage, number, rows=1) for number in range(BATCHES + 1)]
    for key in keys:
        stored_plan(storage, key)
        stored_plan(storage, keys[0])
    assert len(decoded) == BATCHES + 1, "the first is in use all the time"
    assert len(module._decoded) == BATCHES
    stored_plan(storage, keys[1])
    assert len(decoded) == BATCHES + 2
