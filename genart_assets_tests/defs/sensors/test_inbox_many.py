"""Many briefs and long ones share a tick; its cost does not grow with what is known."""

import time
from pathlib import Path

import pytest

from genart_assets.defs.partitions import add_batches, batches
from genart_assets.defs.sensors import inbox
from genart_assets.defs.sensors.inbox import BRIEFS_PER_TICK, RUNS_PER_TICK
from genart_assets.models.snapshot import take_snapshot
from genart_assets.stages.planning.catalogue import Order
from genart_assets.stages.planning.order_book import batch_of
from genart_assets_tests.defs.sensors.inbox_folder import MALFORMED, _files_are_settled, folder, named, names
from genart_assets_tests.defs.studio import BRIEF, Studio
from genart_assets_tests.defs.ticks import run_keys, tick

__all__ = ["_files_are_settled", "folder"]


def test_a_long_brief_is_spread_over_ticks_and_holds_up_no_short_one(
    housed: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "RUNS_PER_TICK", 3)
    (folder / "a-long.yaml").write_text(named("long") + "repeats: 200\n")  # 800 images, 7 batches
    told = tick(housed, "inbox_sensor")
    (folder / "b-short.yaml").write_text(named("short"))
    asked, cursors = run_keys(told), 0
    while names(folder):
        told = tick(housed, "inbox_sensor", told.cursor)
        asked += run_keys(told)
        assert len(run_keys(told)) <= 3
        cursors += 1
        assert cursors < 10
    assert [key.split(":")[1].split(".")[0] for key in asked] == [*["long"] * 3, "short", *["long"] * 4]
    assert len(set(asked)) == 8
    assert len(housed.instance.get_dynamic_partitions(str(batches.name))) == 8


def test_many_briefs_at_once_are_taken_in_turn(housed: Studio, folder: Path) -> None:
    for i in range(RUNS_PER_TICK + 5):
        (folder / f"{i:03d}.yaml").write_text(named(f"brief-{i:03d}"))
    for i in range(BRIEFS_PER_TICK + 5):
        (folder / f"wrong-{i:03d}.yaml").write_text("brief: [")
    told = tick(housed, "inbox_sensor")
    assert len(run_keys(told)) == RUNS_PER_TICK
    keys = run_keys(told)
    told = tick(housed, "inbox_sensor", told.cursor)
    assert len(run_keys(told)) == 5
    assert len({*keys, *run_keys(told)}) == RUNS_PER_TICK + 5
    for _ in range(2):
        told = tick(housed, "inbox_sensor", told.cursor)
    assert names(folder) == ["rejected"]


def test_a_tick_costs_the_same_with_ten_thousand_known_briefs(housed: Studio, folder: Path) -> None:
    few = _seconds(housed, folder, "few")
    _know(housed, 10_000)
    many = _seconds(housed, folder, "many")
    assert many < 6 * few, f"{few:.3f} s with one known brief, {many:.3f} s with 10,000"


def _seconds(studio: Studio, folder: Path, name: str) -> float:
    """The fastest of five ticks with one new brief and a malformed one."""
    taken: list[float] = []
    for i in range(5):
        (folder / "new.yaml").write_text(named(f"{name}-{i}"))
        (folder / "malformed.yaml").write_text(MALFORMED)
        began = time.perf_counter()
        told = tick(studio, "inbox_sensor")
        taken.append(time.perf_counter() - began)
        assert len(run_keys(told)) == 1
        (folder / "new.yaml").unlink()
    return min(taken)


def _know(studio: Studio, count: int) -> None:
    """Accepted briefs, written without waiting for the disk, and their partitions."""
    snapshot = take_snapshot("starter").snapshot_id
    root = Path(studio.storage.root)
    (root / "orders").mkdir(exist_ok=True)
    keys: list[str] = []
    known = studio.brief()
    for i in range(count):
        brief = known.model_copy(update={"brief": f"known-{i:05d}"})
        order = Order(
            brief=brief.brief, brief_hash=brief.brief_hash, model="starter", model_snapshot=snapshot, batch_rows=128
        )
        (root / "briefs" / brief.brief).mkdir(parents=True)
        (root / "briefs" / brief.brief / f"{brief.brief_hash}.json").write_text(brief.canonical())
        (root / "briefs" / brief.brief / f"{brief.brief_hash}.yaml").write_text(BRIEF)
        (root / "briefs" / brief.brief / "current").write_text(brief.brief_hash)
        (root / "orders" / f"{order.key}.json").write_text(order.canonical())
        keys.append(f"{order.key}.r0.0000")
    add_batches(studio.instance, keys)
    assert batch_of(studio.storage, keys[-1]).rows == 4
