"""The address and token of the page in tests, and what a browser posts to it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from genart_assets.review_page.queue import Entry, ReviewQueue
from genart_assets.stages.reviewing.decisions import read_log

TOKEN = "a-token-of-32-characters-or-more"
ADDRESS = "http://127.0.0.1:3001"


def said(entry: Entry, action: str = "accept", **fields: Any) -> dict[str, Any]:
    own = {"id": uuid4().hex, "order": entry.order.key, "recipe_id": entry.row.last.recipe_id, "action": action}
    return {**own, "reviewer": "Ada", **fields}


def stored(entry: Entry, queue: ReviewQueue) -> list[tuple[str, str]]:
    return [(d.reviewer, d.action) for d in read_log(queue.storage, entry.order.key).decisions]
