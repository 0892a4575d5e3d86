"""Holds messages, remedies, descriptions and first lines to the rules for English, as far as a machine can."""

from __future__ import annotations

from pathlib import Path

import pytest

import genart_assets
from genart_assets_tests.english import error_classes, problems_of

PACKAGE = Path(genart_assets.__file__).parent
ERRORS = error_classes(PACKAGE)


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, id=str(file.relative_to(PACKAGE))) for file in sorted(PACKAGE.rglob("*.py"))],
)
def test_a_module_follows_the_rules(file: Path) -> None:
    assert problems_of(file.read_text(encoding="utf-8"), ERRORS) == []


def test_the_errors_of_all_folders_are_found() -> None:
    assert {"GenartError", "InputError", "CertificateNotValid", "NoSignature", "Refused"} <= ERRORS


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('raise InputError(f"{path} is no picture", remedy="give another")', "'is no ' in"),
        ('raise InputError("the file", remedy="it is kept in the home")', "'kept' in"),
        ('raise InputError("the file", remedy=f"see {path}, which tells why")', "'tells' in"),
        ('raise InputError("the file", remedy="Give another")', "begins with a capital"),
        ('raise InputError("the file", remedy="give another.")', "without a full stop"),
        ('raise InputError("the file", remedy="give another. Then wait")', "without a full stop"),
        ('raise InputError("the file", remedy=f"{why}. " + ("Then wait" if why else "wait."))', "without a full stop"),
        ('remedy = "Give another"\nraise InputError("the file", remedy=remedy)', "begins with a capital"),
        ('size = Field(description="as its metadata told")', "'told' in"),
        ('Problem(("size",), "it is no size")', "'is no ' in"),
    ],
)
def test_what_breaks_a_rule_is_named(line: str, found: str) -> None:
    problems = problems_of(f'"""Does something."""\n{line}\n', ERRORS)
    assert problems
    assert found in problems[0]


@pytest.mark.parametrize("first", ["", '"""Does something\n\nin two lines."""', '"""No full stop"""\n'])
def test_a_module_says_in_one_line_what_it_does(first: str) -> None:
    assert problems_of(f"{first}\nsize = 1\n", ERRORS)[0].startswith("1: ")


@pytest.mark.parametrize(
    "line",
    [
        'raise InputError("there is no style \'a\'", remedy="set GENART_HOME")',
        'raise InputError("the run is no longer there", remedy=f"{INSTALLATION}")',
        'raise ValueError("it is kept")',
        'raise InputError("the key", remedy="GENART_HOME must name a directory")',
    ],
)
def test_plain_english_passes(line: str) -> None:
    assert problems_of(f'"""Does something."""\n{line}\n', ERRORS) == []
