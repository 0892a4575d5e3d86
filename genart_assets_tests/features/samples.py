"""Stored records and decisions, made up."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from genart_assets.records import schemas
from genart_assets.records.base import sha256_hex
from genart_assets.storage.frames import empty_frame

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def record(
    batch: int, slot: int, began: float | None, *, brief: str = "fruit", passed: bool = True, **fields: Any
) -> dict[str, Any]:
    """One line of schemas.PROVENANCE: an image of a round of its own that took 1 s to denoise."""
    recipe_id = sha256_hex(f"{brief} {batch} {slot}")
    score = {"critic": "sharpness", "version": "1", "unit": "variance", "score": batch + slot / 10}
    return {
        "recipe_id": recipe_id,
        "slot_index": slot,
        "values": json.dumps({"style": "classic"}),
        "round": batch,
        "steps": 20,
        "guidance": 5.0,
        "width": 64,
        "height": 64,
        "prompt": "an apple",
        "negative_prompt": "",
        "scheduler": "ddim",
        "model_snapshot": "starter",
        "brief": brief,
        "batch": f"{brief}.0123456789.r{batch}.0000",
        "run_id": None if began is None else f"run {batch}",
        "denoise_seconds": None if began is None else 1.0,
        "began": None if began is None else at(began).isoformat(),
        "scores": json.dumps([score]),
        "passed": passed,
        "failed": json.dumps([] if passed else [{"expectation": "sharpness"}]),
        "selected": passed,
        **fields,
    }


def records_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    arrow = pa.Table.from_pylist(list(rows), schema=schemas.PROVENANCE)
    return arrow.to_pandas(types_mapper={pa.int32(): pd.Int32Dtype()}.get)


def decision(
    image: dict[str, Any], number: int, seconds: float, action: str = "accept", **fields: Any
) -> dict[str, Any]:
    """One line of schemas.HUMAN_FEEDBACK."""
    named = {name: image[name] for name in ("recipe_id", "slot_index", "batch", "brief")}
    return {
        **named,
        "decision": f"{number:032x}",
        "reviewer": "ada",
        "time": at(seconds).isoformat(),
        "action": action,
        "score": None,
        "tags": "[]",
        "settings": None,
        "undoes": None,
        "stands": True,
        **fields,
    }


def undo(image: dict[str, Any], number: int, seconds: float, undoes: int) -> dict[str, Any]:
    return decision(image, number, seconds, "undo", undoes=f"{undoes:032x}")


def feedback_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=schemas.HUMAN_FEEDBACK.names)
    return (
        frame.astype({"slot_index": "int64", "score": "Int32"}) if len(frame) else empty_frame(schemas.HUMAN_FEEDBACK)
    )
