"""A built page loads nothing from elsewhere; the strict build fails where one does."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("page", "loaded"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ('<img alt="" src="//cdn.example/a.png">', ["//cdn.example/a.png"]),
        ('<link rel="stylesheet" href="http://cdn.example/a.css">', ["http://cdn.example/a.css"]),
        ("<style>@import url(https://cdn.example/f.css)</style>", ["https://cdn.example/f.css"]),
        ('<a href="https://example.org">read</a><img src="_static/a.png">', []),
        ('<link rel="next" href="https://example.org/next.html">', []),
    ],
)
def test_what_a_browser_would_load_is_found(page: str, loaded: list[str]) -> None:
    from genart_docs.offline import foreign_loads

    assert foreign_loads(page) == loaded


def test_a_style_sheet_is_searched_for_fonts_and_imports() -> None:
    from genart_docs.offline import foreign_loads

    sheet = 'body {background: url("a.png")} @font-face {src: url(https://fonts.example/a.woff2)}'
    assert foreign_loads(sheet, style_sheet=True) == ["https://fonts.example/a.woff2"]
