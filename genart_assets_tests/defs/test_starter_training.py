"""The starter's training as a group of assets, on four shapes in two steps each: the networks are the real ones."""

import json
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.definitions import defs
from genart_assets.models.clip import load_clip
from genart_assets.models.loading import load_model
from genart_assets.starter_training import vocabulary
from genart_assets.starter_training.record import WEIGHTS, weight_hashes
from genart_assets_tests.starter_training.icon_packages import write_packages
from genart_assets_tests.starter_training.tiny_training import make_training_tiny

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    make_training_tiny(monkeypatch, tmp_path)
    write_packages(tmp_path / "icons")
    monkeypatch.setenv("GENART_ICONS", str(tmp_path / "icons"))
    monkeypatch.setenv("GENART_HOME", str(tmp_path / "home"))
    yield tmp_path / "home" / "starter_training"
    monkeypatch.undo()
    vocabulary.vocabulary.cache_clear()


def run(*assets: str, raise_on_error: bool = False) -> dg.ExecuteInProcessResult:
    return defs.resolve_job_def("train_starter").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(),
        asset_selection=[dg.AssetKey(asset) for asset in assets] if assets else None,
        run_config=QUIET,
        raise_on_error=raise_on_error,
    )


@pytest.mark.slow
def test_icons_become_a_released_and_evaluated_model(folder):
    run(raise_on_error=True)
    released = folder / "starter_model"
    record = json.loads((released / "record.json").read_text())
    assert record["files"] == weight_hashes(released)
    assert {name.partition("/")[0] for name in record["files"]} == set(WEIGHTS)
    assert not [file for file in released.rglob("*.json") if str(folder) in file.read_text()]
    figures = json.loads((released / "evaluation.json").read_text())
    assert figures["all"]["images"] == 14 * 2 + 2 * 4
    assert figures["snapshots"]["pipeline"] == load_model(str(released / "pipeline")).snapshot.snapshot_id
    assert figures["cost"]["load_seconds"] > 0
    assert load_clip(str(released / "critic")).embed_texts(["a ball"]).shape == (1, 128)
    pipe = load_model(str(released / "pipeline")).pipe
    pipe.load_lora_weights(str(released / "ink"), adapter_name="ink")
    assert pipe.get_active_adapters() == ["ink"]
    pipe.unload_lora_weights()


def test_without_the_icons_the_run_fails_and_says_how_to_get_them(folder, monkeypatch):
    monkeypatch.delenv("GENART_ICONS")
    done = run("starter_icons")
    [failure] = [event for event in done.all_events if event.is_step_failure]
    text = str(failure.event_specific_data)
    assert "npm install --prefix DIR @iconify-json/noto@" in text
    assert "set GENART_ICONS=DIR" in text


def test_an_asset_whose_parent_was_not_made_names_it(folder):
    done = run("starter_latents")
    [failure] = [event for event in done.all_events if event.is_step_failure]
    assert "materialise starter_autoencoder first" in str(failure.event_specific_data)
