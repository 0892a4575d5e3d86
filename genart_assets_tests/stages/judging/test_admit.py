from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from genart_assets.critics.known import critics_for
from genart_assets.records.streams import MicroBatch
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.judging.admit import admit
from genart_assets.stages.judging.critique import critique
from genart_assets.stages.judging.judge import judge
from genart_assets.stages.judging.selected_before import SelectedBefore
from genart_assets.storage.root import Storage
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, pictures_of, plan_of

GUIDE = {"expect": {"catalogue_duplicate": {"max": 0.97}, "sharpness": {"min": 10}}}
PIXELS = pictures_of(plan_of(brief_of()))


class Studio:
    """A batch of one brief, scored and judged by the stages against a storage."""

    def __init__(self, storage, name, guide=GUIDE):
        self.brief = brief_of(brief=name, style_guide=guide)
        self.plan = plan_of(self.brief)
        self.ids = [planned.recipe_id for planned in self.plan]
        self.vectors = look_at(self.plan, PIXELS, embed=True).embeddings
        slots = {planned.recipe_id: planned.slot.index for planned in self.plan}
        self._before = lambda: SelectedBefore(storage, "clip", f"{name}.0123456789.r0.0000", slots)

    def scores(self):
        look = look_at(self.plan, PIXELS, embed=True)
        context = replace(context_of(self.brief, look), nearest_selected=self._before().nearest)
        embeddings = dict(zip(self.ids, self.vectors, strict=True))
        stream = critique(self.plan, [MicroBatch(tuple(self.ids), PIXELS)], embeddings, critics_for(context))
        return pd.concat([micro_batch.data for micro_batch in stream], ignore_index=True)

    def verdicts(self, scores):
        found, _ = admit(
            self.brief,
            scores,
            self.ids,
            self.vectors,
            self._before(),
            lambda now: judge(self.brief, self.plan, now, {}),
        )
        return verdicts_of(found)


@pytest.fixture
def storage(tmp_path):
    return Storage.open(str(tmp_path))


def test_a_second_brief_may_not_repeat_the_first(storage):
    first, second = Studio(storage, "first"), Studio(storage, "second")
    assert all(verdict.passed for verdict in first.verdicts(first.scores()))
    scores = second.scores()
    verdicts = second.verdicts(scores)
    assert not any(verdict.passed for verdict in verdicts)
    assert {unmet.expectation for verdict in verdicts for unmet in verdict.failed} == {"catalogue_duplicate"}
    stored = scores[scores["critic"] == "catalogue_duplicate"]["score"]
    assert [verdict.failed[0].value for verdict in verdicts] == stored.tolist()
    assert stored.to_numpy() == pytest.approx(np.ones(9), abs=1e-6)


def test_the_bound_is_inclusive(storage):
    first = Studio(storage, "first")
    first.verdicts(first.scores())
    scores = Studio(storage, "second").scores()
    most = float(scores.loc[scores["critic"] == "catalogue_duplicate", "score"].max())
    at = Studio(storage, "at", {"expect": {"catalogue_duplicate": {"max": most}}})
    below = Studio(storage, "below", {"expect": {"catalogue_duplicate": {"max": float(np.nextafter(most, 0))}}})
    assert sum(verdict.passed for verdict in below.verdicts(below.scores())) < 9
    assert all(verdict.passed for verdict in at.verdicts(at.scores()))


def test_what_failed_its_gate_is_not_in_the_way(storage):
    rejected = Studio(storage, "first", {"expect": {"sharpness": {"min": 1e9}}})
    assert not any(verdict.passed for verdict in rejected.verdicts(rejected.scores()))
    second = Studio(storage, "second")
    assert all(verdict.passed for verdict in second.verdicts(second.scores()))


def test_of_two_batches_scored_at_the_same_time_one_is_selected(storage):
    first, second = Studio(storage, "first"), Studio(storage, "second")
    scores = first.scores(), second.scores()
    assert all((found["score"] <= 0.97).all() for found in _duplicates(*scores)), "neither saw the other"
    assert all(verdict.passed for verdict in second.verdicts(scores[1]))
    verdicts = first.verdicts(scores[0])
    assert not any(verdict.passed for verdict in verdicts)
    assert verdicts[0].failed[0].value == pytest.approx(1, abs=1e-6)


def test_of_two_batches_judged_at_the_same_time_one_is_selected(storage):
    first, second = Studio(storage, "first"), Studio(storage, "second")
    scores = first.scores(), second.scores()
    rounds = []

    def judged_while_the_other_joins(now):
        rounds.append(judge(first.brief, first.plan, now, {}))
        if len(rounds) == 1:
            assert all(verdict.passed for verdict in second.verdicts(scores[1]))
        return rounds[-1]

    found, _ = admit(first.brief, scores[0], first.ids, first.vectors, first._before(), judged_while_the_other_joins)
    assert [int(frame["passed"].sum()) for frame, _ in rounds] == [9, 0]
    assert not found["passed"].any()


def test_judged_again_a_batch_gets_the_same_verdicts(storage):
    """The process may have died after the batch joined and before its verdicts were stored."""
    first, second = Studio(storage, "first"), Studio(storage, "second")
    scores = first.scores()
    verdicts = first.verdicts(scores)
    second.verdicts(second.scores())
    assert first.verdicts(scores) == verdicts


def test_a_missing_score_stays_missing(storage):
    studio = Studio(storage, "first")
    scores = studio.scores()
    row = (scores["critic"] == "catalogue_duplicate") & (scores["recipe_id"] == studio.ids[2])
    scores.loc[row, ["score", "reason"]] = [np.nan, "out of memory"]
    verdicts = studio.verdicts(scores)
    assert [k for k, verdict in enumerate(verdicts) if not verdict.passed] == [2]
    assert verdicts[2].failed[0].reason == "out of memory"


def _duplicates(*frames):
    return [frame[frame["critic"] == "catalogue_duplicate"] for frame in frames]
