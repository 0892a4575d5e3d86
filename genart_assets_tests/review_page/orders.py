"""Orders with stored batches for the review page: real tables and pictures, drawn by numpy instead of a model."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from genart_assets.models.schedules import schedule_of
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Batch, PlannedImage
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import Order, accept, order_at
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.planning.plan import frame_of, plan_batch, plan_retry_batch
from genart_assets.stages.planning.rounds import retries_of
from genart_assets.stages.retrying.next_round import plan_round
from genart_assets.storage.images import ImageStore, Pictures
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

SNAPSHOT = "5" * 64
TEXT = """\
brief: fruit
prompt: "icon of {subject}"
vary: {subject: [pear, fig, plum, lemon]}
size: [64, 64]
latitudes: {guidance: [3, 9], steps: [12, 40], alternative_prompts: ["a <b>{subject}</b>"]}
style_guide: {expect: {sharpness: {min: 15}}}
retry: {rounds: 1}
review: all
"""
UNMET = json.dumps([{"expectation": "sharpness", "value": 3.5, "min": 15.0, "max": None, "reason": ""}])


def store_order(
    storage: Storage,
    text: str = TEXT,
    failing: Collection[int] = (),
    rows: int = 128,
    rendered: bool = True,
    studio: StudioLatitudes = UNBOUND,
    folder: Path | None = None,
) -> Order:
    """An order whose slots ``failing`` failed in every round, the others in none; all rounds are planned and judged."""
    brief = read_brief(text, source="brief.yaml", folder=folder, known=installed())
    batches = accept(storage, brief, text, SNAPSHOT, rows, studio)
    order = order_at(storage, batches[0].order)
    for batch in batches:
        store_batch(storage, brief, batch, failing, rendered=rendered)
    for round_ in range(1, brief.retry.rounds + 1):
        for batch in plan_round(OrderBook(storage, order, brief), round_):
            store_batch(storage, brief, batch, failing, rendered=rendered)
    return order


def store_batch(
    storage: Storage, brief: Brief, batch: Batch, failing: Collection[int] = (), *, rendered: bool = True
) -> list[PlannedImage]:
    """Everything that is stored of a judged batch. Pictures are of one colour with a gradient, another one each."""
    schedule = schedule_of("starter", brief.sampler)
    if batch.round:
        plan = plan_retry_batch(brief, batch, retries_of(storage, batch), lambda _: schedule)
    else:
        plan = plan_batch(brief, batch, schedule)
    ids = tuple(image.recipe_id for image in plan)
    passed = [image.slot.index not in failing for image in plan]
    TableStore(storage, "generation_plan", batch.key).write(frame_of(plan))
    if rendered:
        ImageStore(storage, batch.key).write(RowStream(ids, lambda missing: _drawn(missing, brief.size)))
    scores = [(row, "sharpness", 80.0 if good else 3.5, "variance") for row, good in zip(ids, passed, strict=True)]
    frame = pd.DataFrame(scores, columns=["recipe_id", "critic", "score", "unit"])
    frame = frame.assign(direction="higher", version="1", reason=None)
    TableStore(storage, "critic_scores", batch.key).write(frame)
    failed = ["[]" if good else UNMET for good in passed]
    verdicts = pd.DataFrame({"recipe_id": ids, "passed": np.array(passed), "failed": failed, "held": None})
    TableStore(storage, "verdicts", batch.key).write(verdicts)
    return plan


def _drawn(ids: Sequence[str], size: tuple[int, int]) -> Iterator[MicroBatch[Pictures]]:
    width, height = size
    ramp = np.linspace(0.3, 1, height)[:, None, None] * np.ones((1, width, 1))
    for first in range(0, len(ids), 16):
        rows = tuple(ids[first : first + 16])
        colours = np.array([list(bytes.fromhex(row[:6])) for row in rows])
        yield MicroBatch(rows, (ramp * colours[:, None, None, :]).astype(np.uint8))
