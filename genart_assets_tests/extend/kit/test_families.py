"""The check of a model family, with the starter model: a real one, and small."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from genart_assets.extend import StableDiffusion
from genart_assets.extend.kit import CheckFailed, check_family, tiny_pipeline
from genart_assets.models import loading
from genart_assets.starter.shipped import SHIPPED

STARTER = SHIPPED["starter"]


class OfNeighbours(StableDiffusion):
    def encode(self, pipe: Any, texts: Any) -> Any:
        states = super().encode(pipe, texts)["states"]
        return {"states": states - states.mean(dim=0)}


class OneForAll(StableDiffusion):
    def encode(self, pipe: Any, texts: Any) -> Any:
        return {"states": super().encode(pipe, texts)["states"][:1]}


class Blank(StableDiffusion):
    def decode(self, pipe: Any, latents: Any) -> Any:
        return super().decode(pipe, latents) * 0


def test_a_shipped_family_passes() -> None:
    check_family(StableDiffusion, STARTER)


@pytest.mark.parametrize(
    ("family", "says"),
    [
        (OfNeighbours, "other 'states' beside others than alone"),
        (OneForAll, "encode gives 3 texts 1 rows of 'states'; allowed: one a text"),
        (Blank, "a picture is of one value alone"),
    ],
)
def test_a_family_that_breaks_a_rule_is_found(
    family: type[StableDiffusion], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = loading.load_model(str(STARTER))
    wrong = dataclasses.replace(loaded, family=_made(family, loaded.family))
    monkeypatch.setattr(loading, "load_model", lambda name: wrong)
    with pytest.raises(CheckFailed, match=says):
        check_family(family, STARTER)


def _made(family: type[StableDiffusion], like: Any) -> StableDiffusion:
    made = family.__new__(family)
    made.__dict__.update(vars(like))
    return made


def test_a_family_that_is_not_the_registered_one_is_named() -> None:
    with pytest.raises(CheckFailed, match=r"is taken for StableDiffusion; register Blank under the name"):
        check_family(Blank, STARTER)


def test_a_small_pipeline_is_of_the_class_that_is_asked_for(tmp_path: Path) -> None:
    folder = tiny_pipeline(tmp_path / "model", "StableDiffusionPAGPipeline")
    index, starter = (json.loads((one / "model_index.json").read_text()) for one in (folder, STARTER))
    assert index == starter | {"_class_name": "StableDiffusionPAGPipeline"}
    assert sorted(file.name for file in folder.iterdir()) == sorted(file.name for file in STARTER.iterdir())
