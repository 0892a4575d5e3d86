from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from genart_assets.errors import InputError
from genart_assets.from_image.picture_texts import MAX_TEXT, texts_of
from genart_assets_tests.from_image.pictures import (
    WEB_UI,
    comfyui_default,
    comfyui_webp,
    fooocus_jpeg,
    png,
    with_comment,
)


@pytest.mark.parametrize("compressed", [False, True])
def test_every_kind_of_png_text_is_read(tmp_path: Path, compressed: bool) -> None:
    info = PngInfo()
    info.add_text("parameters", WEB_UI, zip=compressed)
    info.add_itxt("prompt", "Leuchtturm 灯台", zip=compressed)
    Image.new("RGB", (96, 64)).save(tmp_path / "a.png", pnginfo=info)
    found = texts_of(tmp_path / "a.png")
    assert (found.texts["parameters"], found.texts["prompt"], found.size) == (WEB_UI, "Leuchtturm 灯台", (96, 64))


def test_a_text_after_the_pixels_is_read(tmp_path: Path) -> None:
    data = png(tmp_path / "a.png").read_bytes()
    body = b"tEXtparameters\0" + WEB_UI.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = data.index(b"IEND") - 4
    (tmp_path / "a.png").write_bytes(data[:end] + chunk + data[end:])
    assert texts_of(tmp_path / "a.png").texts["parameters"] == WEB_UI


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.avif", "a.png"])
@pytest.mark.parametrize("code", ["utf-16-be", "utf-16-le"])
def test_a_user_comment_is_read_in_either_byte_order(tmp_path: Path, name: str, code: str) -> None:
    assert texts_of(with_comment(tmp_path / name, f"{WEB_UI} 灯台", code)).texts["parameters"] == f"{WEB_UI} 灯台"


def test_fooocus_and_comfyui_keep_theirs_in_other_tags(tmp_path: Path) -> None:
    assert texts_of(fooocus_jpeg(tmp_path / "a.jpg")).texts["parameters"].startswith('{"adaptive_cfg"')
    found = texts_of(comfyui_webp(tmp_path / "a.webp", comfyui_default())).texts
    assert found["prompt"].startswith('{"3"')
    assert found["workflow"] == '{"links": []}'


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.png"])
def test_a_picture_that_is_cut_off_is_named(tmp_path: Path, name: str) -> None:
    path = with_comment(tmp_path / name, WEB_UI)
    Image.effect_noise((200, 200), 90).save(path)
    path.write_bytes(path.read_bytes()[:-900])
    with pytest.raises(InputError, match=f"{name} cannot be read to its end") as refused:
        texts_of(path)
    assert "whole file" in refused.value.remedy


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"a text", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.png"):
        texts_of(tmp_path / "a.png")


def test_texts_without_end_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"'parameters' has {MAX_TEXT + 1:,} characters"):
        texts_of(png(tmp_path / "a.png", parameters="x" * (MAX_TEXT + 1)))
    info = PngInfo()
    info.add_text("parameters", "x" * 2**22, zip=True)
    Image.new("RGB", (8, 8)).save(tmp_path / "b.png", pnginfo=info)
    with pytest.raises(InputError, match=r"b\.png cannot be read to its end: .*"):
        texts_of(tmp_path / "b.png")


def test_a_picture_of_too_many_pixels_is_named(tmp_path: Path) -> None:
    data = bytearray(png(tmp_path / "a.png").read_bytes())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.png cannot be read to its end.*pixels"):
        texts_of(tmp_path / "a.png")
