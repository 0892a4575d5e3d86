"""Dagit shows what became stale when a brief or weights change, and what is current again."""

import shutil
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.defs.partitions import add_batches
from genart_assets.defs.sensors import inbox_files, superseded
from genart_assets.defs.superseded import make_current
from genart_assets.records.plan import Batch
from genart_assets.records.studio import UNBOUND
from genart_assets.stages.acceptance.accept_brief import Accepted, accept_brief
from genart_assets.starter.shipped import SHIPPED
from genart_assets_tests.defs.staleness import causes, is_stale
from genart_assets_tests.defs.studio import BRIEF, Studio
from genart_assets_tests.defs.ticks import tick

PLANNING = ["briefs", "model_snapshot", "generation_plan"]
CHANGED = BRIEF.replace("lemon", "lime")


def order(studio: Studio, text: str, batch_rows: int = 4) -> list[Batch]:
    made = accepted(studio, text, batch_rows)
    add_batches(studio.instance, [batch.key for batch in made.batches])
    make_current(studio.instance, studio.storage, made)
    return list(made.batches)


def accepted(studio: Studio, text: str = CHANGED, batch_rows: int = 4) -> Accepted:
    return accept_brief(studio.storage, text, source="brief.yaml", studio=UNBOUND, batch_rows=batch_rows)


def plan(studio: Studio, batch: Batch) -> None:
    assert studio.run("render", batch, PLANNING).success


def events(studio: Studio, asset: str = "briefs") -> int:
    return len(studio.instance.fetch_materializations(dg.AssetKey(asset), limit=1000).records)


def after_tick(studio: Studio, cursor: str | None) -> tuple[str | None, list[str]]:
    """The daemon's part after a tick: the events are stored, the cursor is kept."""
    told = tick(studio, "superseded_sensor", cursor)
    reported = []
    for event in told.asset_events:
        assert isinstance(event, dg.AssetMaterialization)
        studio.instance.report_runless_asset_event(event)
        reported.append(f"{event.asset_key.to_user_string()} {event.partition}")
    return told.cursor, reported


def test_a_changed_brief_makes_the_plans_of_its_older_batches_stale(housed: Studio) -> None:
    old = order(housed, BRIEF, batch_rows=2)
    other = order(housed, BRIEF.replace("market", "market-two"))
    for batch in (*old, *other):
        plan(housed, batch)
        assert not is_stale(housed, "generation_plan", batch)

    [new] = order(housed, CHANGED)
    plan(housed, new)
    for batch in old:
        assert is_stale(housed, "generation_plan", batch)
        assert causes(housed, "generation_plan", batch) == ["briefs: has a new data version"]
    assert not any(is_stale(housed, "generation_plan", batch) for batch in (new, *other))

    again = order(housed, BRIEF, batch_rows=2)
    assert again == old
    assert not any(is_stale(housed, "generation_plan", batch) for batch in old), "the old brief came back"
    assert is_stale(housed, "generation_plan", new)


def test_what_is_known_is_not_reported_again(housed: Studio) -> None:
    [old] = order(housed, BRIEF)
    plan(housed, old)
    assert make_current(housed.instance, housed.storage, accepted(housed)) == 1
    assert make_current(housed.instance, housed.storage, accepted(housed)) == 0
    assert make_current(housed.instance, housed.storage, accepted(housed, CHANGED + "repeats: 2\n")) == 0, (
        "stale already"
    )
    assert events(housed) == 2


def test_a_crash_between_reports_is_made_good(housed: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    old = order(housed, BRIEF, batch_rows=1)
    for batch in old:
        plan(housed, batch)
    report = housed.instance.report_runless_asset_event
    reported: list[object] = []

    def dying(event: dg.AssetMaterialization) -> None:
        if len(reported) == 2:
            raise RuntimeError("killed")
        reported.append(event)
        report(event)

    with monkeypatch.context() as patched:
        patched.setattr(housed.instance, "report_runless_asset_event", dying)
        with pytest.raises(RuntimeError, match="killed"):
            order(housed, CHANGED)
    assert make_current(housed.instance, housed.storage, accepted(housed)) == 2
    assert all(is_stale(housed, "generation_plan", batch) for batch in old)


def test_partitions_that_nobody_ordered_are_passed_over(housed: Studio) -> None:
    [old] = order(housed, BRIEF)
    plan(housed, old)
    add_batches(housed.instance, ["market.by-hand", "market.0123456789.r0.0000"])
    assert make_current(housed.instance, housed.storage, accepted(housed)) == 1


def test_the_inbox_supersedes(housed: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox_files, "SETTLED_SECONDS", -1.0)
    cursor = None
    for text in (BRIEF, CHANGED):
        housed.storage.replace("inbox/brief.yaml", text.encode())
        told = tick(housed, "inbox_sensor", cursor)
        cursor = told.cursor
        if text == BRIEF:
            [old] = order(housed, BRIEF, batch_rows=128)
            assert [request.partition_key for request in told.run_requests or []] == [old.key]
            plan(housed, old)
            assert not is_stale(housed, "generation_plan", old)
    assert is_stale(housed, "generation_plan", old)


def test_a_batch_that_ran_late_becomes_stale_with_the_next_tick(housed: Studio) -> None:
    [old], [new] = order(housed, BRIEF), order(housed, CHANGED)
    plan(housed, old)  # its run was in the queue when the brief was changed
    plan(housed, new)
    assert not is_stale(housed, "generation_plan", old)
    cursor, reported = after_tick(housed, None)
    assert reported == [f"briefs {old.key}"]
    assert is_stale(housed, "generation_plan", old)
    assert not is_stale(housed, "generation_plan", new)
    assert after_tick(housed, cursor)[1] == []


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A model of the studio's own: the starter model in another directory."""
    return shutil.copytree(SHIPPED["starter"], tmp_path / "weights")


def test_exchanged_weights_make_the_plans_made_with_them_stale(
    housed: Studio, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(superseded, "BATCHES_PER_TICK", 3)
    own = order(housed, BRIEF + f"model: {weights}\n", batch_rows=1)
    [starter] = order(housed, BRIEF.replace("market", "other"))
    for batch in (*own, starter):
        plan(housed, batch)
    cursor = None
    for _ in range(2):
        cursor, reported = after_tick(housed, cursor)
        assert reported == []
    assert not any(is_stale(housed, "generation_plan", batch) for batch in own)

    index = weights / "model_index.json"
    before = index.read_text()
    index.write_text(before + "\n")
    reported = []
    for _ in range(3):
        cursor, more = after_tick(housed, cursor)
        assert len(more) <= 3, "some batches a tick"
        reported += more
    assert sorted(reported) == [f"model_snapshot {batch.key}" for batch in own], "each once"
    for batch in own:
        assert causes(housed, "generation_plan", batch) == ["model_snapshot: has a new data version"]
    assert not is_stale(housed, "generation_plan", starter)
    assert after_tick(housed, cursor)[1] == []

    index.write_text(before)
    for _ in range(3):
        cursor, _ = after_tick(housed, cursor)
    assert not any(is_stale(housed, "generation_plan", batch) for batch in own), "the old weights came back"


def test_a_daemon_that_dies_in_between_reports_nothing_twice(housed: Studio, weights: Path) -> None:
    [batch] = order(housed, BRIEF + f"model: {weights}\n")
    plan(housed, batch)
    cursor, _ = after_tick(housed, None)
    (weights / "model_index.json").write_text((weights / "model_index.json").read_text() + "\n")
    assert len(after_tick(housed, cursor)[1]) == 1
    assert after_tick(housed, cursor)[1] == [], "the cursor was lost, the events were stored"


def test_weights_that_are_gone_stop_nothing(housed: Studio, weights: Path) -> None:
    [own] = order(housed, BRIEF + f"model: {weights}\n")
    plan(housed, own)
    cursor, _ = after_tick(housed, None)
    shutil.rmtree(weights)
    [old], _ = order(housed, BRIEF.replace("market", "other")), order(housed, CHANGED.replace("market", "other"))
    plan(housed, old)
    assert after_tick(housed, cursor)[1] == [f"briefs {old.key}"]
    assert not is_stale(housed, "generation_plan", own)


def test_accepting_a_known_brief_asks_dagster_nothing(housed: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    order(housed, BRIEF)
    again = accepted(housed, BRIEF, batch_rows=2)
    monkeypatch.setattr(housed.instance, "get_dynamic_partitions", None)
    assert make_current(housed.instance, housed.storage, again) == 0


def test_a_batch_of_a_damaged_order_holds_up_no_other(studio: Studio, capfd: pytest.CaptureFixture[str]) -> None:
    [sound], [damaged] = order(studio, BRIEF), order(studio, BRIEF.replace("market", "market-two"))
    for batch in (sound, damaged):
        studio.instance.report_runless_asset_event(dg.AssetMaterialization("generation_plan", partition=batch.key))
    studio.storage.replace(f"orders/{damaged.order}.json", b"{")
    told = tick(studio, "superseded_sensor")
    assert told.skip_message == "1 batches looked at, 0 data versions reported"
    assert (
        f"batch {damaged.key} is not looked at: {studio.storage.root}/orders/{damaged.order}.json"
        in capfd.readouterr().err
    )
