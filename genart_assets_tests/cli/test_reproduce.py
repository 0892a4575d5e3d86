"""`genart reproduce` and `genart trace` on a home that a run filled."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.cli.reproduce import reproduce_command
from genart_assets.cli.trace import trace_command
from genart_assets.defs.audits import replays_identically
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.errors import InputError, StorageError
from genart_assets.instance.home import HOME_VARIABLE
from genart_assets.instance.services import STORAGE_VARIABLE
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.replay import replay
from genart_assets.provenance.reproduce import Replay
from genart_assets.records.base import sha256_hex
from genart_assets.starter.shipped import SHIPPED
from genart_assets.storage.root import Storage
from genart_assets_tests.provenance.conftest import home, records, storage
from genart_assets_tests.runner.command import answer, genart, tree

__all__ = ["home", "records", "storage"]


def test_every_image_is_reproduced_bit_for_bit(home: Path, records: list[ProvenanceRecord]) -> None:
    told = answer(genart(home, "reproduce", "--sample", 100, "--json"))
    assert (told["replayed"], told["identical"]) == (7, 7)
    assert {found["image"]: found["pixel_sha256"] for found in told["images"]} == {
        record.recipe_id: record.pixel_sha256 for record in records
    }
    file = next((home / "storage" / "deliveries").glob("**/*.webp"))
    one = genart(home, "reproduce", file)
    assert one.returncode == 0
    assert one.stdout.splitlines()[-1] == "1 of 1 bit-identical"


def test_other_bits_are_told_with_their_distance_and_what_changed(
    storage: Storage, records: list[ProvenanceRecord]
) -> None:
    """A record with another hash, and an environment with another torch, stand for a machine that draws otherwise."""
    environment = json.loads(storage.read(f"environments/{records[-1].denoised_in}.json"))
    environment["packages"]["torch"] = "1.0"
    storage.write_once(f"environments/{'0' * 64}.json", json.dumps(environment).encode())
    (found,) = replay(storage, [records[-1].model_copy(update={"pixel_sha256": "f" * 64, "denoised_in": "0" * 64})])
    assert not found.bit_identical
    assert found.distance is not None
    assert found.distance.max_abs <= 2, "the picture is as it is stored, but for another number of threads"
    assert found.distance.psnr > 60
    assert any(line.startswith("package torch: 1.0, now ") for line in found.differs)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The starter model's files, of which one was changed and one taken away."""
    folder = tmp_path / "weights"
    shutil.copytree(SHIPPED["starter"], folder)
    (folder / "scheduler" / "scheduler_config.json").write_text("{}", encoding="utf-8")
    (folder / "vae" / "config.json").unlink()
    return folder


def test_weights_that_changed_or_are_gone_are_told_before_the_others_are_replayed(
    storage: Storage, records: list[ProvenanceRecord], changed: Path
) -> None:
    """By hash, each file of them, for each image."""
    fine, *lost = records[:4]
    snapshot = fine.model_snapshot
    lost[0] = lost[0].model_copy(update={"model": str(changed)})
    lost[1] = lost[1].model_copy(update={"model": "lent", "model_snapshot": "1" * 64})
    lost[2] = lost[2].model_copy(update={"model_snapshot": "0" * 64})
    told: list[Replay] = []
    found = replay(storage, [lost[0], fine, lost[1], lost[2]], found=told.append)
    assert [one.image for one in found] == [one.recipe_id for one in (lost[0], fine, lost[1], lost[2])]
    assert [bool(one.problem) for one in found] == [True, False, True, True]
    assert [one.image for one in told] == [one.recipe_id for one in (*lost, fine)], "at once"
    assert found[0].problem.startswith(f"weights {snapshot[:12]} of model {str(changed)!r} have changed, they are ")
    assert "scheduler/scheduler_config.json was " in found[0].problem
    assert f", is {sha256_hex('{}')[:12]}, vae/config.json was " in found[0].problem
    assert found[0].problem.endswith(", is gone")
    assert found[2].problem == "weights 111111111111 of model 'lent' are gone: there is no model 'lent'"
    assert found[3].problem == (
        f"weights 000000000000 of model 'starter' have changed, they are {snapshot[:12]} now"
    ), "of weights whose files were never recorded no file can be told"
    assert [one.pixel_sha256 is None for one in found] == [True, False, True, True], "nothing else is rendered"
    assert not any(one.bit_identical for one in (found[0], *found[2:]))
    with pytest.raises(InputError, match="never rendered"):
        replay(storage, [fine, records[-1].model_copy(update={"pixel_sha256": None})], found=told.append)
    assert len(told) == 4, "nothing was rendered before"


def test_a_picture_that_is_gone_too_does_not_stop_the_others(storage: Storage, records: list[ProvenanceRecord]) -> None:
    """A record of another batch stands for a picture that its batch has lost."""
    other = records[-1].model_copy(update={"pixel_sha256": "f" * 64, "batch": records[0].batch})
    lost, fine = replay(storage, [other, records[-1]])
    assert not lost.bit_identical
    assert lost.pixel_sha256 == fine.pixel_sha256
    assert lost.problem.startswith("it differs, but how far cannot be told: images of batch failing.")


class TestDamaged:
    """The records of brief `fine` are cut off, those of one batch of `failing` and one order's brief are gone."""

    @pytest.fixture
    def damaged(self, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        copy = tmp_path / "storage"
        shutil.copytree(home / "storage", copy, ignore=shutil.ignore_patterns(".cache"))
        for part in copy.glob("assets/provenance/fine.*.r0.0000/*.parquet"):
            part.write_bytes(part.read_bytes()[:100])
        for part in copy.glob("assets/provenance/fine.*.r0.0001/*.parquet"):
            part.write_bytes(b"")
        shutil.rmtree(next(copy.glob("assets/provenance/failing.*.r0.0000")))
        monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
        monkeypatch.setenv(STORAGE_VARIABLE, str(copy))
        return copy

    def test_reproduce_names_the_files_and_replays_the_rest(self, damaged: Path, tmp_path: Path) -> None:
        told = genart(tmp_path / "home", "reproduce", "--sample", 10, "--json")
        answered = answer(told, code=1)
        assert (answered["replayed"], answered["identical"]) == (2, 2)
        assert len(answered["damaged"]) == 2
        for folder in damaged.glob("assets/provenance/fine.*"):
            (part,) = folder.glob("*.parquet")
            assert (
                f"the records of batch {folder.name} cannot be read: {part} is damaged: its hash differs" in told.stderr
            )
            assert f"remedy: restore the file, or delete {folder} and run the same brief again" in told.stderr

    def test_trace_names_what_the_records_lack(
        self, damaged: Path, records: list[ProvenanceRecord], capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(InputError, match="no record of an image") as refused:
            trace_command(records[-1].recipe_id, html=None, as_json=True)
        (unrecorded,) = {one.batch for one in records if one.batch.startswith("failing.") and ".r0.0000" in one.batch}
        assert f"1 of its batches have images without records, e.g. {unrecorded}" in refused.value.message
        assert "run the briefs of these batches again" in refused.value.remedy
        assert "is damaged: its hash differs" in capfd.readouterr().err
        retried = next(one for one in records if one.round == 1)
        assert trace_command(retried.recipe_id, html=None, as_json=True) == 0
        assert json.loads(capfd.readouterr().out)["image"]["recipe_id"] == retried.recipe_id

    def test_the_audit_fails_and_names_it(self, damaged: Path) -> None:
        told = replays_identically(StorageResource(root=str(damaged)))
        assert isinstance(told, dg.AssetCheckResult)
        assert not told.passed
        assert " of 2 images are bit-identical; the records of batch fine." in (told.description or "")
        assert "is damaged: its hash differs" in str(told.metadata["problems"].value)

    def test_a_table_of_all_records_is_refused(self, damaged: Path) -> None:
        with (
            provenance_index(Storage.open(str(damaged))) as index,
            pytest.raises(StorageError, match="cannot be read"),
        ):
            index.table()

    def test_a_damaged_brief_leaves_the_other_orders_usable(self, damaged: Path) -> None:
        brief = next(damaged.glob("briefs/fine/*.json"))
        brief.write_bytes(b"{")
        with provenance_index(Storage.open(str(damaged))) as index:
            assert {record.brief for record in index.sample(10)} == {"failing"}
            (error,) = index.damaged
        assert str(brief) in error.message


@pytest.mark.slow
def test_records_that_were_deleted_are_made_again_by_the_same_brief(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home / "storage", tmp_path / "storage", ignore=shutil.ignore_patterns(".cache"))
    records = tmp_path / "storage" / "assets" / "provenance"
    before = tree(records)
    for folder in records.glob("fine.*"):
        shutil.rmtree(folder)
    again = ("run", home.parent / "fine.yaml", "--batch-rows", 2, "--json")
    told = answer(genart(tmp_path / "home", *again, GENART_STORAGE=str(tmp_path / "storage")))
    assert told["newly_rendered"] == 0
    assert tree(records) == before


@pytest.mark.parametrize("made_by_an_older_release", [False, True])
def test_a_storage_without_records_is_told(
    made_by_an_older_release: bool,
    home: Path,
    records: list[ProvenanceRecord],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    if made_by_an_older_release:
        newer = shutil.ignore_patterns(".cache", "provenance", "environments", "models", "renderings")
        shutil.copytree(home / "storage", tmp_path / "home" / "storage", ignore=newer)
    hint = "; 4 of its batches have images without records, e.g. failing." if made_by_an_older_release else ""
    missing = f"this storage has no record of an image {records[0].recipe_id}{hint}"
    with pytest.raises(InputError, match=missing) as refused:
        trace_command(records[0].recipe_id, html=None, as_json=False)
    assert refused.value.remedy
    with pytest.raises(InputError, match=missing):
        reproduce_command([records[0].recipe_id], sample=0, brief=None, as_json=False)
    with pytest.raises(InputError, match=f"no image to reproduce{hint}"):
        reproduce_command([], sample=3, brief=None, as_json=False)
    audited = replays_identically(StorageResource(root=str(tmp_path / "home" / "storage")))
    assert isinstance(audited, dg.AssetCheckResult)
    assert (audited.passed, audited.description) == (True, "no image has a record yet")


def test_nothing_to_reproduce_is_wrong_input(home: Path, tmp_path: Path) -> None:
    told = genart(home, "reproduce", "--sample", 3, "--brief", "nowhere")
    assert told.returncode == 2
    assert "no image to reproduce of brief nowhere" in told.stderr


def test_a_story_is_told_in_the_terminal_as_json_and_as_a_page(
    home: Path, records: list[ProvenanceRecord], tmp_path: Path
) -> None:
    retried = records[1]
    page = tmp_path / "story.html"
    told = answer(genart(home, "trace", retried.recipe_id[:10], "--json", "--html", page))
    assert told["image"]["recipe_id"] == retried.recipe_id
    assert [attempt["move"] for attempt in told["attempts"]] == [None, "more_guidance"]
    assert told["weights"]["licence"] == "Apache-2.0"
    assert told["environment"]["packages"]["torch"]
    assert told["files"] == []
    html = page.read_text(encoding="utf-8")
    assert html.count("data:image/png;base64,") == 3  # two attempts, and the slot beside it
    assert "more guidance, as prompt alignment" in html

    fine = genart(home, "trace", records[-1].recipe_id)
    assert fine.returncode == 0
    for line in ("passed, selected", records[-1].prompt, "fine-000002-64.png", "first try"):
        assert line in fine.stdout
