"""Sheets of a slot's attempts: the one before beside the one after, or all that a reviewer sees."""

from collections.abc import Mapping, Sequence

import dagster as dg
import numpy as np

from genart_assets.defs.frames import Frame
from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.stages.reviewing.review_queue import QueueRow
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage

PAIRS = 24
SLOTS = 16
COLUMNS = 6
CAPTION = 104
"""px that a cell has at least."""


def before_and_after(storage: Storage, rows: Frame, before: Frame) -> bytes:
    """A WebP sheet of an attempt and the one after it, pair by pair, each framed by its verdict, the move below.

    ``rows`` and ``before`` are rounds as of `OrderBook.rows`; a parent may be of any earlier round.
    """
    first = rows[rows["parent"].isin(before["recipe_id"])].head(PAIRS)
    parents = before.set_index("recipe_id").loc[list(first["parent"])]
    old = pictures_of(storage, dict(zip(parents.index, parents["batch"], strict=True)))
    new = pictures_of(storage, dict(zip(first["recipe_id"], first["batch"], strict=True)))
    pictures: list[np.ndarray] = []
    captions: list[str] = []
    verdicts: list[bool | None] = []
    for row in first.itertuples():
        if row.parent in old and row.recipe_id in new:
            pictures += [old[str(row.parent)], new[str(row.recipe_id)]]
            captions += [_words(str(row.reason)), _words(str(row.move))]
            verdicts += [bool(parents.loc[str(row.parent), "passed"]), bool(row.passed)]
    return contact_sheet(pictures, columns=COLUMNS, captions=captions, verdicts=verdicts, narrowest=CAPTION)


def attempts_sheet(storage: Storage, rows: Sequence[QueueRow]) -> dg.MetadataValue:
    """The attempts of the queue's first slots, oldest first, slot after slot, with what each failed below."""
    shown = [(row.slot_index, attempt) for row in rows[:SLOTS] for attempt in row.attempts]
    found = pictures_of(storage, {attempt.recipe_id: attempt.batch for _, attempt in shown})
    there = [(slot, attempt) for slot, attempt in shown if attempt.recipe_id in found]
    sheet = contact_sheet(
        [found[attempt.recipe_id] for _, attempt in there],
        columns=COLUMNS,
        captions=[
            _words(f"{slot}: {', '.join(f.expectation for f in attempt.failed) or 'passed'}") for slot, attempt in there
        ],
        verdicts=[attempt.passed for _, attempt in there],
        narrowest=CAPTION,
    )
    return dg.MetadataValue.md(markdown_picture(sheet, "attempts that wait for a person"))


def _words(text: str) -> str:
    """Names as words, which break between lines."""
    return text.replace("_", " ")


def pictures_of(storage: Storage, batch_of_image: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The pictures that there are, by recipe id; ``batch_of_image`` tells each one's batch."""
    found: dict[str, np.ndarray] = {}
    for batch in dict.fromkeys(batch_of_image.values()):
        stored = ImageStore(storage, batch).open()
        wanted = [image for image, its in batch_of_image.items() if its == batch and image in stored.ids]
        for some in stored.stream(wanted):
            found |= dict(zip(some.ids, some.data, strict=True))
    return found
