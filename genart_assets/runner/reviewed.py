"""What came of people's decisions, counted from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genart_assets.errors import GenartError
from genart_assets.runner.problems import one_line
from genart_assets.stages.reviewing.settlements import settlement_key, settlements_of, standing_accepts
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


@dataclass(frozen=True)
class Reviewed:
    """Counts over all settlements of some orders."""

    accepted: int
    """Images whose acceptance stands."""
    decided: frozenset[str]
    """Recipe ids that were accepted, rejected or sent back."""
    delivered: int
    """Accepted images whose files are there."""
    files: int


def reviewed_of(storage: Storage, orders: Sequence[str], problems: list[str]) -> Reviewed:
    """Count what is settled; an order that cannot be read is one more problem."""
    accepted = delivered = files = 0
    decided: set[str] = set()
    for order_key in orders:
        try:
            settlements = settlements_of(storage, order_key)
            accepted += len(standing_accepts(settlements))
            for number, settled in enumerate(settlements):
                decided |= {image.recipe_id for image in (*settled.accepted, *settled.rejected)}
                decided |= {retry.origin.parent for retry in settled.redone}
                key = settlement_key(order_key, number)
                table = TableStore(storage, "accepted_deliveries", key)
                lines = table.read() if table.sealed() else None
                delivered += 0 if lines is None else int(lines["recipe_id"].nunique())
                files += 0 if lines is None else len(lines)
        except GenartError as error:
            problems.append(f"{order_key}: {one_line(error)}")
    return Reviewed(accepted, frozenset(decided), delivered, files)
