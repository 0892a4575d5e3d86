"""Every structural gate, passing on real rows and stopping each fault it is there for."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from genart_assets.models.clip import load_clip
from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.row_statistics import image_rows, plan_rows, score_rows, tensor_rows
from genart_assets.quality.suites import (
    critic_scores_suite,
    image_embeddings_suite,
    images_suite,
    latents_suite,
    plan_suite,
)
from genart_assets.records import schemas
from genart_assets.records.base import sha256_hex
from genart_assets.records.streams import MicroBatch
from genart_assets_tests.critics.drawn import brief_of, pictures_of, plan_of

PLAN = plan_of(brief_of())
IDS = tuple(planned.recipe_id for planned in PLAN)
NO_FAILURES: dict[str, str] = {}


def unmet(result):
    return {outcome.expectation.meaning: outcome for outcome in result.unmet}


def the_only(result):
    (outcome,) = result.unmet
    assert outcome.exception is None
    return outcome


# --- the plan --------------------------------------------------------------------------------------------------------


def plan_frame():
    rows = [
        {
            "recipe_id": planned.recipe_id,
            "slot_index": planned.slot.index,
            "values": json.dumps(planned.slot.values),
            "repeat": planned.slot.repeat,
            "round": planned.round,
            "prompt": planned.recipe.prompt,
            "negative_prompt": planned.recipe.negative_prompt,
            "seed": planned.recipe.seed,
            "scheduler": planned.recipe.schedule.scheduler,
            "steps": planned.recipe.steps,
            "guidance": planned.recipe.guidance,
            "width": planned.recipe.width,
            "height": planned.recipe.height,
            "model_snapshot": planned.recipe.model_snapshot,
            "recipe": planned.recipe.canonical(),
        }
        for planned in PLAN
    ]
    return pd.DataFrame(rows, columns=schemas.PLAN.names)


def gate_of_plan(frame):
    return evaluate(plan_rows(frame), plan_suite(len(PLAN)))


def test_a_real_plan_passes():
    assert gate_of_plan(plan_frame()).success


def test_a_lost_row_stops_the_plan():
    assert the_only(gate_of_plan(plan_frame().iloc[1:])).observed == len(PLAN) - 1


def test_a_recipe_planned_twice_stops_the_plan():
    frame = plan_frame()
    frame.iloc[1] = frame.iloc[0]
    stopped = unmet(gate_of_plan(frame))
    assert stopped["every recipe is planned once"].failed_ids == (IDS[0], IDS[0])
    assert set(stopped) == {"every recipe is planned once", "every slot is planned once"}


@pytest.mark.parametrize(
    ("column", "value", "meaning"),
    [
        ("recipe", "{}", "recipe_id is the hash of the recipe"),
        ("steps", 0, "at least one denoising step"),
        ("guidance", 0.5, "guidance is 1 or more"),
        ("width", 0, "at least 8 px wide"),
        ("height", 4, "at least 8 px high"),
        ("round", -1, "rounds count from 0"),
        ("prompt", None, "every row has a prompt"),
    ],
)
def test_a_value_out_of_range_stops_the_plan(column, value, meaning):
    frame = plan_frame()
    frame.loc[2, column] = value
    outcome = the_only(gate_of_plan(frame))
    assert outcome.expectation.meaning == meaning
    assert outcome.failed_ids == (IDS[2],)


def test_another_column_stops_the_plan():
    stopped = the_only(gate_of_plan(plan_frame().rename(columns={"repeat": "again"})))
    assert stopped.expectation.meaning == "the plan has the declared columns"


# --- latents ---------------------------------------------------------------------------------------------------------


def gate_of_latents(latents, ids=IDS, failures=NO_FAILURES, unreadable=NO_FAILURES):
    stored = [
        MicroBatch(ids[:4], {"latents": latents[:4]}),
        MicroBatch(ids[4:], {"latents": latents[4:]}, {**failures, **unreadable}),
        MicroBatch((), {}, {}),
    ]
    return evaluate(tensor_rows(IDS, failures, stored), latents_suite(len(IDS)))


def noise(rows=9):
    return torch.randn(rows, 4, 8, 8, generator=torch.Generator().manual_seed(0)).half()


def test_finite_latents_pass_and_so_does_a_row_that_failed_with_a_reason():
    assert gate_of_latents(noise()).success
    assert gate_of_latents(noise(8), IDS[:8], {IDS[8]: "the latent is not finite"}).success


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        (float("nan"), {"every latent is finite"}),
        (float("inf"), {"every latent is finite", "no latent exceeds 10000"}),
        (20000.0, {"no latent exceeds 10000"}),
    ],
)
def test_a_latent_that_is_not_finite_or_exploded_stops_the_batch(value, meaning):
    latents = noise()
    latents[3, 0, 0, 0] = value
    stopped = unmet(gate_of_latents(latents))
    assert set(stopped) == meaning
    assert {outcome.failed_ids for outcome in stopped.values()} == {(IDS[3],)}


def test_an_all_zero_latent_stops_the_batch():
    latents = noise()
    latents[5] = 0
    assert the_only(gate_of_latents(latents)).failed_ids == (IDS[5],)


@pytest.mark.parametrize(
    ("rows", "failures", "unreadable", "state"),
    [
        (8, {}, {}, "missing"),
        (8, {IDS[8]: " "}, {}, "unexplained"),
        (8, {}, {IDS[8]: "the shard is damaged"}, "unreadable"),
    ],
)
def test_a_row_without_latent_and_reason_stops_the_batch(rows, failures, unreadable, state):
    outcome = the_only(gate_of_latents(noise(rows), IDS[:rows], failures, unreadable))
    assert [(row.id, row.value) for row in outcome.failed] == [(IDS[8], state)]


def test_a_row_that_nobody_planned_stops_the_batch():
    stopped = unmet(gate_of_latents(noise(10), (*IDS, sha256_hex("another"))))
    assert stopped["every row is computed and readable, or has a reason"].failed[0].value == "unplanned"
    assert stopped["9 rows are computed or failed, as planned"].observed == 10


def test_a_row_stored_twice_stops_the_batch():
    stopped = unmet(gate_of_latents(noise(10), (*IDS, IDS[0])))
    assert stopped["no row is there twice"].failed_ids == (IDS[0], IDS[0])


# --- images ----------------------------------------------------------------------------------------------------------


def gate_of_images(pictures, failures=NO_FAILURES, unreadable=NO_FAILURES):
    ids = [row for row in IDS if row not in failures and row not in unreadable]
    stored = [MicroBatch((row,), picture[np.newaxis]) for row, picture in zip(ids, pictures, strict=True)]
    stored.append(MicroBatch((), np.zeros((0, 0, 0, 3), np.uint8), unreadable))
    return evaluate(image_rows(PLAN, failures, stored), images_suite(len(PLAN)))


def test_decoded_images_of_the_planned_size_pass():
    assert gate_of_images(pictures_of(PLAN)).success
    assert gate_of_images(pictures_of(PLAN)[1:], {IDS[0]: "the latent is not finite"}).success


def test_an_image_of_another_size_stops_the_batch():
    pictures = list(pictures_of(PLAN))
    pictures[6] = pictures[6][:, :32]
    outcome = the_only(gate_of_images(pictures))
    assert [(row.id, row.value) for row in outcome.failed] == [(IDS[6], {"width": 32.0, "planned_width": 64.0})]
    pictures[6] = pictures_of(PLAN)[6][:32]
    assert the_only(gate_of_images(pictures)).expectation.meaning == "every image has its planned height"


def test_an_image_that_cannot_be_decoded_stops_the_batch():
    outcome = the_only(gate_of_images(pictures_of(PLAN)[1:], unreadable={IDS[0]: "truncated PNG"}))
    assert [(row.id, row.value) for row in outcome.failed] == [(IDS[0], "unreadable")]


# --- image embeddings ------------------------------------------------------------------------------------------------


def gate_of_embeddings(vectors):
    stored = [MicroBatch(IDS, {"embedding": vectors})]
    return evaluate(tensor_rows(IDS, {}, stored), image_embeddings_suite(len(IDS)))


def test_real_clip_embeddings_pass_and_damaged_ones_stop_the_batch():
    vectors = torch.from_numpy(load_clip().embed_images(pictures_of(PLAN)))
    assert gate_of_embeddings(vectors).success
    longer = vectors.clone()
    longer[2] *= 1.01
    assert the_only(gate_of_embeddings(longer)).failed_ids == (IDS[2],)
    broken = vectors.clone()
    broken[4, 7] = float("nan")
    assert the_only(gate_of_embeddings(broken)).failed_ids == (IDS[4],)


# --- critic scores ---------------------------------------------------------------------------------------------------

CRITICS = ("exposure", "sharpness")


def score_frame():
    return pd.DataFrame(
        [{"recipe_id": row, "critic": critic, "score": 1.5, "reason": ""} for row in IDS for critic in CRITICS]
    )


def gate_of_scores(frame, failures=NO_FAILURES):
    return evaluate(score_rows(IDS, CRITICS, failures, frame), critic_scores_suite(len(IDS), CRITICS))


def test_scores_pass_and_so_do_explained_gaps():
    assert gate_of_scores(score_frame()).success
    explained = score_frame()
    explained.loc[3, ["score", "reason"]] = [np.nan, "sharpness: the score is nan"]
    assert gate_of_scores(explained).success
    assert gate_of_scores(score_frame().iloc[2:], {IDS[0]: "not rendered"}).success


@pytest.mark.parametrize(
    ("score", "meaning"),
    [(np.nan, "every score is there, or has a reason"), (np.inf, "every score is finite")],
)
def test_a_score_without_number_and_reason_stops_the_batch(score, meaning):
    frame = score_frame()
    frame.loc[3, "score"] = score
    outcome = the_only(gate_of_scores(frame))
    assert outcome.expectation.meaning == meaning
    assert outcome.failed_ids == (IDS[1],)


def test_a_missing_score_stops_the_batch():
    assert the_only(gate_of_scores(score_frame().drop(index=5))).failed[0].value == "missing"


def test_a_score_that_is_there_twice_stops_the_batch():
    frame = pd.concat([score_frame(), score_frame().iloc[:1]])
    assert len(unmet(gate_of_scores(frame))) == 2


def test_a_batch_of_which_nothing_was_rendered_has_no_scores():
    assert gate_of_scores(score_frame().iloc[:0], dict.fromkeys(IDS, "no model")).success
    nothing_to_ask = evaluate(score_rows(IDS, [], {}, score_frame().iloc[:0]), critic_scores_suite(len(IDS), []))
    assert nothing_to_ask.success


def test_an_unknown_critic_stops_the_batch():
    frame = score_frame()
    frame.loc[0, "critic"] = "taste"
    stopped = unmet(gate_of_scores(frame))
    assert [row.value for row in stopped["every critic is known"].failed] == ["taste"]
