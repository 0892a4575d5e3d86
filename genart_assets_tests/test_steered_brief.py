"""LoRAs and control images as a user meets them: a brief is run, delivered, traced, reproduced and tried again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from genart_assets.deliverables.read_back import read_recipe
from genart_assets.instance.home import Home
from genart_assets.models.loras import lora_snapshot
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.replay import replay
from genart_assets.stages.briefs.control_images import control_path
from genart_assets.storage.root import Storage
from genart_assets_tests.models.tiny_controls import disc, shipped_control
from genart_assets_tests.models.tiny_loras import random_lora
from genart_assets_tests.provenance.records_of import records_of
from genart_assets_tests.runner.command import answer, genart, write_brief

LORAS = [{"name": "ink", "scale": 0.5}, {"name": "house"}]
CONTROL = {"kind": "silhouette", "image": "shapes/{subject}.png", "scale": 0.5}
MOVES = {"less_lora": (0.25, 0.5), "more_lora": (0.75, 0.5), "less_control": (0.5, 0.25), "more_control": (0.5, 0.75)}
"""Each to the scales of LoRA and control that it leads to from 0.5 and 0.5."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which one command ran two briefs: one is delivered, one fails and is tried again."""
    folder = tmp_path_factory.mktemp("steered")
    (folder / "shapes").mkdir()
    for subject, radius in (("red apple", 24), ("lemon", 14)):
        Image.fromarray(disc(radius)).convert("L").save(folder / "shapes" / f"{subject}.png")
    random_lora(folder / "house", 1, rank=2)
    fine = write_brief(folder, "fine", 2, loras=LORAS, control=CONTROL)
    tried = write_brief(
        folder,
        "tried",
        8,
        loras=LORAS[:1],
        control={**CONTROL, "image": "shapes/lemon.png"},
        latitudes={"lora_scale": [0, 1], "control_scale": [0, 1]},
        retry={"rounds": 1, "moves": list(MOVES)},
        style_guide={
            "expect": {"prompt_alignment": {"min": 2}, "style_adherence": {"min": 2}},
            "references": ["shapes/lemon.png"],
        },
    )
    told = answer(genart(folder / "home", "run", fine, tried, "--json"))
    assert (told["rendered"], told["delivered"]) == (18, 2), told
    return folder / "home"


@pytest.fixture(scope="module")
def storage(home: Path) -> Storage:
    return Storage.open(Home.open(home).storage_root)


@pytest.fixture(scope="module")
def records(storage: Storage) -> dict[str, list[ProvenanceRecord]]:
    return records_of(storage)


def test_a_delivered_file_holds_the_hashes_of_what_steered_it(home: Path, storage: Storage) -> None:
    files = sorted((home / "storage" / "deliveries").rglob("*.png"))
    recipes = [read_recipe(file) for file in files]
    assert len({recipe["control"]["image"] for recipe in recipes}) == 2
    for recipe in recipes:
        assert [lora["name"] for lora in recipe["loras"]] == ["ink", "house"]
        assert recipe["loras"][0]["snapshot"] == lora_snapshot("ink").snapshot_id
        assert recipe["control"]["snapshot"] == shipped_control().snapshot
        assert storage.exists(control_path(recipe["control"]["image"]))
    assert answer(genart(home, "verify", files[0], "--json"))


def test_every_steered_image_is_reproduced_bit_for_bit(home: Path) -> None:
    told = answer(genart(home, "reproduce", "--sample", 100, "--json"))
    assert (told["replayed"], told["identical"]) == (18, 18)


def test_the_story_of_an_image_names_its_loras_and_its_control_image(
    home: Path, tmp_path: Path, records: dict[str, list[ProvenanceRecord]]
) -> None:
    image = records["fine"][0]
    assert image.steering.control is not None
    page = tmp_path / "story.html"
    told = genart(home, "trace", image.recipe_id, "--html", page)
    for line in (
        f"scale 0.5, snapshot {lora_snapshot('ink').snapshot_id}, ink, Apache-2.0",
        "LoRA house",
        f"scale 0.5, snapshot {shipped_control().snapshot}, silhouette, Apache-2.0",
        control_path(image.steering.control.image),
    ):
        assert line in told.stdout
    assert image.steering.control.image in page.read_text(encoding="utf-8")
    as_json = answer(genart(home, "trace", image.recipe_id, "--json"))
    assert {adapter["snapshot_id"] for adapter in as_json["adapters"]} == set(image.adapter_snapshots)


def test_retries_move_the_scales_for_real(records: dict[str, list[ProvenanceRecord]]) -> None:
    moves: set[str] = set()
    for before, after in zip(records["tried"][::2], records["tried"][1::2], strict=True):
        assert before.steering.control is not None
        assert after.steering.control is not None
        assert (before.steering.loras[0].scale, before.steering.control.scale) == (0.5, 0.5)
        assert after.move is not None
        assert (after.steering.loras[0].scale, after.steering.control.scale) == MOVES[after.move]
        moves.add(after.move)
    assert {move.split("_")[1] for move in moves} == {"lora", "control"}  # which way each slot goes is drawn


def test_a_lora_that_changed_makes_another_order_and_the_old_one_is_not_rendered_with_it(
    home: Path, storage: Storage, records: dict[str, list[ProvenanceRecord]]
) -> None:
    """Last, for it changes what the others replay."""
    random_lora(home.parent / "house", 2, rank=2)
    (lost,) = replay(storage, records["fine"][:1])
    assert (lost.pixel_sha256, "of LoRA 'house' have changed" in lost.problem) == (None, True)
    told = answer(genart(home, "run", home.parent / "fine.yaml", "--json"))
    assert told["newly_rendered"] == 2
    orders = [
        json.loads(storage.read(f"orders/{name}")) for name in storage.names("orders") if name.startswith("fine.")
    ]
    assert len(orders) == 2
