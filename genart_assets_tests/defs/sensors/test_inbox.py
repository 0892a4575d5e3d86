"""The inbox: good briefs become runs, malformed ones go aside with the reason, and neither waits for the other."""

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from genart_assets.defs.partitions import batches
from genart_assets.defs.sensors import inbox, inbox_files
from genart_assets.errors import StorageError
from genart_assets.models.snapshot import take_snapshot
from genart_assets.stages.acceptance import accept_brief
from genart_assets.stages.planning.catalogue import accept, orders
from genart_assets.stages.planning.order_book import batch_of
from genart_assets.storage.root import Storage
from genart_assets_tests.defs.sensors.inbox_folder import MALFORMED, _files_are_settled, folder, named, names
from genart_assets_tests.defs.studio import BRIEF, Studio
from genart_assets_tests.defs.ticks import partitions, run_keys, tick

__all__ = ["_files_are_settled", "folder"]


def test_good_and_bad_briefs_of_one_tick(housed: Studio, folder: Path) -> None:
    (folder / "a-broken.yaml").write_text(MALFORMED)
    (folder / "b-latin.yaml").write_bytes(BRIEF.replace("red apple", "gâteau").encode("latin-1"))
    (folder / "c-good.yaml").write_text(named("spring"))
    (folder / "d-no-model.yaml").write_text(BRIEF + "model: /nowhere/at/all\n")
    (folder / "e-empty.yaml").write_text("")
    (folder / "f-good.yml").write_text(named("summer"))
    told = tick(housed, "inbox_sensor")

    [spring], [summer] = ([batch_of(housed.storage, key)] for key in partitions(told))
    assert (spring.brief, summer.brief) == ("spring", "summer")
    assert run_keys(told) == [f"render:{spring.key}", f"render:{summer.key}"]
    assert [request.job_name for request in told.run_requests or []] in (["render"] * 2, [None] * 2)
    assert [request.tags["genart/brief"] for request in told.run_requests or []] == ["spring", "summer"]
    assert set(housed.instance.get_dynamic_partitions(str(batches.name))) == {spring.key, summer.key}

    rejected = folder / "rejected"
    assert names(folder) == ["c-good.yaml", "f-good.yml", "rejected"]
    bad = ["a-broken.yaml", "b-latin.yaml", "d-no-model.yaml", "e-empty.yaml"]
    assert names(rejected) == sorted([*bad, *(f"{name}.reason.txt" for name in bad)])
    assert (rejected / "a-broken.yaml").read_text() == MALFORMED
    reasons = {name: (rejected / f"{name}.reason.txt").read_text() for name in bad}
    assert reasons["a-broken.yaml"].startswith("a-broken.yaml:4: field 'sampler.stepz'")
    assert "did you mean 'steps'?" in reasons["a-broken.yaml"]
    assert reasons["b-latin.yaml"].startswith("b-latin.yaml:3: byte ")
    assert reasons["d-no-model.yaml"].startswith("d-no-model.yaml:5: field 'model'")
    assert reasons["e-empty.yaml"].startswith("e-empty.yaml:1: the brief is empty")
    assert all("remedy: " in reason for reason in reasons.values())

    told = tick(housed, "inbox_sensor", told.cursor)
    assert (told.run_requests or [], told.skip_message, names(folder)) == ([], "no new brief", ["rejected"])
    assert told.cursor == "{}"


def test_only_rejections_are_told_in_the_skip_message(housed: Studio, folder: Path) -> None:
    (folder / "a.yaml").write_text(MALFORMED)
    assert tick(housed, "inbox_sensor").skip_message == ("a.yaml is rejected, see inbox/rejected/a.yaml.reason.txt")


def test_the_same_brief_twice_is_one(housed: Studio, folder: Path) -> None:
    (folder / "first.yaml").write_text(BRIEF)
    (folder / "again.yaml").write_text(BRIEF)
    (folder / "formatted.yaml").write_text(
        "# the same\nsampler:\n  steps: 2\nvary:\n  subject:\n"
        + "".join(f"    - {subject}\n" for subject in ("red apple", "lemon", "panda", "frog"))
        + 'prompt: "classic icon of {subject} on white background"\nbrief: market\n'
    )
    told = tick(housed, "inbox_sensor")
    assert len(run_keys(told)) == 1
    assert len(orders(housed.storage, "market")) == 1
    later = tick(housed, "inbox_sensor", told.cursor)
    assert (later.run_requests or [], names(folder)) == ([], [])

    (folder / "next-year.yaml").write_text(BRIEF)
    assert run_keys(tick(housed, "inbox_sensor", later.cursor)) == run_keys(told), "Dagster drops a run key it knows"


def test_a_changed_file_under_the_same_name_is_another_brief(housed: Studio, folder: Path) -> None:
    (folder / "brief.yaml").write_text(BRIEF)
    told = tick(housed, "inbox_sensor")
    (folder / "brief.yaml").write_text(BRIEF + "repeats: 2\n")
    changed = tick(housed, "inbox_sensor", told.cursor)
    assert len(run_keys(changed)) == 1
    assert run_keys(changed) != run_keys(told)
    tick(housed, "inbox_sensor", changed.cursor)
    assert names(folder) == []


def test_a_daemon_that_dies_before_the_cursor_is_kept_asks_for_the_same_runs(housed: Studio, folder: Path) -> None:
    (folder / "brief.yaml").write_text(BRIEF)
    told = tick(housed, "inbox_sensor")
    assert run_keys(tick(housed, "inbox_sensor")) == run_keys(told)
    assert names(folder) == ["brief.yaml"], "it leaves the inbox when its cursor is kept"


def test_weights_that_change_halfway_begin_the_brief_anew(
    housed: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "RUNS_PER_TICK", 3)
    (folder / "long.yaml").write_text(named("long") + "repeats: 200\n")
    told = tick(housed, "inbox_sensor")
    other = take_snapshot("starter").model_copy(update={"snapshot_id": "5" * 64})
    monkeypatch.setattr(accept_brief, "take_snapshot", lambda _: other)
    asked: list[str] = []
    while names(folder):
        told = tick(housed, "inbox_sensor", told.cursor)
        asked += partitions(told)
    assert {batch_of(housed.storage, key).model_snapshot for key in asked} == {"5" * 64}
    assert [key[-4:] for key in asked] == [f"{i:04d}" for i in range(7)]


def test_a_file_that_is_still_being_written_waits(
    housed: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_files, "SETTLED_SECONDS", 3600.0)
    path = folder / "brief.yaml"
    path.write_text(BRIEF[:40])
    os.utime(path, (0, 0))  # a copy that keeps the date of its original
    told = tick(housed, "inbox_sensor")
    assert (told.run_requests or [], told.skip_message) == ([], "brief.yaml is still being written")
    assert names(folder) == ["brief.yaml"]
    path.write_text(BRIEF)
    monkeypatch.setattr(inbox_files, "SETTLED_SECONDS", -1.0)
    assert len(run_keys(tick(housed, "inbox_sensor", told.cursor))) == 1


def test_a_file_from_before_the_clock_was_set_back_does_not_wait_for_it(
    housed: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "brief.yaml").write_text(BRIEF)
    now = time.time()
    monkeypatch.setattr(inbox_files, "SETTLED_SECONDS", 1800.0)
    monkeypatch.setattr(inbox_files, "time", SimpleNamespace(time=lambda: now - 3600))
    assert inbox_files.is_settled(housed.storage, "brief.yaml")
    monkeypatch.setattr(inbox_files, "time", SimpleNamespace(time=lambda: now))
    assert not inbox_files.is_settled(housed.storage, "brief.yaml")


def test_what_is_no_brief_is_left_alone(housed: Studio, folder: Path) -> None:
    (folder / "drafts").mkdir()
    (folder / "drafts" / "brief.yaml").write_text(BRIEF)
    (folder / "folder.yaml").mkdir()
    (folder / "notes.txt").write_text("remember the milk")
    (folder / ".brief.yaml").write_text(BRIEF)
    (folder / "gone.yaml").symlink_to(folder / "nothing-here")
    os.mkfifo(folder / "pipe.yaml")
    told = tick(housed, "inbox_sensor")
    assert (told.run_requests or [], told.skip_message) == ([], "no new brief")
    assert len(names(folder)) == 6


def test_a_link_out_of_the_storage_is_refused_unread(housed: Studio, folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("brief: the-password-is-sesame\n")
    (folder / "link.yaml").symlink_to(secret)
    (folder / "inside.yaml").symlink_to(Path("..") / "kept.yaml")
    (folder.parent / "kept.yaml").write_text(BRIEF)
    told = tick(housed, "inbox_sensor")
    assert len(run_keys(told)) == 1
    assert "outside of the storage" in (folder / "rejected" / "link.yaml.reason.txt").read_text()
    assert (folder / "rejected" / "link.yaml").is_symlink()
    assert secret.exists()
    assert not any(b"sesame" in path.read_bytes() for path in folder.rglob("*.txt"))


def test_an_inbox_that_the_operator_laid_elsewhere_is_read(housed: Studio, folder: Path, tmp_path: Path) -> None:
    shared = tmp_path / "share"
    shared.mkdir()
    folder.rmdir()
    folder.symlink_to(shared)
    (shared / "brief.yaml").write_text(BRIEF)
    (shared / "broken.yaml").write_text(MALFORMED)
    assert len(run_keys(tick(housed, "inbox_sensor"))) == 1
    assert names(shared / "rejected") == ["broken.yaml", "broken.yaml.reason.txt"]


def test_a_brief_too_long_to_read_is_refused_unread(housed: Studio, folder: Path) -> None:
    with open(folder / "huge.yaml", "wb") as file:
        file.truncate(2**36)
    told = tick(housed, "inbox_sensor")
    assert "huge.yaml is rejected" in str(told.skip_message)
    assert "1,048,576 bytes" in (folder / "rejected" / "huge.yaml.reason.txt").read_text()
    assert (folder / "rejected" / "huge.yaml").stat().st_size == 2**36


def test_a_rejected_brief_overwrites_no_other(housed: Studio, folder: Path) -> None:
    for text in (MALFORMED, MALFORMED, "brief: [", MALFORMED):
        (folder / "brief.yaml").write_text(text)
        tick(housed, "inbox_sensor")
    kept = {path.read_text() for path in (folder / "rejected").glob("*.yaml")}
    assert kept == {MALFORMED, "brief: ["}
    assert len(names(folder / "rejected")) == 4


def test_a_fault_of_the_storage_rejects_no_brief(housed: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bad", "good", "odd"):
        (folder / f"{name}.yaml").write_text(named(name))

    def failing(storage: Storage, brief: object, *rest: object) -> object:
        name = getattr(brief, "brief", "")
        if name == "bad":
            raise StorageError("cannot write: No space left on device", remedy="Free space.")
        if name == "odd":
            raise RuntimeError("a bug")
        return accept(storage, brief, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(accept_brief, "accept", failing)
        told = tick(housed, "inbox_sensor")
        assert [key.split(":")[1].split(".")[0] for key in run_keys(told)] == ["good"]
        assert names(folder) == ["bad.yaml", "good.yaml", "odd.yaml"], "nothing is rejected"
        (folder / "good.yaml").unlink()
        skipped = str(tick(housed, "inbox_sensor", told.cursor).skip_message)
        assert "bad.yaml stays in inbox/: cannot write: No space left on device\n  remedy: Free space." in skipped
        assert "odd.yaml stays in inbox/, see the log of this tick" in skipped
    assert len(run_keys(tick(housed, "inbox_sensor", told.cursor))) == 2, "it goes on when the storage is well again"


def test_a_brief_that_vanishes_under_the_sensor_is_no_error(
    housed: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "brief.yaml").write_text(BRIEF)
    with monkeypatch.context() as patched:
        patched.setattr(inbox_files, "briefs_in", lambda _: ["brief.yaml", "gone.yaml"])
        told = tick(housed, "inbox_sensor")
    assert len(run_keys(told)) == 1


def test_in_s3_too(housed: Studio, moto_root: str) -> None:
    studio = Studio(Storage.open(moto_root), housed.instance)
    studio.storage.write_once("inbox/good.yaml", BRIEF.encode())
    studio.storage.write_once("inbox/broken.yaml", MALFORMED.encode())
    told = tick(studio, "inbox_sensor")
    assert len(run_keys(told)) == 1
    assert studio.storage.names("inbox") == ["good.yaml"]
    assert studio.storage.names("inbox/rejected") == ["broken.yaml", "broken.yaml.reason.txt"]
    assert studio.storage.read("inbox/rejected/broken.yaml") == MALFORMED.encode()
    tick(studio, "inbox_sensor", told.cursor)
    assert studio.storage.names("inbox") == []
