from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.from_image.write_brief import WIDTH, brief_text
from genart_assets.records.brief import Brief, Sampler
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief

BRIEF = Brief(brief="cat", prompt="a cat", size=(96, 64), sampler=Sampler(scheduler="dpm++", steps=3, guidance=6.5))


def test_the_keys_that_were_set_stand_under_the_notes() -> None:
    assert brief_text(BRIEF, ["one", "two"]) == (
        "# - one\n# - two\nbrief: cat\nprompt: a cat\nsize: [96, 64]\n"
        "sampler: {scheduler: dpm++, steps: 3, guidance: 6.5}\n"
    )


def test_a_long_note_is_wrapped() -> None:
    lines = brief_text(BRIEF, ["word " * 60]).splitlines()
    assert all(len(line) <= WIDTH for line in lines)
    assert lines[1].startswith("#   word")


@settings(deadline=None)
@given(st.lists(st.text()))
def test_no_note_reaches_the_keys(notes: list[str]) -> None:
    assert read_brief(brief_text(BRIEF, notes), source="cat.yaml", known=installed()) == BRIEF
