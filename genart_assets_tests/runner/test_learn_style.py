"""`genart learn`: reviews become a LoRA, a better one is promoted, briefs take it, and a person may forbid it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from genart_assets.definitions import defs
from genart_assets.defs.resources.tags import DRIVER
from genart_assets.deliverables.read_back import read_recipe
from genart_assets.errors import InputError
from genart_assets.instance.home import Home
from genart_assets.learning.draw_samples import draw_samples
from genart_assets.learning.styles import Style, stored_style
from genart_assets.loras.versions import promote, versions_of
from genart_assets.models.loading import load_model
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.storage.pixels import encode_png
from genart_assets.storage.root import Storage
from genart_assets_tests.defs.studio import QUIET, Studio
from genart_assets_tests.defs.ticks import partitions, tick
from genart_assets_tests.runner.command import ONE_THREAD, answer, genart, write_brief
from genart_assets_tests.runner.test_review_to_delivery import Desk

pytestmark = pytest.mark.slow
PROMPTS = ["classic icon of panda on teal background", "classic icon of rocket on teal background"]
SEEDS = [1, 2]
STYLE: dict[str, Any] = {
    "style": "house",
    "briefs": ["icons"],
    "references": "references",
    "learn_from": {"fewest": 4, "near": 1.0},
    "finetune": {"steps": 4, "rows": 2, "rank": 2, "rate": 0.05, "warm_up": 0, "checkpoint_every": 2},
    "trial": {"prompts": PROMPTS, "seeds": SEEDS, "sampler": {"steps": 2}},
    "promote": {"fewest_prompts": 2, "alignment_loss": 10.0, "diversity_loss": 1.0},
    "new_images": 3,
}


def write_style(folder: Path, **keys: Any) -> Path:
    path = folder / "house.yaml"
    path.write_text(yaml.safe_dump({**STYLE, **keys}, sort_keys=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight reviewed icons in a home, and a style whose reference is one of them that was rejected."""
    folder = tmp_path_factory.mktemp("learning")
    brief = write_brief(folder, "icons", 8, review="all")
    answer(genart(folder / "home", "run", brief, "--json"))
    desk = Desk(folder / "home")
    rows = desk.rows(0)["recipe_id"]
    for place, recipe_id in enumerate(rows):
        desk.decide(recipe_id, "reject" if place > 5 else "accept")
    (folder / "references").mkdir()
    (file, *_) = (folder / "home" / "storage").rglob("*.png")
    (folder / "references" / "one.png").write_bytes(file.read_bytes())
    told = answer(genart(folder / "home", "run", brief, "--json"))
    assert told["accepted"] == 6
    return folder


@pytest.fixture(scope="module")
def storage(folder: Path) -> Storage:
    return Storage.open(Home.open(folder / "home").storage_root)


@pytest.fixture(scope="module")
def first(folder: Path) -> dict[str, Any]:
    """A turn with a margin that nothing reaches."""
    margin = {**STYLE["promote"], "adherence_gain": 5.0}
    return answer(genart(folder / "home", "learn", write_style(folder, promote=margin), "--json"))


@pytest.fixture(scope="module")
def second(folder: Path, storage: Storage, first: dict[str, Any], monkeypatch_module: pytest.MonkeyPatch) -> Any:
    """A turn after the studio has changed its mind: now the candidate's own pictures show the style."""
    (candidate,) = versions_of(storage, "house")
    trial = Style.model_validate({**STYLE, "references": ({"path": "x"},)}).trial
    drawn = draw_samples(
        load_model("starter"),
        Path(str(storage.path(candidate.weights_path))),
        [prompt for prompt in PROMPTS for _ in SEEDS],
        SEEDS * len(PROMPTS),
        trial,
    )
    for place, picture in enumerate(drawn):
        (folder / "references" / f"own{place}.png").write_bytes(encode_png(picture))
    (folder / "references" / "one.png").unlink()
    return answer(genart(folder / "home", "learn", write_style(folder), "--json"))


@pytest.fixture(scope="module")
def monkeypatch_module():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def test_a_candidate_that_is_not_better_by_the_margin_is_not_promoted(first: dict[str, Any]) -> None:
    assert (first["images"], first["passed"], first["promoted"], first["problem"]) == (6, False, None, "")
    assert "style_adherence rises by more than 5" in first["reason"]
    assert Path(first["sheet"]).read_bytes().startswith(b"RIFF")


def test_a_fine_tune_elsewhere_gives_the_version_that_one_here_gives(
    folder: Path, tmp_path: Path, first: dict[str, Any]
) -> None:
    home, style, away = folder / "home", folder / "house.yaml", tmp_path / "away"
    told = answer(genart(home, "learn", style, "--write", away, "--json"))
    assert (told["images"], told["problem"]) == (6, "")
    assert genart(home, "learn", style, "--trained", away).returncode == 1, "nobody has fine-tuned it yet"
    command = shlex.split(told["command"])
    assert command[:3] == ["python", "-m", "genart_assets.finetuning"]
    subprocess.run([sys.executable, *command[1:]], check=True, capture_output=True, env={**os.environ, **ONE_THREAD})
    taken = answer(genart(home, "learn", style, "--trained", away, "--json"))
    assert (taken["candidate"], taken["reason"]) == (first["candidate"], first["reason"])
    both = genart(home, "learn", style, "--write", away, "--trained", away)
    assert both.returncode == 2
    assert "--write and --trained exclude each other" in both.stderr


def test_the_same_reviews_give_the_same_candidate_and_what_is_better_is_promoted(
    storage: Storage, first: dict[str, Any], second: dict[str, Any]
) -> None:
    assert second["candidate"] == first["candidate"] == second["promoted"]
    assert second["passed"] is True
    assert second["reason"] == ""
    (lora,) = versions_of(storage, "house")
    assert (lora.state, lora.record.images, lora.record.base) == ("promoted", 6, "starter")


def test_dagit_shows_losses_samples_and_what_was_measured(folder: Path, second: dict[str, Any]) -> None:
    with Home.open(folder / "home").instance() as instance:
        learnt = instance.fetch_materializations(dg.AssetKey("style_lora"), limit=1).records[0]
        assert learnt.partition_key == "house"
        metadata = learnt.asset_materialization.metadata
        assert metadata["version"].value == second["candidate"]
        for name in ("losses", "samples"):
            assert "data:image/" in metadata[name].value
        seen = instance.fetch_observations(dg.AssetKey("style_lora"), limit=20).records
        steps = {record.asset_observation.metadata["step"].value for record in seen}
        assert steps == {1, 2, 3, 4}
        trial = instance.fetch_materializations(dg.AssetKey("lora_evaluation"), limit=1).records[0]
        measured = trial.asset_materialization.metadata["measured"].value
        assert {record.data["metric"] for record in measured.records} == {
            "style_adherence",
            "prompt_alignment",
            "diversity",
        }


def test_a_brief_takes_what_is_promoted_and_says_which_version_that_was(
    folder: Path, storage: Storage, second: dict[str, Any]
) -> None:
    home = folder / "home"
    brief = write_brief(folder, "next", 2, loras=[{"name": "house", "version": "promoted", "scale": 0.5}])
    assert answer(genart(home, "run", brief, "--json"))["delivered"] == 2
    (file, *_) = sorted((home / "storage" / "deliveries" / "next").rglob("*.png"))
    (lora,) = read_recipe(file.read_bytes())["loras"]
    assert (lora["name"], lora["scale"]) == (f"house@{second['promoted']}", 0.5)
    told = answer(genart(home, "reproduce", file, "--json"))
    assert told["identical"] == 1
    (key,) = (key for key in order_keys(storage) if key.startswith("next."))
    (accepted,) = (home / "storage" / "briefs" / "next").glob("*.json")
    (use,) = json.loads(accepted.read_text())["loras"]
    assert use["version"] == second["promoted"], key


def test_the_versions_are_listed_and_one_step_leads_back(folder: Path, second: dict[str, Any]) -> None:
    home, version = folder / "home", second["promoted"]
    assert version in genart(home, "styles").stdout
    back = answer(genart(home, "styles", "house", "--roll-back", "--by", "ada", "--json"))
    assert [(one["version"], one["state"]) for one in back["house"]] == [(version, "retired")]
    told = answer(genart(home, "learn", folder / "house.yaml", "--json"))
    assert (told["candidate"], told["promoted"]) == (version, None), "what was rolled back does not come by itself"
    assert f"{version} was learnt before and is retired" in told["reason"]
    again = answer(genart(home, "styles", "house", "--promote", version, "--by", "ada", "--json"))
    assert [(one["version"], one["state"]) for one in again["house"]] == [(version, "promoted")]
    for wrong in (["--promote", version], ["house", "--roll-back", "--forbid", version], ["hause"]):
        assert genart(home, "styles", *wrong).returncode == 2


def test_feedback_starts_a_turn_once_there_is_enough_of_it(folder: Path, second: dict[str, Any]) -> None:
    with Home.open(folder / "home").instance() as instance:
        studio = Studio(Storage.open(Home.open(folder / "home").storage_root), instance)
        assert partitions(tick(studio, "learning_sensor")) == [], "nothing was accepted since"
        style = stored_style(studio.storage, "house")
        studio.storage.write_once(
            "styles/other.00000000.json", style.model_copy(update={"style": "other"}).canonical().encode()
        )
        assert partitions(tick(studio, "learning_sensor")) == ["other"]
        assert not any(run.tags.get(DRIVER) is None for run in instance.get_runs())


def test_a_version_that_a_person_forbids_is_no_longer_promoted_nor_taken(
    folder: Path, storage: Storage, second: dict[str, Any]
) -> None:
    home = folder / "home"
    with Home.open(home).instance() as instance:
        said = {"by": "ada", "why": "too dark"}
        config = {**QUIET, "ops": {"promoted_lora_nobody_objects": {"config": said}}}
        result = defs.resolve_job_def("object").execute_in_process(
            instance=instance, partition_key="house", run_config=config
        )
        (check,) = result.get_asset_check_evaluations()
        assert not check.passed
        assert second["promoted"] in check.description
    (lora,) = versions_of(storage, "house")
    assert (lora.state, lora.vetoed) == ("retired", True)
    loras = [{"name": "house", "version": "promoted"}]
    refused = genart(home, "run", write_brief(folder, "more", 2, loras=loras), "--json")
    assert refused.returncode == 2
    assert "style house has no version 'promoted'" in refused.stderr
    loras = [{"name": "house", "version": second["promoted"]}]
    refused = genart(home, "run", write_brief(folder, "more", 2, loras=loras), "--json")
    assert refused.returncode == 2
    assert "is vetoed" in refused.stderr
    (file, *_) = sorted((home / "storage" / "deliveries" / "next").rglob("*.png"))
    assert answer(genart(home, "reproduce", file, "--json"))["identical"] == 1


def test_a_wrong_style_is_refused_line_by_line(folder: Path, tmp_path: Path) -> None:
    path = write_style(tmp_path, briefs=[], references="nowhere", trial={"prompts": ["one"]}, finetun={})
    told = genart(tmp_path / "home", "learn", path)
    assert told.returncode == 2
    for line in ("field 'briefs'", "field 'references'", "field 'trial.prompts'", "field 'finetun'"):
        assert line in told.stderr
    assert "Traceback" not in told.stderr


def test_too_few_images_are_counted_and_nothing_is_learnt(folder: Path, second: dict[str, Any]) -> None:
    path = write_style(folder, style="bigger", learn_from={"fewest": 60})
    told = genart(folder / "home", "learn", path)
    assert told.returncode == 1
    assert "the training set has 6 images, at least 60 are needed" in told.stderr


def test_nothing_is_promoted_by_hand_that_is_vetoed(storage: Storage, second: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="is vetoed"):
        promote(storage, "house", second["promoted"], by="ada", time=datetime.now(UTC))
