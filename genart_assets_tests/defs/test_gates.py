"""Each structural gate in the real graph: open for what is whole, closed for what is not, and only for that batch."""

from collections.abc import Iterator, Sequence

import dagster as dg
import numpy as np
import pandas as pd
import pytest
import torch

from genart_assets.critics.known import CRITICS
from genart_assets.defs import planning as generation_plan_file
from genart_assets.records.plan import Batch, PlannedImage
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.planning.plan import plan_batch
from genart_assets.stages.rendering import denoise as denoise_file
from genart_assets.storage.images import ImageStore
from genart_assets.storage.tensors import TensorStore
from genart_assets_tests.defs.studio import BRIEF, Studio

GATES = {
    "plan_is_complete": "generation_plan",
    "latents_are_finite": "latents",
    "images_are_decodable": "images",
    "embeddings_have_length_one": "image_embeddings",
    "scores_are_complete": "critic_scores",
}
HOPELESS = "style_guide: {expect: {prompt_alignment: {min: 2}}, batch: {min_yield: 1}}"
AI_PASS = [
    "briefs",
    "model_snapshot",
    "generation_plan",
    "prompt_embeddings",
    "latents",
    "images",
    "image_embeddings",
    "critic_scores",
    "verdicts",
    "selected_images",
    "provenance",
]


def stored_tensors(ids: Sequence[str], **tensors: torch.Tensor) -> RowStream:
    def compute(missing: Sequence[str]) -> Iterator[MicroBatch]:
        yield MicroBatch(tuple(missing), tensors)

    return RowStream(tuple(ids), compute)


def shown(studio: Studio, batch: Batch, check: str) -> bool | None:
    """What Dagit shows of a check for a batch: passed, failed, or nothing (None)."""
    key = dg.AssetCheckKey(dg.AssetKey(GATES[check]), check)
    for record in studio.instance.event_log_storage.get_asset_check_execution_history(key, limit=100):
        if record.partition == batch.key:
            evaluation = record.event.dagster_event.asset_check_evaluation_data
            assert evaluation.blocking
            assert evaluation.severity == dg.AssetCheckSeverity.ERROR
            return evaluation.passed
    return None


def assert_closed(studio: Studio, batches: Sequence[Batch], check: str, told: str) -> None:
    """Of two batches, the first is stopped at the check and the second goes through."""
    broken, sound = batches
    result = studio.run("render", broken)
    assert not result.success
    [evaluation] = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert (evaluation.check_name, evaluation.blocking, evaluation.partition) == (check, True, broken.key)
    assert told in str(evaluation.description)
    assert studio.made(broken) == set(AI_PASS[: AI_PASS.index(GATES[check]) + 1]), "nothing below was executed"
    assert shown(studio, broken, check) is False

    assert studio.run("render", sound).success
    assert studio.made(sound) == set(AI_PASS)
    assert shown(studio, sound, check) is True
    assert shown(studio, broken, check) is False, "each batch has its own status"


def test_every_gate_opens_for_a_whole_batch_and_is_shown_for_it(studio: Studio) -> None:
    [batch] = studio.order()
    result = studio.run("render", batch)
    assert result.success
    evaluations = {e.check_name: e for e in result.get_asset_check_evaluations()}
    whole = evaluations.pop("batch_goes_on_by_itself")
    assert (whole.passed, whole.blocking, whole.description) == (True, False, "not held")
    assert {name: e.asset_key.to_user_string() for name, e in evaluations.items()} == GATES
    assert all(e.passed and e.blocking and e.partition == batch.key for e in evaluations.values())
    assert all(shown(studio, batch, check) for check in GATES)
    assert evaluations["latents_are_finite"].metadata["rows"].value == 4


def test_a_plan_that_lost_a_row_is_stopped(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = studio.order(batch_rows=2)

    def losing(brief: object, batch: Batch, schedule: object) -> list[PlannedImage]:
        planned = plan_batch(brief, batch, schedule)  # type: ignore[arg-type]
        return planned[:-1] if batch.index == 0 else planned

    monkeypatch.setattr(generation_plan_file, "plan_batch", losing)
    assert_closed(studio, batches, "plan_is_complete", "the plan has the batch's 2 rows")


def test_latents_that_are_not_finite_are_stopped(studio: Studio) -> None:
    batches = studio.order(batch_rows=2)
    ids = [planned.recipe_id for planned in studio.plan(batches[0])]
    latents = torch.ones(2, 4, 8, 8)
    latents[1, 0, 0, 0] = torch.nan
    TensorStore(studio.storage, "latents", batches[0].key).write(stored_tensors(ids, latents=latents))
    assert_closed(studio, batches, "latents_are_finite", "every latent is finite")


@pytest.mark.parametrize("damage", ["missing", "cut", "exchanged"])
def test_images_that_cannot_be_read_back_are_stopped(studio: Studio, damage: str) -> None:
    batches = studio.order(batch_rows=2)
    assert studio.run("render", batches[0], AI_PASS[: AI_PASS.index("images") + 1]).success
    first, second = (studio.storage.path(path) for path in ImageStore(studio.storage, batches[0].key).open().index.path)
    if damage == "missing":
        first.unlink()
    else:
        first.write_bytes(first.read_bytes()[:200] if damage == "cut" else second.read_bytes())
    assert_closed(studio, batches, "images_are_decodable", "every row is computed and readable, or has a reason")


def test_embeddings_of_another_length_are_stopped(studio: Studio) -> None:
    batches = studio.order(batch_rows=2)
    ids = [planned.recipe_id for planned in studio.plan(batches[0])]
    embeddings = torch.nn.functional.normalize(torch.ones(2, 8)) * torch.tensor([[1.0], [2.0]])
    TensorStore(studio.storage, "image_embeddings", batches[0].key).write(stored_tensors(ids, embedding=embeddings))
    assert_closed(studio, batches, "embeddings_have_length_one", "every embedding has length 1")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"score": np.inf}, "every score is finite"), ({"critic": "taste"}, "every critic is known")],
)
def test_scores_that_make_no_sense_are_stopped(studio: Studio, wrong: dict[str, object], told: str) -> None:
    batches = studio.order(batch_rows=2)
    ids = [planned.recipe_id for planned in studio.plan(batches[0])]
    lines = [
        {"recipe_id": i, "critic": c, "score": 1.0, "unit": "1", "direction": "higher", "version": "1", "reason": None}
        for i in ids
        for c in CRITICS.names()
    ]
    lines[0] |= wrong
    scores = pd.DataFrame(lines).astype({"reason": "object"})
    forged = RowStream(tuple(ids), lambda missing: iter([MicroBatch(tuple(missing), scores)]))
    studio.table("critic_scores", batches[0]).write(forged)
    assert_closed(studio, batches, "scores_are_complete", told)


def test_a_gate_holds_in_a_run_of_some_assets(studio: Studio) -> None:
    batches = studio.order(batch_rows=2)
    assert studio.run("render", batches[0], AI_PASS[: AI_PASS.index("images") + 1]).success
    path = ImageStore(studio.storage, batches[0].key).open().index.path[0]
    studio.storage.delete(path)
    result = studio.run("render", batches[0], ["images", "image_embeddings"])
    assert not result.success
    assert "image_embeddings" not in studio.made(batches[0])


def test_one_poisoned_row_fails_alone_with_its_reason(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    undisturbed, poisoned = studio.order(batch_rows=4)[0], studio.order(batch_rows=5)[0]
    ids = [planned.recipe_id for planned in studio.plan(undisturbed)]
    assert [planned.recipe_id for planned in studio.plan(poisoned)] == ids, "the same recipes in another batch"
    assert studio.run("render", undisturbed).success
    finite_rows = denoise_file.finite_rows

    def poisoning(rows: Sequence[str], tensors: dict[str, torch.Tensor], reason: str) -> MicroBatch:
        latents = tensors["latents"].clone()
        latents[list(rows).index(ids[1]), 0, 3, 3] = torch.nan
        return finite_rows(rows, {"latents": latents}, reason)

    monkeypatch.setattr(denoise_file, "finite_rows", poisoning)
    assert studio.run("render", poisoned).success
    assert studio.run("deliver", poisoned).success

    verdicts = {verdict.recipe_id: verdict for verdict in verdicts_of(studio.table("verdicts", poisoned).read())}
    assert [verdicts[i].passed for i in ids] == [True, False, True, True]
    [failed] = verdicts[ids[1]].failed
    assert (failed.expectation, failed.value) == ("rendered", None)
    assert "not finite" in failed.reason

    neighbours = [ids[0], *ids[2:]]
    images, before = (ImageStore(studio.storage, batch.key).open() for batch in (poisoned, undisturbed))
    assert list(images.ids) == neighbours
    assert images.failures == {ids[1]: failed.reason}
    pixels = dict(zip(before.index.recipe_id, before.index.pixel_sha256, strict=True))
    assert list(images.index.pixel_sha256) == [pixels[i] for i in neighbours], "not a bit of a neighbour differs"
    assert all(shown(studio, poisoned, check) for check in GATES)

    delivered = studio.table("deliveries", poisoned).read()
    assert list(delivered.recipe_id) == neighbours
    assert all(studio.storage.exists(path) for path in delivered.path)


def test_a_batch_that_is_held_shows_it_and_blocks_nothing(studio: Studio) -> None:
    [batch] = studio.order(BRIEF + HOPELESS)
    result = studio.run("render", batch)
    assert result.success
    [whole] = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert (whole.check_name, whole.severity) == ("batch_goes_on_by_itself", dg.AssetCheckSeverity.ERROR)
    assert str(whole.description).startswith("held for a person: yield ≥ 1: 0")
    assert "selected_images" in studio.made(batch)
