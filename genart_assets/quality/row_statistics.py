"""Makes the tables for the structural suites: one row for every expected row, with its state and its numbers.

``state`` is one of

- ``computed``: the row is stored and could be read;
- ``failed``: the row failed and has a reason (``reason``);
- ``unexplained``: the row failed without a reason;
- ``unreadable``: the row is stored and cannot be read (``reason``);
- ``missing``: the row is neither stored nor failed;
- ``unplanned``: the row is stored but was not planned.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from genart_assets.records.base import sha256_hex
from genart_assets.records.plan import PlannedImage
from genart_assets.records.streams import MicroBatch

if TYPE_CHECKING:
    import pandas as pd
    import torch

Line = dict[str, Any]


def plan_rows(plan: pd.DataFrame) -> pd.DataFrame:
    """The plan (schemas.PLAN) with ``recipe_hash``, the SHA-256 of each recipe's stored text."""
    return plan.assign(recipe_hash=[sha256_hex(str(text)) for text in plan["recipe"]])


def tensor_rows(
    plan_ids: Sequence[str], failures: Mapping[str, str], stored: Iterable[MicroBatch[Mapping[str, torch.Tensor]]]
) -> pd.DataFrame:
    """The ``non_finite`` count, ``abs_max`` and ``norm`` (L2) over all tensors of each row, in float32.

    ``failures`` are those that the store knows; a row that fails only when it is read is unreadable.
    """
    return _table(plan_ids, failures, stored, _tensor_numbers, numbers=("non_finite", "abs_max", "norm"))


def image_rows(
    plan: Sequence[PlannedImage], failures: Mapping[str, str], stored: Iterable[MicroBatch[npt.NDArray[np.uint8]]]
) -> pd.DataFrame:
    """The decoded ``width`` and ``height`` of each row, with ``planned_width`` and ``planned_height``, in px."""
    recipes = {planned.recipe_id: planned.recipe for planned in plan}
    table = _table(list(recipes), failures, stored, _picture_numbers, numbers=("width", "height"))
    for side in ("width", "height"):
        planned = [getattr(recipes[row], side) if row in recipes else math.nan for row in table["recipe_id"]]
        table[f"planned_{side}"] = np.array(planned, dtype=np.float64)
    return table


def score_rows(
    plan_ids: Sequence[str], critics: Collection[str], failures: Mapping[str, str], scores: pd.DataFrame
) -> pd.DataFrame:
    """One row for each planned row and critic, from the scores (schemas.CRITIC_SCORES).

    A null score with a reason is ``failed``. ``non_finite`` is 1 for an infinite score. The second copy of a repeated
    score is ``unplanned``.
    """
    import pandas as pd

    lines: list[Line] = []
    planned_ids = set(plan_ids)
    there: set[tuple[str, str]] = set()
    for row in scores.to_dict("records"):
        pair = (str(row["recipe_id"]), str(row["critic"]))
        planned = pair[0] in planned_ids and pair[1] in critics and pair not in there
        there.add(pair)
        state, reason = _state_of_score(row) if planned else ("unplanned", "")
        infinite = float(np.isinf(row["score"])) if pd.notna(row["score"]) else math.nan
        lines.append(_line(pair[0], state, reason) | {"critic": pair[1], "non_finite": infinite})
    for recipe_id in plan_ids:
        for critic in sorted(critics):
            if (recipe_id, critic) not in there:
                line = _line_without_data(recipe_id, failures)
                lines.append(line | {"critic": critic, "non_finite": math.nan})
    frame = pd.DataFrame(lines, columns=["recipe_id", "state", "reason", "critic", "non_finite"])
    return frame.astype({"non_finite": "float64"})


def _table(
    plan_ids: Sequence[str],
    failures: Mapping[str, str],
    stored: Iterable[MicroBatch[Any]],
    measure: Any,
    numbers: tuple[str, ...],
) -> pd.DataFrame:
    """All planned rows in plan order, then the unplanned rows."""
    import pandas as pd

    planned = set(plan_ids)
    lines: dict[str, list[Line]] = {}
    for micro_batch in stored:
        for recipe_id, measured in zip(micro_batch.ids, measure(micro_batch.data), strict=True):
            state = "computed" if recipe_id in planned else "unplanned"
            lines.setdefault(recipe_id, []).append(_line(recipe_id, state) | measured)
        for recipe_id, reason in micro_batch.failures.items():
            if recipe_id not in failures:
                lines.setdefault(recipe_id, []).append(_line(recipe_id, "unreadable", reason))
    ordered = [line for row in plan_ids for line in lines.pop(row, [_line_without_data(row, failures)])]
    ordered += [line for left in lines.values() for line in left]
    frame = pd.DataFrame(ordered, columns=["recipe_id", "state", "reason", *numbers])
    return frame.astype(dict.fromkeys(numbers, "float64"))


def _line(recipe_id: str, state: str, reason: str = "") -> Line:
    return {"recipe_id": recipe_id, "state": state, "reason": reason}


def _line_without_data(recipe_id: str, failures: Mapping[str, str]) -> Line:
    if recipe_id not in failures:
        return _line(recipe_id, "missing")
    reason = failures[recipe_id]
    return _line(recipe_id, "failed" if reason.strip() else "unexplained", reason)


def _state_of_score(row: Mapping[Any, Any]) -> tuple[str, str]:
    import pandas as pd

    if pd.notna(row["score"]):
        return "computed", ""
    reason = "" if pd.isna(row["reason"]) else str(row["reason"]).strip()
    return ("failed" if reason else "unexplained"), reason


def _tensor_numbers(tensors: Mapping[str, torch.Tensor]) -> Iterator[dict[str, float]]:
    import torch

    if not tensors:
        return
    flat = torch.cat([tensor.flatten(1).to(torch.float32) for tensor in tensors.values()], dim=1)
    non_finite = (~torch.isfinite(flat)).sum(dim=1).tolist()
    abs_max = flat.abs().amax(dim=1).tolist()
    norm = torch.linalg.vector_norm(flat, dim=1).tolist()
    for row in zip(non_finite, abs_max, norm, strict=True):
        yield dict(zip(("non_finite", "abs_max", "norm"), map(float, row), strict=True))


def _picture_numbers(pictures: npt.NDArray[np.uint8]) -> Iterator[dict[str, float]]:
    for picture in pictures:
        yield {"width": float(picture.shape[1]), "height": float(picture.shape[0])}
