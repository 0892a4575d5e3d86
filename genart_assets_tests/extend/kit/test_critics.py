from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genart_assets.extend import CRITICS, BaseCritic, Brief
from genart_assets.extend.kit import CheckFailed, check_critic, score_of, trial_brief, trial_pictures

OF_PIXELS = ("banding", "clipping", "contrast", "exposure", "noise", "resolution", "sharpness")
OF_THE_BATCH = ("brief_duplicate", "catalogue_duplicate", "near_duplicate", "prompt_alignment")


def brief_with(**style_guide: object) -> Brief:
    return Brief.model_validate({"brief": "trial", "prompt": "a disc", "style_guide": style_guide})


@pytest.mark.parametrize("name", [*OF_PIXELS, *OF_THE_BATCH])
def test_shipped_critics_pass(name: str) -> None:
    check_critic(CRITICS.find(name))


def test_critics_that_need_something_pass_with_a_brief_that_has_it() -> None:
    palette = {"background": "#1e9696", "brand": ["#dc1e1e"]}
    check_critic(CRITICS.find("palette_distance"), brief_with(palette=palette))
    check_critic(CRITICS.find("brand_colours"), brief_with(palette=palette))
    with pytest.raises(CheckFailed, match=r"misses something .*style_guide\.palette\.brand.*give the check a brief"):
        check_critic(CRITICS.find("brand_colours"))


def critic_that(scores: Callable[[Any], Any], **changes: object) -> type[BaseCritic]:
    words = {"name": "trial", "unit": "levels", "direction": "lower", "version": "1"}
    return type("Trial", (BaseCritic,), {**words, "score": lambda self, look: scores(look), **changes})


def means(look: Any) -> Any:
    return look.pixels.mean(axis=(1, 2, 3))


def changing(look: Any) -> Any:
    look.pixels[:] = 0
    return means(look)


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (lambda look: means(look) - means(look).mean(), "alone: a row's number depends on nothing but the row"),
        (lambda look: np.sort(means(look)), "in the other order|alone"),
        (lambda look: means(look) + random.random(), "the second time"),
        (lambda look: means(look) / means(look), "'black' of 64 x 64 px the number nan; every number is finite"),
        (lambda look: np.log(means(look)), "the number -inf"),
        (lambda look: means(look)[:-1], r"11 pictures numbers of shape \(10,\); give one a row"),
        (lambda look: look.pixels.mean(axis=(1, 2)), r"numbers of shape \(11, 3\)"),
        (changing, "changes the pictures that it looks at"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_critic_that_breaks_a_rule_is_found(scores: Callable[[Any], Any], says: str) -> None:
    check_critic(critic_that(means))
    with pytest.raises(CheckFailed, match=says):
        check_critic(critic_that(scores))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"version": ""}, "version is ''"),
        ({"unit": None}, "unit is None"),
        ({"direction": "more"}, "allowed: higher, lower, between"),
        ({"missing_requirment": None}, "did you mean 'missing_requirement'"),
        ({"lacks": None}, "did you mean 'missing_requirement'"),
        ({"for_batch": classmethod(lambda cls, context: None)}, "for_batch gave None"),
        ({"__init__": lambda self: setattr(self, "version", "")}, "version is '' once it is set up"),
    ],
)
def test_a_critic_that_is_not_whole_is_found(changes: dict[str, object], says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        check_critic(critic_that(means, **changes))


def test_a_critic_that_remembers_is_found() -> None:
    class Remembers(critic_that(means)):  # type: ignore[misc]
        def __init__(self) -> None:
            self._seen = 0

        def score(self, look: Any) -> Any:
            self._seen += 1
            return means(look) + self._seen

    with pytest.raises(CheckFailed, match=r"the second time.*let no call change the critic"):
        check_critic(Remembers)


def test_a_single_score_is_that_of_the_picture() -> None:
    assert score_of(critic_that(means), trial_pictures()["white"]) == 255
    assert score_of(CRITICS.find("resolution"), trial_pictures((40, 72))["red"]) == 40
    assert trial_brief("sharpness").style_guide.expect.keys() == {"sharpness"}
