"""What this and any other installed package bring for briefs, found in one place."""

from __future__ import annotations

from genart_assets.critics.known import CRITICS, missing_requirement
from genart_assets.deliverables.formats import FORMATS, find_format
from genart_assets.moves.protocol import RETRY_MOVES
from genart_assets.signing.media import REMEDY, unsigned_because
from genart_assets.signing.studio import signs_here
from genart_assets.stages.briefs.installed import Installed


def installed() -> Installed:
    """The critics, formats and moves that are registered now. Imports none of them before a brief names it."""
    return Installed(
        critics=frozenset(CRITICS.names()),
        formats=frozenset(FORMATS.names()),
        moves=frozenset(RETRY_MOVES.names()),
        missing_requirement=missing_requirement,
        format_problem=_format_problem,
    )


def _format_problem(name: str) -> str:
    form = find_format(name)
    why = unsigned_because(form) if signs_here() else ""
    return why and f"{why}; {REMEDY}"
