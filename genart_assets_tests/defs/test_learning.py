"""Feedback starts a style's turn once, and again where it failed; a person's veto counts whatever else is open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import dagster as dg
import pytest

from genart_assets.definitions import defs
from genart_assets.defs.partitions import add_styles
from genart_assets.defs.resources.tags import DRIVER, FOREGROUND
from genart_assets.learning.evaluate_lora import LoraEvaluation
from genart_assets.learning.styles import store_style
from genart_assets.learning.training_sets import make_training_set
from genart_assets.loras.versions import add_candidate, versions_of
from genart_assets.storage.numbered import Numbered
from genart_assets_tests.defs.studio import QUIET, Studio
from genart_assets_tests.defs.ticks import partitions, run_keys, tick
from genart_assets_tests.learning import test_training_sets as training_sets
from genart_assets_tests.learning.test_evaluate_lora import measured, report_of
from genart_assets_tests.learning.test_reviewed_images import Reviewed
from genart_assets_tests.loras.test_versions import lora, record_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BY: dict[str, Any] = {"by": "ada", "time": NOON}
STYLE = training_sets.STYLE.model_copy(update={"new_images": 1})


def came(studio: Studio, status: dg.DagsterRunStatus, **tags: str) -> None:
    """A run of the style's turn stands so."""
    job = defs.resolve_job_def("learn")
    studio.instance.create_run_for_job(job, status=status, tags={"dagster/partition": "house", **tags})


@pytest.fixture
def reviewed(studio: Studio) -> Reviewed:
    order = Reviewed(studio.storage)
    order.say(order.ids(1)[0], "accept")
    order.settle()
    store_style(studio.storage, STYLE)
    return order


def test_the_same_feedback_starts_one_turn(studio: Studio, reviewed: Reviewed) -> None:
    asked = run_keys(tick(studio, "learning_sensor"))
    assert len(asked) == 1
    assert run_keys(tick(studio, "learning_sensor")) == asked, "Dagster starts one run of a key"
    make_training_set(studio.storage, STYLE, datetime.now(UTC))
    assert partitions(tick(studio, "learning_sensor")) == []


@pytest.mark.parametrize(
    ("status", "tags", "again"),
    [
        (dg.DagsterRunStatus.FAILURE, {}, True),
        (dg.DagsterRunStatus.STARTED, {}, False),
        (dg.DagsterRunStatus.CANCELED, {}, False),
        (dg.DagsterRunStatus.FAILURE, {DRIVER: FOREGROUND}, False),
    ],
)
def test_a_turn_that_failed_is_asked_for_once_more_and_none_that_a_person_ended(
    studio: Studio, reviewed: Reviewed, status: dg.DagsterRunStatus, tags: dict[str, str], again: bool
) -> None:
    first = run_keys(tick(studio, "learning_sensor"))
    made = make_training_set(studio.storage, STYLE, datetime.now(UTC)).made
    came(studio, dg.DagsterRunStatus.FAILURE)
    came(studio, status, **tags)
    asked = tick(studio, "learning_sensor")
    assert partitions(asked) == (["house"] if again else [])
    assert run_keys(tick(studio, "learning_sensor")) == run_keys(asked)
    assert set(run_keys(asked)).isdisjoint(first)
    weights, _ = lora(1.0)
    learnt = record_of(weights).model_copy(update={"training_set": made.id})
    add_candidate(studio.storage, "house", weights, learnt, **BY)
    assert partitions(tick(studio, "learning_sensor")) == [], "there is a version of it"


def test_a_veto_counts_where_a_trial_is_of_what_is_promoted_no_more(studio: Studio) -> None:
    first, second = (add_candidate(studio.storage, "house", *lora(number), **BY).version for number in (1.0, 2.0))
    store_style(studio.storage, STYLE)
    add_styles(studio.instance, ["house"])
    better = [measured(0.1, name) for name in ("style_adherence", "prompt_alignment", "diversity")]
    trial = report_of(*better).model_copy(update={"candidate": second, "baseline": first})
    Numbered(studio.storage, "style_loras/house/trials/", LoraEvaluation).append(trial)
    config = {**QUIET, "ops": {"promoted_lora_nobody_objects": {"config": {"by": "ada", "version": first}}}}
    result = defs.resolve_job_def("object").execute_in_process(
        instance=studio.instance, partition_key="house", run_config=config, raise_on_error=False
    )
    assert result.success
    (made,) = result.asset_materializations_for_node("promoted_lora")
    assert f"was compared with {first}" in made.metadata["why"].value
    assert {one.version: one.standing for one in versions_of(studio.storage, "house")} == {
        first: "forbidden",
        second: "candidate",
    }
