"""From a brief to slots, recipes and batches. All of it follows from the brief and the model snapshot alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

from pydantic import JsonValue

from genart_assets.errors import InputError
from genart_assets.records import (
    Batch,
    Brief,
    ControlUse,
    PlannedImage,
    Recipe,
    Schedule,
    Slot,
    canonical_json,
    sha256_hex,
)
from genart_assets.stages.plan_table import frame_of, plan_of
from genart_assets.stages.templates import fill

__all__ = ["batch_at", "batches_of", "frame_of", "plan_batch", "plan_of", "seed_of", "slot_at", "slots"]

PLAN_VERSION = 1
"""Goes up when the same brief would be planned into other recipes: then its batches have other keys."""


def slot_at(brief: Brief, index: int) -> Slot:
    """The slot at a position. Slots run through the combinations of vary as written, the last key fastest of these,
    and through the repeats of one combination fastest of all.

    Raises:
        IndexError: a position outside the brief's slots.
    """
    if not 0 <= index < brief.slot_count:
        raise IndexError(f"slot {index} of a brief of {brief.slot_count}")
    rest, repeat = divmod(index, brief.repeats)
    chosen: list[tuple[str, str]] = []
    for name, options in reversed(brief.vary.items()):
        rest, position = divmod(rest, len(options))
        chosen.append((name, options[position]))
    return Slot(brief=brief.brief, index=index, values=dict(reversed(chosen)), repeat=repeat)


def slots(brief: Brief) -> Iterator[Slot]:
    """All slots of a brief, in order, one at a time."""
    return (slot_at(brief, index) for index in range(brief.slot_count))


def seed_of(brief_id: str, slot: Slot, round_: int) -> int:
    """The seed of a slot's noise in a round, 0 to 2**64 - 1.

    The first 8 bytes, big-endian, of the SHA-256 of the canonical JSON of ``["genart-seed-v1", brief id, the slot's
    values, repeat, round]``. A slot's position is not in it: one subject more leaves the other slots' seeds alone.
    """
    values: dict[str, JsonValue] = {**slot.values}
    text = canonical_json(["genart-seed-v1", brief_id, values, slot.repeat, round_])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def recipe_of(brief: Brief, slot: Slot, round_: int, schedule: Schedule, model_snapshot: str) -> Recipe:
    """What the brief as written says of one slot; ``schedule`` is what its sampler means for its model."""
    return Recipe(
        prompt=fill(brief.prompt, slot.values),
        negative_prompt=brief.negative_prompt,
        seed=seed_of(brief.brief, slot, round_),
        schedule=schedule,
        steps=brief.sampler.steps,
        guidance=brief.sampler.guidance,
        width=brief.size[0],
        height=brief.size[1],
        loras=brief.loras,
        control=_control_of(brief, slot),
        model_snapshot=model_snapshot,
    )


def _control_of(brief: Brief, slot: Slot) -> ControlUse | None:
    control = brief.control
    return control and control.model_copy(update={"image": fill(control.image, slot.values)})


def batches_of(brief: Brief, snapshot_id: str, batch_rows: int) -> Iterator[Batch]:
    """The batches of a brief's first round, in the order of its slots; the last may have fewer rows.

    Raises:
        InputError: ``batch_rows`` below 1.
    """
    digest = plan_digest(brief.brief_hash, snapshot_id, batch_rows)
    count = math.ceil(brief.slot_count / batch_rows)
    return (batch_at(brief, snapshot_id, batch_rows, index, digest) for index in range(count))


def batch_at(brief: Brief, snapshot_id: str, batch_rows: int, index: int, digest: str | None = None) -> Batch:
    """One batch of a brief's first round."""
    first = index * batch_rows
    digest = digest or plan_digest(brief.brief_hash, snapshot_id, batch_rows)
    return Batch(
        key=f"{brief.brief}.{digest}.r0.{index:04d}",
        brief=brief.brief,
        brief_hash=brief.brief_hash,
        model=brief.model,
        model_snapshot=snapshot_id,
        round=0,
        index=index,
        first_slot=first,
        rows=min(batch_rows, brief.slot_count - first),
    )


def plan_digest(brief_hash: str, snapshot_id: str, batch_rows: int) -> str:
    """What tells the plans of one brief id apart, 10 hex digits: content, weights, batch size, planner.

    Raises:
        InputError: ``batch_rows`` below 1.
    """
    if batch_rows < 1:
        raise InputError(f"batches of {batch_rows} rows", remedy="give a batch at least one row; 128 is usual")
    return sha256_hex(canonical_json([brief_hash, snapshot_id, batch_rows, PLAN_VERSION]))[:10]


def plan_batch(brief: Brief, batch: Batch, schedule: Schedule) -> list[PlannedImage]:
    """The rows of a batch, in the order of its slots.

    Raises:
        InputError: the batch was cut from another brief.
    """
    if batch.brief_hash != brief.brief_hash:
        raise InputError(
            f"batch {batch.key} is of the brief {batch.brief} with hash {batch.brief_hash[:10]}, "
            f"not of {brief.brief} with hash {brief.brief_hash[:10]}",
            remedy="plan it with the brief that the catalogue holds for it",
        )
    chosen = (slot_at(brief, index) for index in range(batch.first_slot, batch.first_slot + batch.rows))
    return [
        PlannedImage(
            slot=slot, round=batch.round, recipe=recipe_of(brief, slot, batch.round, schedule, batch.model_snapshot)
        )
        for slot in chosen
    ]
