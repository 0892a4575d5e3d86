import pytest

from genart_assets.critics.known import CRITICS
from genart_assets.errors import InputError
from genart_assets.quality.bounds import bound_text, bounds_of
from genart_assets.quality.style_suite import style_suite
from genart_assets.records.style_guide import Bound
from genart_assets_tests.critics.drawn import brief_of


def suite_of(style_guide):
    return style_suite(brief_of(style_guide=style_guide), CRITICS.names())


def test_each_bound_becomes_a_score_that_is_there_and_lies_within():
    suite = suite_of({"expect": {"sharpness": {"min": 30}, "exposure": {"min": 20, "max": 90}}})
    assert [(e.type, e.kwargs["column"]) for e in suite.expectations] == [
        ("ExpectColumnValuesToNotBeNull", "sharpness"),
        ("ExpectColumnValuesToBeBetween", "sharpness"),
        ("ExpectColumnValuesToNotBeNull", "exposure"),
        ("ExpectColumnValuesToBeBetween", "exposure"),
    ]
    assert suite.expectations[3].kwargs == {"column": "exposure", "min_value": 20.0, "max_value": 90.0}
    assert suite.expectations[1].meaning == "sharpness ≥ 30"


def test_a_palette_bounds_its_distance_unless_the_brief_does():
    palette = {"background": "#1e9696", "max_delta_e": 9}
    assert bounds_of(brief_of(style_guide={"palette": palette})) == {"palette_distance": Bound(max=9)}
    both = brief_of(style_guide={"palette": palette, "expect": {"palette_distance": {"max": 4}}})
    assert bounds_of(both) == {"palette_distance": Bound(max=4)}


def test_no_style_guide_expects_nothing():
    assert suite_of({}).expectations == ()


def test_an_unknown_critic_is_refused_with_a_suggestion():
    with pytest.raises(InputError, match=r"style_guide.expect.sharpnes: .*known: .*\n.*did you mean 'sharpness'"):
        suite_of({"expect": {"sharpnes": {"min": 3}}})
    with pytest.raises(InputError, match="no critic is called 'beauty'"):
        suite_of({"expect": {"beauty": {"max": 0.2}}})


def test_a_bound_on_a_palette_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no palette to measure against"):
        suite_of({"expect": {"palette_distance": {"max": 3}}})


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.24, None, "≥ 0.24"), (None, 12, "≤ 12"), (3, 9, "3 to 9"), (None, None, "")]
)
def test_a_bound_reads_as_people_write_it(low, high, text):
    assert bound_text(low, high) == text
