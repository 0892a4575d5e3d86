"""Words are the same whatever their case and their Unicode form, and are found whole."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genart_assets.records.words import Phrases, words_of

FORBIDDEN = Phrases(["redhead", "Straße", "blood gore", "café", "銃", "हिन्दी"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a Redhead, smiling", ["redhead"]),
        ("the redhead's hat", ["redhead"]),
        ("pre-redhead_x", ["redhead"]),
        ("(redhead:1.3)", ["redhead"]),
        ("red head", []),
        ("redheads", []),
        ("STRASSE and STRAẞE", ["Straße"]),
        ("blood, gore", ["blood gore"]),
        ("blood-\ngore", ["blood gore"]),
        ("gore blood", []),
        ("bloodgore", []),
        ("a cafe\u0301", ["café"]),
        ("CAFÉ", ["café"]),
        ("a cafe", []),
        ("ｒｅｄｈｅａｄ", ["redhead"]),
        ("𝐫𝐞𝐝𝐡𝐞𝐚𝐝", ["redhead"]),
        ("red\u00adhe\u200bad", ["redhead"]),
        ("銃を持つ猫", ["銃"]),
        ("हिन्दी में", ["हिन्दी"]),
        ("", []),
        ("redhead blood gore", ["redhead", "blood gore"]),
    ],
)
def test_whole_words_are_found_and_parts_of_words_are_not(text: str, found: list[str]) -> None:
    assert FORBIDDEN.found_in(text) == found


@given(st.text())
def test_case_and_normal_form_make_no_difference(text: str) -> None:
    words = words_of(text)
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert words_of(unicodedata.normalize(form, text)) == words
    assert words_of(" ".join(words)) == words
    assert words_of(text.casefold()) == words


@given(st.text(alphabet="abAB -é\u0301ß"), st.text(alphabet="abAB é\u0301ß", min_size=1))
def test_a_phrase_is_found_where_its_words_stand_one_after_the_other(text: str, phrase: str) -> None:
    words, wanted = words_of(text), words_of(phrase)
    if wanted:
        stands = any(words[at : at + len(wanted)] == wanted for at in range(len(words)))
        assert Phrases([phrase]).found_in(text) == ([phrase] if stands else [])
