"""A trial compares what can be compared, and what cannot is told before anything is learnt."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genart_assets.errors import GenartError, InputError, ModelError
from genart_assets.learning.styles import Style
from genart_assets.learning.training_set import TrainingSetReport
from genart_assets.learning.training_sets import StoredTrainingSet
from genart_assets.learning.trials import last_trial, require_trial, run_trial
from genart_assets.loras.versions import StyleLora, add_candidate, promote
from genart_assets.models.loading import load_model
from genart_assets.models.loras import USUAL_NAME
from genart_assets.records.fields import Reference
from genart_assets.stages.briefs.references import store_references
from genart_assets.storage.numbered import Numbered
from genart_assets.storage.pixels import encode_png, pixel_sha256
from genart_assets.storage.root import Storage
from genart_assets_tests.critics.test_safety_checker import network
from genart_assets_tests.finetuning.sets import disc, small_set
from genart_assets_tests.loras.test_versions import record_of
from genart_assets_tests.models.tiny_loras import random_lora

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BY: dict[str, Any] = {"by": "ada", "time": NOON}
TRIAL = {"prompts": ["classic icon of kiwi", "classic icon of rocket"], "seeds": [1, 2], "sampler": {"steps": 1}}


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    monkeypatch.setenv("GENART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GENART_STORAGE", str(tmp_path / "storage"))
    return Storage.open(str(tmp_path / "storage"))


@pytest.fixture
def style(tmp_path: Path, storage: Storage) -> Style:
    return style_with(tmp_path, storage)


def style_with(folder: Path, storage: Storage, **keys: Any) -> Style:
    (folder / "one.png").write_bytes(encode_png(disc(1)))
    shown = Reference(sha256=pixel_sha256(disc(1)), path=str(folder / "one.png"))
    store_references(storage, [shown])
    given = {"style": "house", "briefs": ["icons"], "references": (shown,), "trial": TRIAL}
    return Style.model_validate({**given, **keys})


def added(storage: Storage, folder: Path, seed: int, base: str) -> StyleLora:
    weights = (random_lora(folder / str(seed), seed, rank=2) / USUAL_NAME).read_bytes()
    return add_candidate(storage, "house", weights, record_of(weights, base), **BY)


def test_a_trial_is_kept(storage: Storage, style: Style, tmp_path: Path) -> None:
    model = load_model("starter")
    first, second = (added(storage, tmp_path, seed, model.snapshot.snapshot_id) for seed in (1, 2))
    promote(storage, "house", first.version, **BY)
    found = run_trial(storage, style, model, second)
    assert (found.report.baseline, found.report.candidate) == (first.version, second.version)
    assert found.before.shape == found.after.shape == (4, 64, 64, 3)
    assert not np.array_equal(found.before, found.after)
    assert last_trial(storage, "house") == found.report


def test_what_is_promoted_is_not_drawn_on_a_base_that_it_does_not_fit(
    storage: Storage, style: Style, tmp_path: Path
) -> None:
    model = load_model("starter")
    first = added(storage, tmp_path, 1, "6" * 64)
    promote(storage, "house", first.version, **BY)
    second = added(storage, tmp_path, 2, model.snapshot.snapshot_id)
    with pytest.raises(ModelError, match=f"{first.version} of style house fits .* snapshot 66666") as told:
        run_trial(storage, style, model, second)
    assert "genart styles house --roll-back" in told.value.remedy
    assert last_trial(storage, "house") is None


def kept_set(storage: Storage) -> str:
    made, _ = small_set(2)
    report = TrainingSetReport(reviewed=2, accepted=2, rejected=0, left_out={}, contradicted=(), unpaired=0)
    held = StoredTrainingSet(as_of=NOON, accepted=2, made=made, report=report)
    Numbered(storage, "training_sets/house.", StoredTrainingSet).append(held)
    return made.id


@pytest.mark.parametrize(
    ("trial", "keys", "error", "told"),
    [
        (
            {"prompts": ["flat icon of lemon", "a"]},
            {},
            InputError,
            "prompts of the evaluation, for example 'flat icon of lemon'",
        ),
        ({"safety": "unsfe"}, {}, InputError, "no critic is called 'unsfe'"),
        ({"safety": "exposure"}, {}, InputError, "cannot score pixels alone"),
        ({"safety": "prompt_alignment"}, {}, InputError, "cannot score pixels alone"),
        ({"safety": "near_duplicate"}, {}, InputError, "cannot score pixels alone"),
        ({"safety": "safety_checker"}, {}, InputError, "there is no checker; add trial.safety_checker"),
        ({}, {"preference_head": "nowhere"}, GenartError, "nowhere"),
        ({}, {"house_style": "nowhere", "references": ()}, GenartError, "nowhere"),
    ],
)
def test_a_trial_that_cannot_be_held_is_refused_before_anything_is_learnt(
    storage: Storage, tmp_path: Path, trial: dict[str, Any], keys: dict[str, Any], error: type[GenartError], told: str
) -> None:
    style = style_with(tmp_path, storage, trial={**TRIAL, **trial}, **keys)
    with pytest.raises(error) as refused:
        require_trial(storage, style, kept_set(storage), load_model("starter").snapshot)
    assert told in refused.value.message


def test_a_safety_checker_measures_both_sides_of_a_trial(storage: Storage, tmp_path: Path) -> None:
    network().save_pretrained(tmp_path / "checker", safe_serialization=True)
    checked = {"safety": "safety_checker", "safety_checker": str(tmp_path / "checker")}
    style = style_with(tmp_path, storage, trial={**TRIAL, **checked})
    model = load_model("starter")
    candidate = added(storage, tmp_path, 1, model.snapshot.snapshot_id)
    report = run_trial(storage, style, model, candidate).report
    (safety,) = (one for one in report.metrics if one.metric == "safety")
    assert (safety.direction, safety.unit) == ("lower", "cosine above threshold")
    assert safety.baseline != safety.candidate
