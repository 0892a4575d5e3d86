"""Which content a brief's id stands for now: that of the brief which was accepted last under it."""

from __future__ import annotations

from genart_assets.records.brief import Brief
from genart_assets.storage.root import Storage


def current_content(storage: Storage, brief_id: str) -> str | None:
    """Hash of the brief that its id stands for; None before the first."""
    marker = _marker(brief_id)
    return storage.read(marker).decode() if storage.exists(marker) else None


def set_current(storage: Storage, brief: Brief) -> None:
    """From now on the brief's id stands for its content."""
    storage.replace(_marker(brief.brief), brief.brief_hash.encode())


def _marker(brief_id: str) -> str:
    return f"briefs/{brief_id}/current"
