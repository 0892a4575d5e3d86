"""The gate: Great Expectations evaluates the style guide, and every image gets its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from pydantic import JsonValue

from genart_assets.critics.known import CRITICS
from genart_assets.errors import GenartError
from genart_assets.quality.bounds import bounds_of
from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.gate_result import ExpectationOutcome, GateResult
from genart_assets.quality.style_suite import style_suite
from genart_assets.records.base import canonical_json
from genart_assets.records.brief import Brief
from genart_assets.records.plan import PlannedImage
from genart_assets.records.verdict import FAILED_EXPECTATIONS, FailedExpectation, Verdict

if TYPE_CHECKING:
    import pandas as pd


def judge(
    brief: Brief, plan: Sequence[PlannedImage], scores: pd.DataFrame, failures: Mapping[str, str]
) -> tuple[pd.DataFrame, GateResult]:
    """Verdicts (schemas.VERDICTS) in plan order, and the evaluated style guide.

    ``scores`` is schemas.CRITIC_SCORES; ``failures`` are the images that were not rendered, with the reason. A failed
    verdict names each unmet expectation with value and bound, or why there is no value. Without a style guide every
    rendered image passes. Whether the batch is held is told by `judge_batch`.
    """
    ids = [planned.recipe_id for planned in plan]
    rendered = [recipe_id for recipe_id in ids if recipe_id not in failures]
    _require_scores_once(rendered, scores)
    gate = evaluate(_one_column_a_critic(brief, rendered, scores), style_suite(brief, CRITICS.names()))
    unmet = _unmet_by_image(brief, gate, scores)
    verdicts = [_verdict(recipe_id, failures, unmet) for recipe_id in ids]
    return _frame_of(verdicts), gate


def _require_scores_once(rendered: Sequence[str], scores: pd.DataFrame) -> None:
    unscored = set(rendered) - set(scores["recipe_id"])
    if unscored:
        raise GenartError(
            f"{len(unscored)} images have neither scores nor a reason, for example {min(unscored)}",
            remedy="materialise critic_scores of this batch again",
        )
    repeated = scores[scores.duplicated(["recipe_id", "critic"])]
    if len(repeated):
        first = repeated.iloc[0]
        raise GenartError(f"critic {first['critic']} scored image {first['recipe_id']} more than once")


def _one_column_a_critic(brief: Brief, rendered: Sequence[str], scores: pd.DataFrame) -> pd.DataFrame:
    """``recipe_id`` and one float64 column for each bounded critic, one line for each rendered image."""
    wide = scores.pivot(index="recipe_id", columns="critic", values="score")
    wide = wide.reindex(index=list(rendered), columns=list(bounds_of(brief))).astype("float64")
    wide = wide.where(np.isfinite(wide))
    wide.insert(0, "recipe_id", list(rendered))
    return wide


def _unmet_by_image(brief: Brief, gate: GateResult, scores: pd.DataFrame) -> dict[str, list[FailedExpectation]]:
    bounds = bounds_of(brief)
    reasons: dict[tuple[str, str], str] = {
        (str(row), str(critic)): str(reason)
        for row, critic, reason in zip(scores["recipe_id"], scores["critic"], scores["reason"], strict=True)
    }
    unmet: dict[str, list[FailedExpectation]] = {}
    for outcome in gate.outcomes:
        critic = _critic_of(outcome)
        for row in outcome.failed:
            value = _number(row.value)
            reason = "" if value is not None else reasons.get((row.id, critic)) or f"{critic} gave no score"
            bound = bounds[critic]
            failed = FailedExpectation(expectation=critic, value=value, min=bound.min, max=bound.max, reason=reason)
            unmet.setdefault(row.id, []).append(failed)
    return unmet


def _critic_of(outcome: ExpectationOutcome) -> str:
    if outcome.exception is not None:
        raise GenartError(
            f"Great Expectations could not evaluate {outcome.expectation.meaning!r}: {outcome.exception}",
            remedy="without this expectation no verdict can be given; report the message",
        )
    return str(outcome.expectation.kwargs["column"])


def _number(value: JsonValue) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _verdict(recipe_id: str, failures: Mapping[str, str], unmet: Mapping[str, list[FailedExpectation]]) -> Verdict:
    if recipe_id in failures:
        not_rendered = FailedExpectation(expectation="rendered", value=None, reason=failures[recipe_id])
        return Verdict(recipe_id=recipe_id, passed=False, failed=(not_rendered,))
    failed = tuple(unmet.get(recipe_id, ()))
    return Verdict(recipe_id=recipe_id, passed=not failed, failed=failed)


def _frame_of(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "recipe_id": [verdict.recipe_id for verdict in verdicts],
            "passed": np.array([verdict.passed for verdict in verdicts], dtype=bool),
            "failed": [
                canonical_json(FAILED_EXPECTATIONS.dump_python(verdict.failed, mode="json")) for verdict in verdicts
            ],
            "held": pd.array([None] * len(verdicts), dtype="str"),
        }
    )
