from __future__ import annotations

import pytest

from genart_assets.pictures.captions import ELLIPSIS, caption_font, wrapped

FONT = caption_font(11)


@pytest.mark.parametrize(
    "text",
    ["kiwi", "classic icon of kiwi fruit on navy background", "supercalifragilisticexpialidocious", "猫 " * 30, ""],
)
def test_captions_fit_their_box(text: str) -> None:
    lines = wrapped(text, FONT, 70, 2)
    assert len(lines) <= 2
    assert all(FONT.getlength(line) <= 70 for line in lines)


def test_words_stay_whole_and_what_is_cut_ends_in_an_ellipsis() -> None:
    first, second = wrapped("classic icon of kiwi fruit on navy background", FONT, 70, 2)
    assert first.split()[-1] in {"classic", "icon", "of"}
    assert second.endswith(ELLIPSIS)


def test_a_text_that_fits_is_left_alone() -> None:
    assert wrapped("red  apple", FONT, 200, 2) == ["red  apple"]
