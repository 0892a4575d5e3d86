"""Weights whose licence the studio does not allow, or that tell none, are named with their field."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from genart_assets.models.snapshot import licence_of, take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.stages.acceptance.licences import check_licences
from genart_assets.starter.shipped import SHIPPED, SHIPPED_CLIP, SHIPPED_CONTROLS, SHIPPED_LORAS

SHIPPED_ONLY = Brief.model_validate(
    {
        "brief": "a",
        "prompt": "a pear",
        "loras": [{"name": "ink"}],
        "control": {"kind": "silhouette", "image": "a.png"},
    }
)


def copies(folder: Path) -> Brief:
    """A brief whose weights are all copies that come without a licence."""
    sources = {**SHIPPED, **SHIPPED_LORAS, **SHIPPED_CONTROLS, "critic": SHIPPED_CLIP["starter"]}
    for name, source in sources.items():
        shutil.copytree(source, folder / name / "weights")
    at = {name: str(folder / name / "weights") for name in sources}
    return SHIPPED_ONLY.model_copy(
        update={
            "model": at["starter"],
            "loras": [{"name": at["ink"]}],
            "control": {"kind": "silhouette", "model": at["silhouette"], "image": "a.png"},
            "style_guide": {"clip_model": at["critic"], "safety_checker": at["critic"]},
        }
    )


@pytest.mark.parametrize("licences", [("Apache-2.0",), ("apache-2.0", "MIT"), ("*",), ("MIT", "Apache*")])
def test_what_is_shipped_is_licensed_under_apache_2(licences: tuple[str, ...]) -> None:
    assert check_licences(SHIPPED_ONLY, licences) == []


def test_a_licence_that_is_not_allowed_is_named() -> None:
    text = "has the licence 'Apache-2.0'; studio.yaml allows MIT, CC0-1.0"
    fields = ("model", "loras.0.name", "control.kind", "style_guide.clip_model")
    assert check_licences(SHIPPED_ONLY, ("MIT", "CC0-1.0")) == [(field, text) for field in fields]


def test_an_unknown_licence_is_refused_whatever_is_allowed(tmp_path: Path) -> None:
    problems = check_licences(copies(tmp_path), ("*", "unknown"))
    assert [field for field, _ in problems] == [
        "model", "loras.0.name", "control.model", "style_guide.clip_model", "style_guide.safety_checker"
    ]  # fmt: skip
    assert {text.split(";")[0] for _, text in problems} == {"has no LICENSE, so its licence is unknown"}


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE.md", "LICENSE.txt", "../LICENSE"])
def test_a_licence_is_the_first_line_of_its_file(tmp_path: Path, name: str) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    assert licence_of(weights) == "unknown"
    (weights / name).write_bytes(b"\n\n  CreativeML OpenRAIL++-M \n\nCopyright \xa9")
    assert licence_of(weights) == "CreativeML OpenRAIL++-M"
    (weights / name).write_text("\n")
    assert licence_of(weights) == "unknown"
    assert take_snapshot("starter").licence == "Apache-2.0"
