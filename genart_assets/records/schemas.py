"""The columns of every table that is stored, with their types."""

from __future__ import annotations

import pyarrow as pa

ADDED = {b"genart": b"added"}
"""Marks a column that tables of an earlier release lack; it is null there."""


def _schema(added: tuple[str, ...] = (), **columns: pa.DataType) -> pa.Schema:
    fields = [pa.field(name, dtype, metadata=ADDED if name in added else None) for name, dtype in columns.items()]
    return pa.schema(fields)


PLAN = _schema(
    added=("parent", "move", "reason"),
    recipe_id=pa.string(),
    slot_index=pa.int64(),
    values=pa.string(),  # JSON, name to value, in the brief's order
    repeat=pa.int32(),
    round=pa.int32(),
    prompt=pa.string(),
    negative_prompt=pa.string(),
    seed=pa.uint64(),
    scheduler=pa.string(),
    steps=pa.int32(),
    guidance=pa.float64(),
    width=pa.int32(),
    height=pa.int32(),
    model_snapshot=pa.string(),
    recipe=pa.string(),  # canonical JSON of the whole recipe; its SHA-256 is recipe_id
    parent=pa.string(),  # recipe_id of the attempt before; null in round 0, as are move and reason
    move=pa.string(),
    reason=pa.string(),
)

RETRIES = _schema(
    slot_index=pa.int64(),
    settings=pa.string(),  # canonical JSON of Settings
    parent=pa.string(),
    move=pa.string(),
    reason=pa.string(),
)

IMAGE_INDEX = _schema(
    recipe_id=pa.string(),
    pixel_sha256=pa.string(),  # over shape and pixels, see images.py
    path=pa.string(),  # relative to the storage root
    width=pa.int32(),
    height=pa.int32(),
    bytes=pa.int64(),
)

CRITIC_SCORES = _schema(
    recipe_id=pa.string(),
    critic=pa.string(),
    score=pa.float64(),  # null where there is none; reason says why
    unit=pa.string(),
    direction=pa.string(),
    version=pa.string(),
    reason=pa.string(),
)

VERDICTS = _schema(
    added=("held",),
    recipe_id=pa.string(),
    passed=pa.bool_(),
    failed=pa.string(),  # canonical JSON: list of FailedExpectation
    held=pa.string(),  # why the whole batch waits for a person; null where it does not
)

SELECTED_IMAGES = _schema(
    recipe_id=pa.string(),
    slot_index=pa.int64(),
    pixel_sha256=pa.string(),
    path=pa.string(),
)

DELIVERIES = _schema(
    recipe_id=pa.string(),
    format=pa.string(),
    size=pa.int32(),  # longest side, px
    path=pa.string(),
    sha256=pa.string(),
    bytes=pa.int64(),
)

HUMAN_FEEDBACK = _schema(
    recipe_id=pa.string(),
    slot_index=pa.int64(),
    batch=pa.string(),
    brief=pa.string(),
    decision=pa.string(),  # id
    reviewer=pa.string(),
    time=pa.string(),  # ISO 8601, UTC
    action=pa.string(),  # of records.Decision, as are the next four
    score=pa.int32(),
    tags=pa.string(),  # JSON list
    settings=pa.string(),  # canonical JSON of Settings
    undoes=pa.string(),
    stands=pa.bool_(),  # whether it was not taken back up to this settlement
)

ACCEPTED_IMAGES = _schema(
    recipe_id=pa.string(),
    slot_index=pa.int64(),
    batch=pa.string(),
    reviewer=pa.string(),
    pixel_sha256=pa.string(),
    path=pa.string(),
)

TRAINING_SET = _schema(
    recipe_id=pa.string(),
    pixel_sha256=pa.string(),
    path=pa.string(),
    prompt=pa.string(),
    group=pa.string(),
    score=pa.int32(),
    weight=pa.float64(),
)

PREFERENCE_PAIRS = _schema(
    recipe_id=pa.string(),  # of the rejected image
    slot=pa.string(),
    prompt=pa.string(),
    preferred_sha256=pa.string(),
    preferred_path=pa.string(),
    rejected_sha256=pa.string(),
    rejected_path=pa.string(),
)

LORA_EVALUATION = _schema(
    candidate=pa.string(),
    baseline=pa.string(),  # null for the base alone
    metric=pa.string(),
    unit=pa.string(),
    direction=pa.string(),
    before=pa.float64(),
    after=pa.float64(),
    difference=pa.float64(),
    low=pa.float64(),
    high=pa.float64(),
)

PROVENANCE = _schema(
    **{field.name: field.type for field in PLAN},
    brief=pa.string(),
    brief_hash=pa.string(),
    batch=pa.string(),
    model=pa.string(),  # as the brief names it
    prompt_id=pa.string(),  # row of prompt_embeddings in this batch, as is the next
    negative_prompt_id=pa.string(),
    noise_sha256=pa.string(),  # of the raw bytes, in the latents' dtype
    latents_sha256=pa.string(),
    pixel_sha256=pa.string(),
    path=pa.string(),  # of the picture, relative to the storage root
    likeness=pa.binary(),  # by which a copy is found: genart_assets/provenance/likeness.py
    denoised_in=pa.string(),  # environment id, as is the next
    decoded_in=pa.string(),
    run_id=pa.string(),  # Dagster run that denoised it; null if that was killed, as are the next four
    micro_batch_rows=pa.int32(),
    denoise_seconds=pa.float64(),  # this image's share
    began=pa.string(),  # ISO 8601, UTC: when the run began to denoise
    version=pa.string(),  # of genart-assets
    critic_snapshot=pa.string(),
    scores=pa.string(),  # JSON list of critic, version, unit, score
    passed=pa.bool_(),
    failed=pa.string(),  # as in VERDICTS, as is the next
    held=pa.string(),
    selected=pa.bool_(),
)
"""How an image came to be. What an image that failed on the way does not have is null."""

BY_ASSET = {
    "provenance": PROVENANCE,
    "generation_plan": PLAN,
    "critic_scores": CRITIC_SCORES,
    "verdicts": VERDICTS,
    "selected_images": SELECTED_IMAGES,
    "deliveries": DELIVERIES,
    "human_feedback": HUMAN_FEEDBACK,
    "accepted_images": ACCEPTED_IMAGES,
    "accepted_deliveries": DELIVERIES,
    "training_set": TRAINING_SET,
    "preference_pairs": PREFERENCE_PAIRS,
    "lora_evaluation": LORA_EVALUATION,
}
"""The schema of each asset that is a table: under its name a table is stored, read and shown."""
