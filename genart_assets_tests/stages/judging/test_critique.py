import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from genart_assets.critics.known import critics_for
from genart_assets.records import schemas
from genart_assets.records.streams import MicroBatch
from genart_assets.stages.judging.critique import critique
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, pictures_of, plan_of

BRIEF = brief_of()
PLAN = plan_of(BRIEF)
PIXELS = pictures_of(PLAN)
IDS = [planned.recipe_id for planned in PLAN]


@pytest.fixture(scope="module")
def look():
    return look_at(PLAN, PIXELS, embed=True)


@pytest.fixture(scope="module")
def critics(look):
    return critics_for(context_of(BRIEF, look))


def micro_batches(rows, order=None):
    order = list(range(len(PLAN))) if order is None else order
    for start in range(0, len(order), rows):
        part = order[start : start + rows]
        yield MicroBatch(tuple(IDS[k] for k in part), PIXELS[part])


def scores_of(stream):
    return pd.concat([micro_batch.data for micro_batch in stream], ignore_index=True)


class Failing:
    """Injects a failure: raises, or gives a wrong answer, for one picture."""

    name, unit, direction, version = "failing", "1", "higher", "1"

    def __init__(self, recipe_id, answer):
        self.recipe_id, self.answer = recipe_id, answer

    def score(self, look):
        scores = np.ones(len(look.planned))
        for k, planned in enumerate(look.planned):
            if planned.recipe_id == self.recipe_id:
                if isinstance(self.answer, Exception):
                    raise self.answer
                scores[k : k + 1] = self.answer
                return np.append(scores, 0) if self.answer == 7 else scores
        return scores


def test_every_image_gets_every_critics_score(look, critics):
    embeddings = dict(zip(IDS, look.embeddings, strict=True))
    stream = list(critique(PLAN, micro_batches(4), embeddings, critics))
    assert [micro_batch.ids for micro_batch in stream] == [tuple(IDS[:4]), tuple(IDS[4:8]), tuple(IDS[8:])]
    frame = scores_of(stream)
    assert list(frame["recipe_id"].unique()) == IDS
    assert len(frame) == len(PLAN) * len(critics)
    assert frame["score"].notna().all()
    assert (frame["reason"] == "").all()
    assert list(frame.columns) == schemas.CRITIC_SCORES.names
    assert pa.Table.from_pandas(frame, schema=schemas.CRITIC_SCORES, preserve_index=False).num_rows == len(frame)


def test_scores_do_not_depend_on_the_micro_batch(look, critics):
    embeddings = dict(zip(IDS, look.embeddings, strict=True))
    base = scores_of(critique(PLAN, micro_batches(4), embeddings, critics))
    other = scores_of(critique(PLAN, micro_batches(5, [7, 3, 0, 8, 1, 5, 2, 6, 4]), embeddings, critics))
    key = ["recipe_id", "critic"]
    pd.testing.assert_frame_equal(
        base.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True), check_exact=True
    )


def test_it_is_lazy(look, critics):
    embeddings = dict(zip(IDS, look.embeddings, strict=True))
    taken = []

    def images():
        for micro_batch in micro_batches(3):
            taken.append(micro_batch.ids)
            yield micro_batch

    stream = critique(PLAN, images(), embeddings, critics)
    assert taken == []
    next(stream)
    assert len(taken) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (RuntimeError("no such colour"), "failing: RuntimeError: no such colour"),
        (np.nan, "failing: the score is nan"),
        (np.inf, "failing: the score is inf"),
        (7, "failing: 1 images were given and scores of shape (2,) came back"),
    ],
)
def test_only_the_failing_image_loses_only_that_critics_score(look, critics, answer, reason):
    embeddings = dict(zip(IDS, look.embeddings, strict=True))
    frame = scores_of(critique(PLAN, micro_batches(4), embeddings, [*critics, Failing(IDS[2], answer)]))
    lost = frame[frame["score"].isna()]
    assert lost[["recipe_id", "critic", "reason"]].to_numpy().tolist() == [[IDS[2], "failing", reason]]
    assert (frame.loc[frame["score"].notna(), "reason"] == "").all()


def test_an_image_without_an_embedding_keeps_its_other_scores(look, critics):
    embeddings = dict(zip(IDS, look.embeddings, strict=True))
    del embeddings[IDS[1]]
    failures = {IDS[1]: "the image embedding is not finite"}
    frame = scores_of(critique(PLAN, micro_batches(4), embeddings, critics, failures))
    lost = frame[frame["score"].isna()]
    assert lost["recipe_id"].unique().tolist() == [IDS[1]]
    assert lost["critic"].tolist() == ["prompt_alignment"]
    assert "the image has no embedding: the image embedding is not finite" in lost["reason"].iloc[0]


def test_without_any_embedding_the_pixel_critics_still_score(critics):
    frame = scores_of(critique(PLAN, micro_batches(4), {}, critics))
    lost = frame[frame["score"].isna()]
    assert lost["critic"].unique().tolist() == ["prompt_alignment"]
    assert lost["reason"].str.contains("the image has no embedding: it was not computed").all()


def test_images_that_were_not_rendered_pass_through(critics):
    nothing = MicroBatch((), np.zeros((0, 0, 0, 3), np.uint8), {IDS[0]: "the latent is not finite"})
    (micro_batch,) = critique(PLAN, [nothing], {}, critics)
    assert micro_batch.failures == {IDS[0]: "the latent is not finite"}
    assert micro_batch.ids == ()
    assert list(micro_batch.data.columns) == schemas.CRITIC_SCORES.names
