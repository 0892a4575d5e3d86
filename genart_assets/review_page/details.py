"""Collects what the large view shows of a slot's attempts: scores with bounds, prompts, numbers, and changes."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import Any, cast

from pydantic import Field

from genart_assets.quality.bounds import bound_text, bounds_of, score_text
from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Settings
from genart_assets.review_page.queue import Entry
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.order_book import batch_of
from genart_assets.stages.planning.rounds import retries_of
from genart_assets.stages.reviewing.review_queue import JudgedAttempt
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

BATCHES_CACHED = 64


class ScoreLine(Record):
    """A critic's score of an attempt, as the page shows it."""

    critic: str
    score: str = Field(description="rounded for people; a dash if there is none")
    wanted: str = Field(description="the bound; empty if the brief has none")
    unit: str
    failed: bool
    reason: str = Field(default="", description="why there is no score")


class AttemptDetails(Record):
    """An attempt with its settings, numbers and scores."""

    attempt: JudgedAttempt
    settings: Settings
    prompt: str
    negative_prompt: str
    facts: tuple[tuple[str, str], ...] = Field(description="name and value of each number that it was rendered with")
    scores: tuple[ScoreLine, ...] = Field(description="bounded critics first, in the brief's order")
    not_rendered: str = Field(default="", description="why there is no image; empty if there is one")


class Details:
    """Reads a batch's plan and scores once; the most recently used batches stay in memory."""

    def __init__(self, storage: Storage) -> None:
        self._tables = lru_cache(BATCHES_CACHED)(lambda batch: _BatchTables(storage, batch))

    def of(self, entry: Entry) -> list[AttemptDetails]:
        """The attempts of a row, oldest first.

        Raises:
            StorageError: a table is missing or damaged.
        """
        return [self._details(entry, attempt) for attempt in entry.row.attempts]

    def _details(self, entry: Entry, attempt: JudgedAttempt) -> AttemptDetails:
        tables = self._tables(attempt.batch)
        planned = tables.planned[attempt.recipe_id]
        recipe = cast("dict[str, Any]", json.loads(planned["recipe"]))
        return AttemptDetails(
            attempt=attempt,
            settings=tables.settings.get(entry.row.slot_index) or settings_of(entry.brief),
            prompt=str(planned["prompt"]),
            negative_prompt=str(planned["negative_prompt"]),
            facts=(
                ("guidance", f"{planned['guidance']:g}"),
                ("steps", f"{planned['steps']} {planned['scheduler']}"),
                ("seed", str(planned["seed"])),
                ("size", f"{planned['width']} × {planned['height']} px"),
                *((f"LoRA {use['name']}", f"{use.get('scale', 1):g}") for use in recipe.get("loras", [])),
                *((("control", f"{recipe['control'].get('scale', 1):g}"),) if recipe.get("control") else ()),
                *((("strength", f"{recipe['start']['strength']:g}"),) if recipe.get("start") else ()),
            ),
            scores=_scores(entry.brief, attempt, tables.scores.get(attempt.recipe_id, [])),
            not_rendered=next((f.reason for f in attempt.failed if f.expectation == "rendered"), ""),
        )


class _BatchTables:
    def __init__(self, storage: Storage, key: str) -> None:
        batch = batch_of(storage, key)
        plan = TableStore(storage, "generation_plan", key).read()
        scores = TableStore(storage, "critic_scores", key).read()
        rows = cast("list[dict[str, Any]]", plan.to_dict("records"))
        self.planned = {str(row["recipe_id"]): row for row in rows}
        self.settings = {r.slot_index: r.settings for r in retries_of(storage, batch)} if batch.round else {}
        self.scores: dict[str, list[dict[str, Any]]] = {}
        for line in cast("list[dict[str, Any]]", scores.to_dict("records")):
            self.scores.setdefault(str(line["recipe_id"]), []).append(line)


def _scores(brief: Brief, attempt: JudgedAttempt, lines: list[dict[str, Any]]) -> tuple[ScoreLine, ...]:
    bounds = bounds_of(brief)
    failed = {unmet.expectation for unmet in attempt.failed}
    place = {critic: position for position, critic in enumerate(bounds)}
    found: list[ScoreLine] = []
    for line in sorted(lines, key=lambda line: place.get(line["critic"], len(place))):
        critic, bound = str(line["critic"]), bounds.get(str(line["critic"]))
        score = math.nan if line["score"] is None else float(line["score"])
        found.append(
            ScoreLine(
                critic=critic,
                score="–" if math.isnan(score) else score_text(score),
                wanted=bound_text(bound.min, bound.max) if bound else "",
                unit=str(line["unit"]),
                failed=critic in failed,
                reason=str(line["reason"] or "") if math.isnan(score) else "",
            )
        )
    return tuple(found)
