"""What a brief says is read as it is meant, and what is not content changes no hash."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.style_guide import Bound
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief_file
from genart_assets_tests.stages.briefs.briefs_read import EVERY_KEY, SMALL, read, refused, silhouette


def test_every_key_of_the_architecture_page_is_read(tmp_path: Path) -> None:
    (tmp_path / "outlines").mkdir()
    for subject in ("red apple", "pineapple", "carrot"):
        silhouette(tmp_path / "outlines" / f"{subject}.png")
    brief = read(EVERY_KEY, tmp_path)
    assert brief.slot_count == 24
    assert list(brief.vary) == ["subject", "style", "background"]
    assert brief.loras[0].scale == 0.8
    assert brief.control is not None
    assert brief.control.image == "outlines/{subject}.png"
    assert brief.latitudes.guidance == (3.0, 9.0)
    assert brief.style_guide.expect["palette_distance"] == Bound(max=10)
    assert brief.review.sample == 0.1


@pytest.mark.parametrize(
    ("written", "share"), [("none", 0.0), ("all", 1.0), ("{sample: 0.25}", 0.25), ("{sample: 1}", 1.0)]
)
def test_review_is_a_word_or_a_share(written: str, share: float) -> None:
    assert read(f"{SMALL}review: {written}").review.sample == share


def test_a_stated_palette_expectation_wins_over_the_palette() -> None:
    guide = 'style_guide: {palette: {background: "#1e9696"}, expect: {palette_distance: {max: 3}}}'
    assert read(SMALL + guide).style_guide.expect == {"palette_distance": Bound(max=3)}
    assert read(SMALL + 'style_guide: {palette: {background: "#1e9696"}}').style_guide.expect == {
        "palette_distance": Bound(max=12)
    }


def test_brand_colours_need_no_background() -> None:
    guide = "style_guide: {palette: {brand: ['#dc1e1e']}, expect: {brand_colours: {min: 0.3}}}"
    brief = read(SMALL + guide)
    assert list(brief.style_guide.expect) == ["brand_colours"]
    assert Brief.model_validate_json(brief.canonical()) == brief


def test_layout_comments_and_key_order_are_not_content() -> None:
    other = "# a comment\nvary:\n  subject:\n  - 'pear'\n  - plum\nprompt: '{subject} icon'\nbrief: fruit\nrepeats: 1\n"
    assert read(other).brief_hash == read(SMALL).brief_hash
    assert read(SMALL + "sampler: {guidance: 5}").brief_hash == read(SMALL + "sampler: {guidance: 5.0}").brief_hash


def test_the_order_of_vary_is_content() -> None:
    one = 'brief: a\nprompt: "{x} {y}"\nvary: {x: [p], y: [q, r]}'
    two = 'brief: a\nprompt: "{x} {y}"\nvary: {y: [q, r], x: [p]}'
    assert read(one).brief_hash != read(two).brief_hash
    assert list(Brief.model_validate_json(read(two).canonical()).vary) == ["y", "x"]


def test_placeholders_of_literal_braces_are_text() -> None:
    assert read("brief: a\nprompt: 'json {{x}}'").prompt == "json {{x}}"


def test_a_palette_has_a_colour_for_each_background() -> None:
    text = """\
brief: a
prompt: "icon on {background}"
vary: {background: [teal, navy]}
style_guide: {palette: {background: {teal: "#1e9696", nvy: "#182454"}}}
"""
    message = refused(text)
    assert "field 'style_guide.palette.background.nvy': no value of vary.background; did you mean 'navy'?" in message
    assert "field 'style_guide.palette.background': no colour for navy" in message
    assert read(text.replace("nvy", "navy")).style_guide.palette is not None
    assert "field 'style_guide.palette.background.teal'" in refused(text.replace("#1e9696", "teal"))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "fruit.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_brief_file(path, known=installed()).brief == "fruit"
    bad = {
        b"brief: a\nprompt: \xff\xfe": f"{path}:2: byte 17 (0xff) is not UTF-8",
        SMALL.encode("utf-16"): "is not UTF-8",
        b"#" * (2**20 + 1): "has more than 1,048,576 bytes",
    }
    for data, says in bad.items():
        path.write_bytes(data)
        with pytest.raises(InputError, match=r".") as caught:
            read_brief_file(path, known=installed())
        assert says in caught.value.message
    for missing in (tmp_path / "none.yaml", tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match="there is no such file"):
            read_brief_file(missing, known=installed())
