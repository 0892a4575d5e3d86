"""The shipped weights are what the shipped recipe made, and small enough to ship."""

import json

import pytest
from safetensors import safe_open

from genart_assets.models.snapshot import take_snapshot
from genart_assets.starter_training.evaluation_page import tables
from genart_assets.starter_training.record import STARTER, WEIGHTS, recipe, weight_hashes
from genart_assets.starter_training.release import TRAINED

RECORD = json.loads((STARTER / "record.json").read_text(encoding="utf-8"))
EVALUATION = json.loads((STARTER / "evaluation.json").read_text(encoding="utf-8"))
MEGABYTE = 1_000_000


def test_the_recorded_recipe_is_the_one_in_the_code():
    assert RECORD["recipe"] == recipe()


def test_the_recorded_hashes_are_those_of_the_shipped_files():
    assert RECORD["files"] == weight_hashes()


def test_every_training_ran_to_its_end_and_shipped_its_log():
    for name in TRAINED:
        part = name.removeprefix("starter_")
        last = json.loads((STARTER / "logs" / f"{part}.jsonl").read_text().splitlines()[-1])
        steps = RECORD["recipe"][part]["steps"]
        assert RECORD["trained"][name] == {"steps": steps}
        assert last["step"] == steps


def test_the_starter_is_small():
    sizes = [path.stat().st_size for path in STARTER.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(sizes) <= 90 * MEGABYTE
    assert max(sizes) <= 60 * MEGABYTE


@pytest.mark.parametrize("folder", WEIGHTS)
def test_weights_are_half_precision_safetensors(folder):
    files = list((STARTER / folder).rglob("*.safetensors"))
    assert files
    for file in files:
        with safe_open(file, "pt") as held:
            kinds = {held.get_slice(name).get_dtype() for name in held.keys()}  # noqa: SIM118 - no mapping
        assert kinds <= {"F16", "I64"}, file
    assert not list((STARTER / folder).rglob("*.bin"))


def test_the_evaluation_is_of_the_shipped_weights_and_in_the_readme():
    assert EVALUATION["snapshots"]["pipeline"] == take_snapshot("starter").snapshot_id
    assert tables(EVALUATION) in (STARTER / "README.md").read_text(encoding="utf-8")
