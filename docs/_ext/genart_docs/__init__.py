"""The Sphinx extension of this site: fills pages with reference parts made from the code, and keeps pages offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genart_docs.expanding import expanded
from genart_docs.offline import warn_of_foreign_loads

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("source-read", _fill)
    app.connect("build-finished", warn_of_foreign_loads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill(app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = expanded(source[0])
