"""The words of a text, as they are compared whatever their case and their Unicode form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ASCII_WORD = re.compile("[a-z0-9]+")
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""What Unicode calls default ignorable: nobody sees it, and it would part a word (soft hyphens, joiners)."""
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts that write no spaces between words: Thai, Lao, Myanmar, Khmer, Japanese, Chinese."""


def words_of(text: str) -> list[str]:
    """The runs of letters, digits and combining marks; each character of a script without spaces is one of its own.

    Two words are equal if Unicode's compatibility caseless matching (The Unicode Standard, D146) says so, without
    what is default ignorable. Letters of two scripts that look alike stay different.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    folded = unicodedata.normalize("NFD", _IGNORED.sub("", text)).casefold()
    folded = unicodedata.normalize("NFKD", folded).casefold()
    return unicodedata.normalize("NFKC", folded).translate(_SPACED).split()


class _Spaced(dict[int, str]):
    """Code point to what stands for it where words are parted by spaces; each is looked up once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        is_of_a_word = character.isalnum() or unicodedata.category(character).startswith("M")
        spaced = f" {character} " if _UNSPACED.match(character) else character
        self[code] = spaced if is_of_a_word else " "
        return self[code]


_SPACED = _Spaced()


class Phrases:
    """Words and phrases, each of one word at least, that are looked for in many texts."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], str]] = {}
        for phrase in phrases:
            words = tuple(words_of(phrase))
            self._by_first.setdefault(words[0], {})[words] = phrase

    def found_in(self, text: str) -> list[str]:
        """Those that stand in a text as whole words, one after the other, in the order of the text and as written.

        What stands between two words of a phrase (spaces, hyphens, commas) makes no difference.
        """
        words = words_of(text)
        starts = [at for at, word in enumerate(words) if word in self._by_first]
        found = [
            phrase
            for at in starts
            for wanted, phrase in self._by_first[words[at]].items()
            if tuple(words[at : at + len(wanted)]) == wanted
        ]
        return list(dict.fromkeys(found))
