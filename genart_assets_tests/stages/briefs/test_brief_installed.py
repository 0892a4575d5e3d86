"""A brief is held against what is installed: critics, formats, retry moves and models."""

from __future__ import annotations

import pytest

from genart_assets.errors import InputError
from genart_assets.instance.home import HOME_VARIABLE
from genart_assets.records.brief import Brief
from genart_assets.signing.studio import CERTIFICATE_VARIABLE, KEY_VARIABLE
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.installed import Installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets_tests.deliverables.test_formats import TIFF
from genart_assets_tests.stages.briefs.briefs_read import SMALL, read, refused
from genart_assets_tests.studio_package import StudioPackages, studio

__all__ = ["studio"]


@pytest.mark.parametrize(("critic", "extra"), [("unsafe", "unsafe"), ("stray_text", "text")])
def test_a_critic_whose_extra_is_not_installed_is_refused(
    critic: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SMALL + f"style_guide: {{expect: {{{critic}: {{max: 0.2}}}}}}"
    assert critic in read(text).style_guide.expect
    monkeypatch.setattr("genart_assets.models.onnx.find_spec", lambda name: None)
    message = refused(text)
    assert f"b.yaml:4: field 'style_guide.expect.{critic}': " in message
    assert f"are not installed; pip install 'genart-assets[{extra}]'" in message


def test_the_model_is_asked_once_its_fields_are_right() -> None:
    asked: list[Brief] = []

    def check(brief: Brief) -> list[tuple[str, str]]:
        asked.append(brief)
        return [("size", "the model draws 32 to 128 px")]

    def message(text: str) -> str:
        with pytest.raises(InputError) as caught:
            read_brief(text, source="b.yaml", check_model=check, known=installed())
        return caught.value.message

    assert message(SMALL + "size: [256, 256]\nretry: 3").startswith(
        "b.yaml:4: field 'size': the model draws 32 to 128 px\n"
    )
    assert len(asked) == 1
    message(SMALL + "size: [257, 256]")
    assert len(asked) == 1


def test_installed_critics_and_formats_are_known() -> None:
    good = SMALL + "style_guide: {expect: {sharpness: {min: 1}}}\ndeliver: {formats: [jpeg]}"
    assert read_brief(good, source="b.yaml", known=installed()).deliver.formats == ("jpeg",)


def test_retry_moves_are_known_and_named_once() -> None:
    assert read(SMALL + "retry: {rounds: 2, moves: [new_seed, more_steps]}").retry.moves == ("new_seed", "more_steps")
    message = refused(SMALL + "retry: {rounds: 2, moves: [new_seed, more_step, new_seed]}")
    assert "field 'retry.moves[1]': unknown retry move; did you mean 'more_steps'?" in message
    assert "field 'retry.moves[2]': new_seed stands at [0] too; remove one of them" in message


def test_a_format_that_cannot_be_signed_is_refused_where_deliveries_are_signed(
    studio: StudioPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.install("genart_assets.deliverables", "unsigned_tiff = studio_package:encode", TIFF % "False")
    text = SMALL + "deliver: {formats: [png, unsigned_tiff]}"
    with pytest.raises(InputError) as caught:
        read_brief(text, source="b.yaml", known=installed())
    assert "b.yaml:4: field 'deliver.formats[1]': deliverable format 'unsigned_tiff' cannot be signed" in str(
        caught.value
    )
    assert "take the format out of deliver.formats" in str(caught.value)
    for variable in (HOME_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    assert read_brief(text, source="b.yaml", known=installed()).deliver.formats == ("png", "unsigned_tiff")


def test_a_format_that_does_not_load_is_refused_before_anything_is_drawn(studio: StudioPackages) -> None:
    studio.install("genart_assets.deliverables", "broken = studio_package:missing", "")
    with pytest.raises(InputError, match=r"field 'deliver\.formats\[0\]': .*'broken' .* cannot be loaded"):
        read_brief(SMALL + "deliver: {formats: [broken]}", source="b.yaml", known=installed())


def test_what_is_known_is_handed_in() -> None:
    known = Installed(
        critics=frozenset({"redness"}),
        formats=frozenset({"tiff"}),
        moves=frozenset({"repaint"}),
        missing_requirement=lambda name, brief: f"{name} misses {brief.brief}; add it",
        format_problem=lambda name: f"{name} has a problem; solve it",
    )
    guide = (
        "style_guide: {expect: {redness: {max: 3}}}\nretry: {rounds: 1, moves: [repaint]}\ndeliver: {formats: [tiff]}"
    )
    with pytest.raises(InputError) as caught:
        read_brief(f"{SMALL}{guide}", source="b.yaml", known=known)
    lines = caught.value.message.splitlines()
    assert [line.partition("': ")[2] for line in lines] == [
        "redness misses fruit; add it",
        "tiff has a problem; solve it",
    ]
