"""The pages that people read: README, CONTRIBUTING, and the site with its generated parts filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SITE = ROOT / "docs"
_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<body>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    body: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def page_files() -> list[Path]:
    own = (file for file in SITE.rglob("*.md") if not any(part.startswith("_") for part in file.parts))
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(own)]


@cache
def page(name: str) -> str:
    """A page of the site as its readers see it, by its path in ``docs/``."""
    from genart_docs.expanding import expanded

    return expanded((SITE / name).read_text(encoding="utf-8"))


def blocks(*languages: str) -> Iterator[Block]:
    for file in page_files():
        text = file.read_text(encoding="utf-8")
        for found in _FENCE.finditer(text):
            if found["language"] in languages:
                indent = found["indent"]
                body = "\n".join(line.removeprefix(indent) for line in found["body"].splitlines()) + "\n"
                line = text.count("\n", 0, found.start()) + 1
                yield Block(str(file.relative_to(ROOT)), line, found["language"], body)
