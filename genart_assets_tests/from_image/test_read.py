from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import InputError
from genart_assets.from_image import read as reading
from genart_assets.from_image.read import read_generation_metadata
from genart_assets_tests.from_image.pictures import (
    FOOOCUS,
    INVOKEAI,
    WEB_UI,
    comfyui_default,
    comfyui_webp,
    fooocus_jpeg,
    png,
    with_comment,
)


def test_each_tool_is_told_from_the_others(tmp_path: Path) -> None:
    web_ui, fooocus = "Automatic1111's web UI, Forge or a similar tool", "Fooocus"
    pictures = {
        png(tmp_path / "1.png", parameters=WEB_UI): web_ui,
        with_comment(tmp_path / "2.jpg", WEB_UI): web_ui,
        with_comment(tmp_path / "3.webp", WEB_UI): web_ui,
        png(tmp_path / "4.png", parameters=FOOOCUS, fooocus_scheme="fooocus"): fooocus,
        fooocus_jpeg(tmp_path / "5.jpg"): fooocus,
        png(tmp_path / "6.png", invokeai_metadata=INVOKEAI): "InvokeAI",
        png(tmp_path / "7.png", prompt=comfyui_default(), workflow={"nodes": []}): "ComfyUI",
        comfyui_webp(tmp_path / "8.webp", comfyui_default()): "ComfyUI",
        png(tmp_path / "9.png", prompt=comfyui_default(), parameters=WEB_UI): web_ui,
    }
    assert {path: read_generation_metadata(path).tool for path in pictures} == pictures


@pytest.mark.parametrize("texts", [{}, {"Software": "GIMP"}, {"prompt": "a caption"}, {"parameters": "none"}])
def test_a_picture_that_tells_nothing_is_named(tmp_path: Path, texts: dict[str, str]) -> None:
    with pytest.raises(InputError, match=r"a\.png: this picture does not say how it was made") as refused:
        read_generation_metadata(png(tmp_path / "a.png", **texts))
    assert "ComfyUI" in refused.value.remedy


def test_a_making_without_a_prompt_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.png: its metadata of InvokeAI has no prompt"):
        read_generation_metadata(png(tmp_path / "a.png", invokeai_metadata=INVOKEAI | {"positive_prompt": " "}))


def test_the_pictures_own_size_stands_in(tmp_path: Path) -> None:
    found = read_generation_metadata(
        png(tmp_path / "a.png", (72, 40), parameters="cat\nSteps: 3, Sampler: Euler, Seed: 1")
    )
    assert found.size == (72, 40)
    assert found.remarks == ("its metadata does not say the size: the picture's own is used",)


def test_what_is_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read_generation_metadata(tmp_path / "none.png")
    with pytest.raises(InputError, match="there is no such file"):
        read_generation_metadata(tmp_path)
    monkeypatch.setattr(reading, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="at most 100 are allowed"):
        read_generation_metadata(png(tmp_path / "a.png", parameters=WEB_UI))


def test_an_svg_without_a_recipe_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.svg holds no recipe"):
        read_generation_metadata(tmp_path / "a.svg")
