from __future__ import annotations

import pytest

from genart_assets.errors import InputError
from genart_assets.from_image.generation_metadata import number, object_in, size_in, size_of, text


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (20, 20.0),
        ("6.5", 6.5),
        (" 7 ", 7.0),
        ("nan", None),
        (float("inf"), None),
        (True, None),
        ("", None),
        ([1], None),
    ],
)
def test_a_number_is_finite_or_none(given: object, read: float | None) -> None:
    assert number(given) == read


def test_numbers_beyond_floats_are_none() -> None:
    assert number(10**400) is None
    assert number("1" * 5000) is None
    assert text(10**5000) == ""


@pytest.mark.parametrize("written", ["512x768", "(512, 768)", "512 × 768", "512*768"])
def test_sizes_are_read_as_the_tools_write_them(written: str) -> None:
    assert size_in(written) == (512, 768)


@pytest.mark.parametrize("given", [(0, 8), (-8, 8), (8, 10**9), (None, 8), ("nan", 8)])
def test_what_is_no_size_is_none(given: tuple[object, object]) -> None:
    assert size_of(*given) is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('{"a": ', "is damaged"),
        ("[" * 100_000, "nested too deep"),
        ("[1]", "does not hold settings"),
        ("1" * 5000, "damaged"),
    ],
)
def test_damaged_json_is_named_with_its_place(written: str, problem: str) -> None:
    with pytest.raises(InputError, match=f"a.png: 'prompt'.*{problem}") as refused:
        object_in(written, "a.png: 'prompt'")
    assert refused.value.remedy
