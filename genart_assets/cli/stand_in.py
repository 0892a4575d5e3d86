"""Reviews the images of the demo by one simple rule, as a person would with the keys of the review page."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from genart_assets.records.base import sha256_hex
from genart_assets.records.decision import Decision
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.decisions import append
from genart_assets.stages.reviewing.review_queue import review_queue
from genart_assets.storage.images import ImageStore

NAME = "stand-in"
LEAST = 0.05


def is_cool(picture: npt.NDArray[np.uint8]) -> bool:
    """Whether the border of an sRGB ``uint8 [height, width, 3]`` is blue to green: its green exceeds its red by 5 %."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).mean(axis=0) / 255
    return float(border[1] - border[0]) >= LEAST


def review(book: OrderBook) -> tuple[int, int]:
    """Accept the images in an order's queue that are `is_cool` and reject the others; return both counts.

    The same image gets the same decision under the same id, so that a repetition changes nothing.
    """
    attempts = OrderAttempts(book)
    attempts.refresh()
    rows = review_queue(book.key, attempts.slots(), book.brief.review.sample)
    batch_of = {attempt.recipe_id: attempt.batch for row in rows for attempt in row.attempts[-1:]}
    accepted = 0
    for batch in sorted(set(batch_of.values())):
        stored = ImageStore(book.storage, batch).open()
        for some in stored.stream([image for image, its in batch_of.items() if its == batch]):
            for recipe_id, picture in zip(some.ids, some.data, strict=True):
                liked = is_cool(picture)
                accepted += liked
                append(book.storage, _decision(book.key, recipe_id, liked))
    return accepted, len(batch_of) - accepted


def _decision(order_key: str, recipe_id: str, liked: bool) -> Decision:
    return Decision(
        id=sha256_hex(f"{NAME} {recipe_id}")[:32],
        order=order_key,
        recipe_id=recipe_id,
        action="accept" if liked else "reject",
        reviewer=NAME,
        time=datetime.now(UTC),
    )
