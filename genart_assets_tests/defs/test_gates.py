"""Each structural gate in the real graph: open for what is whole, closed for what is not, and only for that batch."""

from collections.abc import Iterator, Mapping, Sequence

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


def assert_closed(studio: Studio, broken: Batch, check: str, told: str) -> None:
    """The batch is stopped at the check."""
    result = studio.run("render", broken)
    assert not result.success
    [evaluation] = [e for e in result.get_asset_check_evaluations() if not e.passed]
    assert (evaluation.check_name, evaluation.blocking, evaluation.partition) == (check, True, broken.key)
    assert told in str(evaluation.description)
    assert studio.made(broken) == set(AI_PASS[: AI_PASS.index(GATES[check]) + 1]), "nothing below was executed"
    assert shown(studio, broken, check) is False


def assert_open(studio: Studio, sound: Batch, closed: Mapping[str, Sequence[Batch]]) -> None:
    """Beside batches that were stopped, each at a check, a sound one goes through."""
    assert studio.run("render", sound).success
    assert studio.made(sound) == set(AI_PASS)
    for check, batches in closed.items():
        assert shown(studio, sound, check) is True
        for broken in batches:
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


def break_plan(monkeypatch: pytest.MonkeyPatch, broken: Batch) -> None:
    """It loses a row."""

    def losing(brief: object, batch: Batch, schedule: object) -> list[PlannedImage]:
        planned = plan_batch(brief, batch, schedule)  # type: ignore[arg-type]
        return planned[:-1] if batch == broken else planned

    monkeypatch.setattr(generation_plan_file, "plan_batch", losing)


def break_latents(studio: Studio, batch: Batch, ids: Sequence[str]) -> None:
    """One is not finite."""
    latents = torch.ones(2, 4, 8, 8)
    latents[1, 0, 0, 0] = torch.nan
    TensorStore(studio.storage, "latents", batch.key).write(stored_tensors(ids, latents=latents))


def break_image(studio: Studio, batch: Batch, damage: str) -> None:
    """The first cannot be read back."""
    assert studio.run("render", batch, AI_PASS[: AI_PASS.index("images") + 1]).success
    first, second = (studio.storage.path(path) for path in ImageStore(studio.storage, batch.key).open().index.path)
    if damage == "missing":
        first.unlink()
    else:
        first.write_bytes(first.read_bytes()[:200] if damage == "cut" else second.read_bytes())


def break_embeddings(studio: Studio, batch: Batch, ids: Sequence[str]) -> None:
    """One has another length than one."""
    embeddings = torch.nn.functional.normalize(torch.ones(2, 8)) * torch.tensor([[1.0], [2.0]])
    TensorStore(studio.storage, "image_embeddings", batch.key).write(stored_tensors(ids, embedding=embeddings))


def break_scores(studio: Studio, batch: Batch, ids: Sequence[str], wrong: dict[str, object]) -> None:
    """The first line makes no sense."""
    lines = [
        {"recipe_id": i, "critic": c, "score": 1.0, "unit": "1", "direction": "higher", "version": "1", "reason": None}
        for i in ids
        for c in CRITICS.names()
    ]
    lines[0] |= wrong
    scores = pd.DataFrame(lines).astype({"reason": "object"})
    forged = RowStream(tuple(ids), lambda missing: iter([MicroBatch(tuple(missing), scores)]))
    studio.table("critic_scores", batch).write(forged)


def test_what_was_drawn_wrongly_is_stopped_at_its_gate(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    text = BRIEF + "repeats: 3\n"
    plan, latents, missing, cut, exchanged, sound = studio.order(text, batch_rows=2)
    break_plan(monkeypatch, plan)
    break_latents(studio, latents, [planned.recipe_id for planned in studio.plan(latents, text)])
    for batch, damage in ((missing, "missing"), (cut, "cut"), (exchanged, "exchanged")):
        break_image(studio, batch, damage)
    assert_closed(studio, plan, "plan_is_complete", "the plan has the batch's 2 rows")
    assert_closed(studio, latents, "latents_are_finite", "every latent is finite")
    for batch in (missing, cut, exchanged):
        assert_closed(studio, batch, "images_are_decodable", "every row is computed and readable, or has a reason")
    closed = {
        "plan_is_complete": [plan],
        "latents_are_finite": [latents],
        "images_are_decodable": [missing, cut, exchanged],
    }
    assert_open(studio, sound, closed)


def test_what_was_judged_wrongly_is_stopped_at_its_gate(studio: Studio) -> None:
    text = BRIEF + "repeats: 2\n"
    length, score, critic, sound = studio.order(text, batch_rows=2)
    ids = {batch.key: [planned.recipe_id for planned in studio.plan(batch, text)] for batch in (length, score, critic)}
    break_embeddings(studio, length, ids[length.key])
    break_scores(studio, score, ids[score.key], {"score": np.inf})
    break_scores(studio, critic, ids[critic.key], {"critic": "taste"})
    assert_closed(studio, length, "embeddings_have_length_one", "every embedding has length 1")
    assert_closed(studio, score, "scores_are_complete", "every score is finite")
    assert_closed(studio, critic, "scores_are_complete", "every critic is known")
    assert_open(studio, sound, {"embeddings_have_length_one": [length], "scores_are_complete": [score, critic]})


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
