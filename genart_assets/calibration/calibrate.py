"""Critics against people: how far they agree, which thresholds would serve better, and a head that people taught."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.calibration.agreement import Estimate, GateAgreement, Labels, Scores, auc, gate_agreement, roc
from genart_assets.calibration.preference_head import PreferenceHead, fit_head, too_few
from genart_assets.calibration.threshold import best_threshold, suggestion, told_bound
from genart_assets.records.base import Record
from genart_assets.records.style_guide import Bound
from genart_assets.stages.reviewing.human_labels import human_labels

if TYPE_CHECKING:
    import pandas as pd


class CriticAgreement(Record):
    """One critic against people."""

    critic: str
    direction: str = Field(description="which scores are better: higher, lower or between")
    images: int = Field(description="images with a score and with one word from people")
    accepted: int = Field(description="those that people accepted")
    auc: Estimate | None = Field(description="None for a critic without a better side, or where one kind is missing")
    bound: Bound | None = Field(description="the gate's bound now")
    gate: GateAgreement | None = Field(description="that bound against people; None without one")
    threshold: Estimate | None = Field(description="the best threshold, in the critic's unit")
    suggested: Bound | None = Field(description="the bound that would serve better; None where none would")
    advice: str = Field(description="the same in one line for people")


class CalibrationReport(Record):
    """What people taught about the gate of one family of briefs."""

    family: str
    images: int = Field(description="images of which people say one thing")
    accepted: int
    disputed: int = Field(description="images of which as many reviewers accept as reject; left out")
    reviewers: int
    wanted_precision: float | None = Field(description="None where thresholds maximise Youden's J")
    critics: tuple[CriticAgreement, ...] = Field(description="bounded ones first, then by name")
    head_auc: Estimate | None = Field(description="of the preference head, cross-validated")
    no_head: str = Field(description="why there is no preference head; empty where there is one")


@dataclass(frozen=True)
class Calibration:
    report: CalibrationReport
    head: PreferenceHead | None
    curves: dict[str, tuple[Scores, Scores]]
    """Critic to its ROC curve, as `roc`."""


def calibrate(
    family: str,
    feedback: pd.DataFrame,
    scores: pd.DataFrame,
    ids: Sequence[str],
    vectors: npt.NDArray[np.float32],
    bounds: Mapping[str, Bound],
    clip_snapshot: str,
    wanted_precision: float | None = None,
) -> Calibration:
    """Compare what critics and people say of the images of one family of briefs.

    ``feedback`` has a row a review, oldest first: ``recipe_id``, ``reviewer``, ``outcome`` (accept, reject, redo; redo
    rejects). ``scores`` has a row an image and critic: ``recipe_id``, ``critic``, ``score``, ``direction``. ``vectors``
    ``[n, d]`` are the embeddings of ``ids``, by ``clip_snapshot``. ``bounds`` are the gate's, by critic. Images that
    nobody saw say nothing: where people see only what passed, a recall is among what passed.
    """
    labels = human_labels(feedback)
    seen = scores[scores["recipe_id"].isin(list(labels.accepted)) & np.isfinite(scores["score"].astype("float64"))]
    parts = {str(critic): part for critic, part in seen.groupby("critic", sort=True)}
    critics: list[CriticAgreement] = []
    curves: dict[str, tuple[Scores, Scores]] = {}
    for critic in [*(name for name in bounds if name in parts), *(name for name in parts if name not in bounds)]:
        part = parts[critic]
        values = part["score"].to_numpy(dtype=np.float64)
        accepted = np.array([labels.accepted[str(id)] for id in part["recipe_id"]], dtype=bool)
        found = _agreement(
            critic, str(part["direction"].iloc[0]), values, accepted, bounds.get(critic), wanted_precision
        )
        critics.append(found)
        if found.auc is not None:
            curves[critic] = roc(-values if found.direction == "lower" else values, accepted)
    rows = [k for k, recipe_id in enumerate(ids) if recipe_id in labels.accepted]
    taught = np.array([labels.accepted[ids[k]] for k in rows], dtype=bool)
    no_head = too_few(taught)
    head = None if no_head else fit_head(vectors[rows], taught, clip_snapshot)
    report = CalibrationReport(
        family=family,
        images=len(labels.accepted),
        accepted=sum(labels.accepted.values()),
        disputed=len(labels.disputed),
        reviewers=labels.reviewers,
        wanted_precision=wanted_precision,
        critics=tuple(critics),
        head_auc=head and head.agreement,
        no_head=no_head,
    )
    return Calibration(report, head, curves)


def _agreement(
    critic: str, direction: str, values: Scores, accepted: Labels, bound: Bound | None, wanted_precision: float | None
) -> CriticAgreement:
    sign = -1.0 if direction == "lower" else 1.0
    sided = direction in ("higher", "lower")
    area = auc(sign * values, accepted) if sided else None
    best = best_threshold(sign * values, accepted, wanted_precision) if sided else None
    if best is not None and direction == "lower":
        best = Estimate(value=-best.value, low=-best.high, high=-best.low)
    gate = None if bound is None else gate_agreement(values, accepted, bound)
    new = None if best is None else told_bound(best.value, direction, bound)
    advice = _no_advice(critic, direction, accepted, area, best, wanted_precision)
    if not advice:
        better = new is not None and _is_better(values, accepted, gate, new, wanted_precision)
        suggested = new if better else None
        stays = f"{critic}: its bound serves as well as any" if bound else f"{critic}: no bound would serve"
        advice = stays if suggested is None else suggestion(critic, values, accepted, bound, suggested)
    else:
        suggested = None
    return CriticAgreement(
        critic=critic,
        direction=direction,
        images=len(values),
        accepted=int(accepted.sum()),
        auc=area,
        bound=bound,
        gate=gate,
        threshold=best,
        suggested=suggested,
        advice=advice,
    )


def _no_advice(
    critic: str,
    direction: str,
    accepted: Labels,
    area: Estimate | None,
    best: Estimate | None,
    wanted_precision: float | None,
) -> str:
    """Why nothing can be suggested; empty where something can."""
    if direction not in ("higher", "lower"):
        return f"{critic}: neither end is better by itself, so no threshold is fitted"
    if area is None:
        return f"{critic}: people {'accepted' if accepted.all() else 'rejected'} all {len(accepted)} images"
    if area.high < 0.5:
        return f"{critic}: people accept what it scores worse: AUC {area}"
    if area.low <= 0.5:
        return f"{critic}: it does not tell accepted from rejected images: AUC {area}"
    if best is None:
        return f"{critic}: no threshold reaches a precision of {wanted_precision:g}"
    return ""


def _is_better(
    values: Scores, accepted: Labels, now: GateAgreement | None, new: Bound, wanted_precision: float | None
) -> bool:
    after = gate_agreement(values, accepted, new)
    if wanted_precision is None:
        return after.youden > (0.0 if now is None else now.youden)
    share, share_now = after.precision, None if now is None else now.precision
    if share is None or share_now is None:
        return share is not None
    reached = share_now.value >= wanted_precision
    return not reached or (now is not None and after.accepted_passing > now.accepted_passing)
