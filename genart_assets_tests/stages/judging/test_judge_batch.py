"""A batch whose yield or scores fall is held, with the figure and the bound."""

import numpy as np
import pandas as pd
import pytest

from genart_assets.records.brief import Brief
from genart_assets.stages.judging.judge_batch import FEWEST, held_for, judge_batch


def brief_of(**batch: float) -> Brief:
    guide = {"expect": {"prompt_alignment": {"min": 0.5}, "noise_like": {"max": 9}, "exposure": {"min": 1, "max": 90}}}
    return Brief.model_validate(
        {"brief": "market", "prompt": "a pear", "repeats": 100, "style_guide": {**guide, "batch": batch}}
    )


def verdicts(passed: int, of: int = 100) -> pd.DataFrame:
    return pd.DataFrame({"recipe_id": [f"r{k}" for k in range(of)], "passed": [k < passed for k in range(of)]})


def scores(centre: float, critic: str = "prompt_alignment", direction: str = "higher", rows: int = 100) -> pd.DataFrame:
    values = np.random.default_rng(7).normal(centre, 0.1, rows)
    return pd.DataFrame(
        {"recipe_id": [f"r{k}" for k in range(rows)], "critic": critic, "direction": direction, "score": values}
    )


NOTHING = scores(0, rows=0)


def test_a_brief_that_bounds_nothing_holds_nothing() -> None:
    gate = judge_batch(brief_of(), verdicts(0), scores(0.1), scores(0.9))
    assert gate.success
    assert held_for(gate) is None


@pytest.mark.parametrize(("passed", "held"), [(20, None), (19, "yield ≥ 0.2: 0.19")])
def test_the_yield_has_a_floor(passed: int, held: str | None) -> None:
    assert held_for(judge_batch(brief_of(min_yield=0.2), verdicts(passed), NOTHING, NOTHING)) == held


@pytest.mark.parametrize(
    ("critic", "direction", "now", "drifted"),
    [
        ("prompt_alignment", "higher", 0.3, True),
        ("prompt_alignment", "higher", 0.7, False),
        ("prompt_alignment", "higher", 0.5, False),
        ("noise_like", "lower", 0.7, True),
        ("noise_like", "lower", 0.3, False),
        ("exposure", "between", 0.3, True),
        ("exposure", "between", 0.7, True),
        ("of_no_interest", "higher", 0.1, False),
    ],
)
def test_scores_that_got_worse_than_those_before_are_a_drift(
    critic: str, direction: str, now: float, drifted: bool
) -> None:
    gate = judge_batch(
        brief_of(max_drift=0.4), verdicts(50), scores(now, critic, direction), scores(0.5, critic, direction)
    )
    told = held_for(gate)
    assert (told or "").startswith(f"drift of {critic} ≤ 0.4: 0." if drifted else "")
    assert bool(told) == drifted


def test_a_handful_of_scores_tells_no_drift() -> None:
    few = scores(0.1, rows=FEWEST - 1)
    assert held_for(judge_batch(brief_of(max_drift=0.4), verdicts(1), few, scores(0.9))) is None
    assert held_for(judge_batch(brief_of(max_drift=0.4), verdicts(1), scores(0.1), few.assign(score=0.9))) is None
