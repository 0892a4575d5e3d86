"""What a brief may name of the installed packages: critics, deliverable formats and retry moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genart_assets.records.brief import Brief


@dataclass(frozen=True)
class Installed:
    """The names that briefs may use, and who knows whether they can be used here.

    Handed in by whoever reads a brief, as `stages.acceptance.what_is_installed.installed` finds it.
    """

    critics: frozenset[str]
    formats: frozenset[str]
    moves: frozenset[str]
    missing_requirement: Callable[[str, Brief], str]
    """What a critic misses to score a brief's images, with the remedy; empty if nothing."""
    format_problem: Callable[[str], str]
    """Why files of a format cannot be delivered here, with the remedy; empty if they can."""
