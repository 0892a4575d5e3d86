"""A problem, as a run's summary holds it: one line that names the place, the reason and the remedy."""

from __future__ import annotations

from genart_assets.errors import GenartError


def one_line(error: GenartError | str) -> str:
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
