from __future__ import annotations

import pytest

from genart_assets.critics.class_check import class_problem
from genart_assets.critics.known import CRITICS, faults_of, missing_requirement
from genart_assets.critics.protocol import BaseCritic
from genart_assets.errors import GenartError
from genart_assets.plugins import ExtensionPoint
from genart_assets.records.fault import Fault
from genart_assets_tests.critics.drawn import brief_of
from genart_assets_tests.studio_package import StudioPackages, studio

__all__ = ["studio"]


class Redness(BaseCritic):
    name = "redness"
    unit = "levels"
    direction = "lower"
    version = "1"

    def score(self, look):
        return look.pixels[..., 0].mean(axis=(1, 2))


def class_of(**changes: object) -> type[BaseCritic]:
    return type("Changed", (Redness,), changes)


@pytest.mark.parametrize("name", CRITICS.names())
def test_the_shipped_critics_are_whole(name: str) -> None:
    assert class_problem(name, CRITICS.find(name)) == ""
    assert CRITICS.find(name).faults


def test_what_a_class_may_leave_out_has_a_default() -> None:
    assert class_problem("redness", Redness) == ""
    assert Redness.missing_requirement(brief_of()) == ""
    assert isinstance(Redness.for_batch(None), Redness)  # type: ignore[arg-type]
    assert Redness.faults == frozenset()


@pytest.mark.parametrize(
    ("hook", "meant"),
    [
        ("lacks", "missing_requirement"),
        ("missing_requirements", "missing_requirement"),
        ("for_batches", "for_batch"),
        ("scores", "score"),
        ("fault", "faults"),
        ("directions", "direction"),
    ],
)
def test_a_misspelt_name_is_found(hook: str, meant: str) -> None:
    problem = class_problem("redness", class_of(**{hook: classmethod(lambda cls, brief: "")}))
    assert f"nobody asks a critic for {hook!r}; did you mean {meant!r}?" in problem


def test_a_name_like_no_other_is_found_too() -> None:
    assert class_problem("redness", class_of(needs=lambda self: "")) == (
        "nobody asks a critic for 'needs'; a name of its own begins with an underscore"
    )
    assert class_problem("redness", class_of(_needs=lambda self: "")) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unit": ""}, "unit is ''"),
        ({"version": 1}, "version is 1"),
        ({"direction": "up"}, "direction is 'up'; allowed: higher, lower, between"),
        ({"faults": frozenset({"blur"})}, "faults is frozenset({'blur'}); give a frozenset of"),
        ({"faults": Fault.BLUR}, "faults is <Fault.BLUR: 'blur'>; give a frozenset of"),
    ],
)
def test_what_a_critic_says_of_itself_is_checked(changes: dict[str, object], says: str) -> None:
    assert says in class_problem("redness", class_of(**changes))


def test_a_class_without_scores_or_without_the_base_is_refused() -> None:
    unfinished = type("Unfinished", (BaseCritic,), dict.fromkeys(("name", "unit", "version"), "x"))
    assert "it does not define score" in class_problem("x", unfinished)
    bare = type("Bare", (), {"name": "x", "unit": "x", "version": "1", "direction": "lower", "score": None})
    assert "it has no missing_requirement; derive it from genart_assets.extend.BaseCritic" in class_problem("x", bare)
    assert "it is not a class" in class_problem("redness", Redness())


def test_a_critic_of_an_earlier_release_is_refused_aloud(studio: StudioPackages) -> None:
    code = (
        "from genart_assets_tests.critics.test_class_check import Redness\n"
        "class Old(Redness):\n    name = 'old'\n    lacks = classmethod(lambda cls, brief: 'everything')\n"
    )
    studio.install("genart_assets.critics", "old = studio_package:Old", code)
    critics = ExtensionPoint(CRITICS.group, CRITICS.kind, CRITICS.problem)
    with pytest.raises(GenartError, match=r"'old' \(studio_package:Old\): .*'lacks'; did you mean 'missing_req"):
        critics.find("old")


def test_a_critic_is_asked_for_what_it_misses_and_sees() -> None:
    assert "style_guide.palette.brand" in missing_requirement("brand_colours", brief_of())
    assert missing_requirement("sharpness", brief_of()) == ""
    assert faults_of("sharpness") == {Fault.BLUR}
    assert faults_of("rendered") == frozenset()
