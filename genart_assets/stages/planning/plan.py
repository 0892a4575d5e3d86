"""From a brief to slots, recipes and batches. All of it follows from the brief and the model snapshot alone."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import JsonValue

from genart_assets.errors import InputError
from genart_assets.models.loras import full_name, name_in_recipe
from genart_assets.records.base import canonical_json, sha256_hex
from genart_assets.records.brief import Brief
from genart_assets.records.fields import Reference
from genart_assets.records.plan import Batch, Change, PlannedImage, Settings, Slot
from genart_assets.records.recipe import Recipe, RecipeControl, RecipeLora, RecipeStart, Schedule
from genart_assets.records.retry import SlotRetry
from genart_assets.stages.briefs.templates import fill
from genart_assets.stages.planning.latitudes import changed, settings_of
from genart_assets.stages.planning.plan_table import frame_of, plan_of

__all__ = [
    "batch_at",
    "batches_of",
    "frame_of",
    "plan_batch",
    "plan_of",
    "plan_retry_batch",
    "seed_of",
    "slot_at",
    "slots",
]

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


def recipe_of(
    brief: Brief, slot: Slot, round_: int, settings: Settings, schedule: Schedule, model_snapshot: str
) -> Recipe:
    """What a brief with some settings says of one slot; ``schedule`` is what sampler and steps mean for the model."""
    return Recipe(
        prompt=fill(settings.prompt, slot.values),
        negative_prompt=settings.negative_prompt,
        seed=seed_of(brief.brief, slot, round_),
        schedule=schedule,
        steps=settings.steps,
        guidance=settings.guidance,
        guidance_rescale=brief.sampler.guidance_rescale,
        width=brief.size[0],
        height=brief.size[1],
        loras=_loras_of(brief, settings),
        control=_control_of(brief, slot, settings),
        start=_start_of(brief, slot, settings),
        model_snapshot=model_snapshot,
    )


def _loras_of(brief: Brief, settings: Settings) -> tuple[RecipeLora, ...]:
    pairs = zip(brief.loras, settings.lora_scales, strict=True)
    return tuple(
        RecipeLora(
            name=name_in_recipe(full_name(use.name, use.version)),
            snapshot=_frozen(brief, use.name, use.snapshot),
            scale=scale,
        )
        for use, scale in pairs
    )


def _control_of(brief: Brief, slot: Slot, settings: Settings) -> RecipeControl | None:
    use = brief.control
    if use is None or settings.control_scale is None:
        return None
    return RecipeControl(
        kind=use.kind,
        snapshot=_frozen(brief, use.kind, use.snapshot),
        image=_picture(brief, use.image, use.images, slot),
        scale=settings.control_scale,
    )


def _start_of(brief: Brief, slot: Slot, settings: Settings) -> RecipeStart | None:
    use = brief.start
    if use is None:
        return None
    return RecipeStart(
        image=_picture(brief, use.image, use.images, slot),
        strength=use.strength if settings.strength is None else settings.strength,
        mask=None if use.mask is None else _picture(brief, use.mask, use.masks, slot),
    )


def _picture(brief: Brief, template: str, found: Mapping[str, Reference], slot: Slot) -> str:
    """The pixel hash of the picture that a path template means for a slot."""
    picture = found.get(fill(template, slot.values))
    return _frozen(brief, template, picture.sha256 if picture else "")


def _frozen(brief: Brief, what: str, found: str) -> str:
    """A hash that was taken when the brief was accepted; a recipe is made of these alone."""
    if not found:
        raise InputError(
            f"brief {brief.brief} was accepted without the hash of {what!r}", remedy="give the brief again"
        )
    return found


def batches_of(
    brief: Brief, snapshot_id: str, batch_rows: int, round_: int = 0, rows: int | None = None
) -> Iterator[Batch]:
    """The batches of a round, in the order of its rows; the last may have fewer. Round 0 has a row for every slot.

    Raises:
        InputError: ``batch_rows`` below 1.
    """
    digest = plan_digest(brief.brief_hash, snapshot_id, batch_rows)
    rows = brief.slot_count if rows is None else rows
    count = math.ceil(rows / batch_rows)
    return (batch_at(brief, snapshot_id, batch_rows, index, round_, rows, digest) for index in range(count))


def batch_at(
    brief: Brief, snapshot_id: str, batch_rows: int, index: int, round_: int, rows: int, digest: str | None = None
) -> Batch:
    """One batch of a round that has ``rows`` rows in all."""
    first = index * batch_rows
    digest = digest or plan_digest(brief.brief_hash, snapshot_id, batch_rows)
    return Batch(
        key=f"{brief.brief}.{digest}.r{round_}.{index:04d}",
        brief=brief.brief,
        brief_hash=brief.brief_hash,
        model=brief.model,
        model_snapshot=snapshot_id,
        round=round_,
        index=index,
        first_row=first,
        rows=min(batch_rows, rows - first),
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
    """The rows of a batch of the first round, in the order of its slots.

    Raises:
        InputError: the batch was cut from another brief.
    """
    _require_own(brief, batch)
    settings = settings_of(brief)
    chosen = (slot_at(brief, index) for index in range(batch.first_row, batch.first_row + batch.rows))
    return [
        PlannedImage(slot=slot, round=0, recipe=recipe_of(brief, slot, 0, settings, schedule, batch.model_snapshot))
        for slot in chosen
    ]


def plan_retry_batch(
    brief: Brief, batch: Batch, retries: Sequence[SlotRetry], schedule_of_steps: Callable[[int], Schedule]
) -> list[PlannedImage]:
    """The rows of a batch of a retry round; ``retries`` are those of the batch, in order.

    Whoever wrote the retries, they are held against the brief's latitudes, and so against the studio's: an accepted
    brief lies inside them.

    Raises:
        InputError: the batch was cut from another brief. OutsideLatitudes: a retry leaves the brief's.
    """
    _require_own(brief, batch)
    planned: list[PlannedImage] = []
    for retry in retries:
        settings = changed(brief, settings_of(brief), Change(**retry.settings.model_dump()))
        slot, schedule = slot_at(brief, retry.slot_index), schedule_of_steps(settings.steps)
        recipe = recipe_of(brief, slot, batch.round, settings, schedule, batch.model_snapshot)
        planned.append(PlannedImage(slot=slot, round=batch.round, recipe=recipe, origin=retry.origin))
    return planned


def _require_own(brief: Brief, batch: Batch) -> None:
    if batch.brief_hash != brief.brief_hash:
        raise InputError(
            f"batch {batch.key} is of the brief {batch.brief} with hash {batch.brief_hash[:10]}, "
            f"not of {brief.brief} with hash {brief.brief_hash[:10]}",
            remedy="plan it with the brief that the catalogue holds for it",
        )
