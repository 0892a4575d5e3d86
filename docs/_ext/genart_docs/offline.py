"""Finds what a built page would load from elsewhere: scripts, styles, pictures, fonts, frames."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
FOLLOWED_BY_PEOPLE = {"canonical", "next", "prev", "search", "index", "author", "license"}
"""Kinds of <link> that load nothing."""
ELSEWHERE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.IGNORECASE)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(LOADING.get(tag, "")) or ""
        if tag == "link" and {*(given.get("rel") or "").split()} & FOLLOWED_BY_PEOPLE:
            return
        if ELSEWHERE.match(address):
            self.found.append(address)


def foreign_loads(text: str, *, style_sheet: bool = False) -> list[str]:
    """The addresses that a browser would load from another host to show this page or style sheet."""
    if style_sheet:
        return IN_STYLES.findall(text)
    page = _Page()
    page.feed(text)
    return page.found + IN_STYLES.findall(text)


def warn_of_foreign_loads(app: Sphinx, problem: Exception | None) -> None:
    """A warning for every such address of the built site; a strict build fails by it."""
    from sphinx.util import logging

    if problem is not None or app.builder.format != "html":
        return
    for file in sorted(Path(app.outdir).rglob("*")):
        if file.suffix in {".html", ".css"}:
            text = file.read_text(encoding="utf-8")
            for address in foreign_loads(text, style_sheet=file.suffix == ".css"):
                logging.getLogger(__name__).warning("%s loads %s from elsewhere", file.name, address)
