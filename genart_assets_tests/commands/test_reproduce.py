"""`genart reproduce` and `genart trace` on a home that a run filled."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genart_assets.errors import InputError, ModelError
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.replay import replay
from genart_assets.storage.root import Storage
from genart_assets_tests.provenance.conftest import home, records, storage
from genart_assets_tests.runner.command import answer, genart

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


def test_weights_that_are_others_now_are_told_at_once(storage: Storage, records: list[ProvenanceRecord]) -> None:
    with pytest.raises(ModelError, match=r"the plan was made for 0000"):
        replay(storage, [records[0].model_copy(update={"model_snapshot": "0" * 64})])
    with pytest.raises(InputError, match="never rendered"):
        replay(storage, [records[0].model_copy(update={"pixel_sha256": None})])


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
