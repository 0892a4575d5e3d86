"""Compares critics with people: how far they agree, which thresholds fit better, and a head that learns from people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.calibration.agreement import Estimate, GateAgreement, Labels, Scores, auc, gate_agreement, roc
from genart_assets.calibration.preference_head import PreferenceHead, fit_head, too_few
from genart_assets.calibration.threshold import best_threshold, suggested_bound, suggestion
from genart_assets.records.base import Record
from genart_assets.records.style_guide import Bound
from genart_assets.stages.reviewing.human_labels import human_labels

if TYPE_CHECKING:
    import pandas as pd


class CriticAgreement(Record):
    """One critic compared with people."""

    critic: str
    direction: str = Field(description="which scores are better: higher, lower or between")
    images: int = Field(description="images with a score and an undisputed decision")
    accepted: int = Field(description="images that people accepted")
    auc: Estimate | None = Field(description="None if the critic has no better side, or one kind of image is missing")
    bound: Bound | None = Field(description="the gate's present bound")
    gate: GateAgreement | None = Field(description="the present bound compared with people; None without a bound")
    threshold: Estimate | None = Field(description="the best threshold, in the critic's unit")
    suggested: Bound | None = Field(description="a bound that fits people better; None if there is none")
    advice: str = Field(description="the suggestion in one line")


class CalibrationReport(Record):
    """How the critics of one family of briefs compare with people."""

    family: str
    images: int = Field(description="images with an undisputed decision")
    accepted: int
    disputed: int = Field(description="images that as many reviewers accept as reject; left out")
    reviewers: int
    wanted_precision: float | None = Field(description="None if thresholds maximise Youden's J")
    critics: tuple[CriticAgreement, ...] = Field(description="bounded ones first, then by name")
    head_auc: Estimate | None = Field(description="AUC of the preference head, cross-validated")
    no_head: str = Field(description="why there is no preference head; empty if there is one")


@dataclass(frozen=True)
class Calibration:
    """A calibration report with the head and the curves behind it."""

    report: CalibrationReport
    head: PreferenceHead | None
    curves: dict[str, tuple[Scores, Scores]]
    """The ROC curve of each critic, as `roc` returns it."""


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
    """Compare critics and people on the images of one family of briefs.

    ``feedback`` has one row per review, oldest first: ``recipe_id``, ``reviewer``, ``outcome`` (accept, reject, redo;
    redo counts as reject). ``scores`` has one row per image and critic: ``recipe_id``, ``critic``, ``score``,
    ``direction``. ``vectors`` ``[n, d]`` are the embeddings of ``ids``, by ``clip_snapshot``. ``bounds`` are the gate's
    bounds by critic. Unreviewed images are ignored: if people see only passed images, recall refers to those alone.
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
    new = None if best is None else suggested_bound(best.value, direction, bound)
    advice = _no_advice(critic, direction, accepted, area, best, wanted_precision)
    if not advice:
        better = new is not None and _is_better(values, accepted, gate, new, wanted_precision)
        suggested = new if better else None
        stays = f"{critic}: its bound fits as well as any" if bound else f"{critic}: no bound would help"
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
    """Why nothing can be suggested; empty if something can."""
    if direction not in ("higher", "lower"):
        return f"{critic}: neither higher nor lower scores are better, so no threshold is fitted"
    if area is None:
        return f"{critic}: people {'accepted' if accepted.all() else 'rejected'} all {len(accepted)} images"
    if area.high < 0.5:
        return f"{critic}: people prefer the images that it scores worse: AUC {area}"
    if area.low <= 0.5:
        return f"{critic}: it does not separate accepted from rejected images: AUC {area}"
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
