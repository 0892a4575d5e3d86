import json

import numpy as np
import pytest

from genart_assets.errors import InputError
from genart_assets.starter_training.icons import SIDE, rasterise, read_icons
from genart_assets.starter_training.vocabulary import Pair
from genart_assets_tests.starter_training.icon_packages import WORDS, write_packages


def test_every_pair_is_drawn_and_so_are_the_other_styles(icons):
    assert set(icons) == {
        Pair(subject, style) for subject in WORDS.subjects for style in (*WORDS.styles, *WORDS.other_sets)
    }
    assert all((icon.shape, icon.dtype) == ((SIDE, SIDE, 4), np.uint8) for icon in icons.values())


def test_an_icon_is_trimmed_and_centred(icons):
    alpha = icons[Pair("box", "flat")][..., 3]
    rows, columns = np.flatnonzero(alpha.max(axis=1)), np.flatnonzero(alpha.max(axis=0))
    assert (columns[0], columns[-1]) == (0, SIDE - 1)
    assert abs(rows[0] - (SIDE - 1 - rows[-1])) <= 1


def test_an_icon_has_the_colour_of_its_set(icons):
    middle = icons[Pair("ball", "classic")][SIDE // 2, SIDE // 2]
    assert tuple(middle) == (0xD8, 0x34, 0x3F, 255)


def test_another_version_of_a_package_is_refused_with_the_command_that_installs_the_right_one(tmp_path):
    sources = write_packages(tmp_path)
    manifest = tmp_path / "node_modules/@iconify-json/noto/package.json"
    manifest.write_text(json.dumps({"version": "0.0.1"}))
    with pytest.raises(InputError, match=r"noto is 0\.0\.1 .*the recipe needs") as refused:
        read_icons(sources, WORDS)
    assert refused.value.remedy.startswith(f"npm install --prefix {tmp_path} @iconify-json/noto@")


def test_a_missing_package_is_named(tmp_path):
    sources = write_packages(tmp_path)
    (tmp_path / "node_modules/emojibase-data/package.json").unlink()
    with pytest.raises(InputError, match="emojibase-data is not installed"):
        read_icons(sources, WORDS)


def test_a_subject_without_an_icon_is_named_unless_only_another_style_lacks_it(tmp_path):
    with pytest.raises(InputError, match="'kite' has no icon in twemoji"):
        read_icons(write_packages(tmp_path / "a", without=("twemoji", "kite")), WORDS)
    drawn = read_icons(write_packages(tmp_path / "b", without=("fluent-emoji-high-contrast", "kite")), WORDS)
    assert Pair("kite", "ink") not in drawn
    assert Pair("ball", "ink") in drawn


def test_a_drawing_of_nothing_is_an_empty_icon():
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"></svg>'
    assert rasterise(svg).max() == 0
