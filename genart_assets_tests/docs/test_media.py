"""The pictures of the pages: each is used, small enough, and as new as what it shows."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from genart_assets_tests.docs.pages import ROOT, SITE, page_files

PICTURES = [file for file in SITE.iterdir() if file.suffix in {".webp", ".png", ".svg"}]
MOVING_BYTES = 3_000_000


def test_the_architecture_is_drawn_from_the_asset_graph_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(SITE / "_media"), *sys.path])
    from draw_architecture import FILE, drawn

    assert drawn() == FILE.read_text(encoding="utf-8"), "run python docs/_media/draw_architecture.py"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda file: file.name)
def test_every_picture_is_shown_on_a_page(picture: Path) -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in page_files())
    assert f"/{picture.name})" in text


def test_the_demo_moves_and_is_small() -> None:
    with Image.open(SITE / "demo.webp") as picture:
        assert getattr(picture, "n_frames", 1) > 10
    assert (SITE / "demo.webp").stat().st_size < MOVING_BYTES


def test_the_badges_say_what_the_package_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = (SITE / "badge-python.svg").read_text(encoding="utf-8")
    assert project["requires-python"] == ">=3.11,<3.14"
    assert ">3.11 | 3.12 | 3.13<" in versions
    assert f">{project['license']}<" in (SITE / "badge-licence.svg").read_text(encoding="utf-8")
