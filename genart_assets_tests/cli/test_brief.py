"""`genart brief from-image`: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from genart_assets.cli.brief import UNCHECKED, from_image_command
from genart_assets.errors import InputError
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief_file
from genart_assets_tests.from_image.pictures import FOOOCUS, WEB_UI, png
from genart_assets_tests.runner.command import genart


def called(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    return genart(home, "brief", "from-image", *arguments)


def command(*pictures: Path, **options: Any) -> int:
    return from_image_command(pictures, **{"out": None, "model": None, "as_json": False} | options)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return png(tmp_path / "Light House.png", parameters=WEB_UI)


def test_one_picture_goes_to_standard_output_as_a_brief(tmp_path: Path, picture: Path) -> None:
    told = called(picture, home=tmp_path / "home")
    assert (told.returncode, told.stderr) == (0, "")
    (tmp_path / "brief.yaml").write_text(told.stdout, encoding="utf-8")
    brief = read_brief_file(tmp_path / "brief.yaml", known=installed())
    assert (brief.brief, brief.prompt) == ("light-house", "a lighthouse at dusk, (glowing:1.2) lamp")
    assert told.stdout.startswith("# - from Light House.png, made with Automatic1111's web UI")
    assert not (tmp_path / "home").exists()


def test_json_is_one_object_and_nothing_else(tmp_path: Path, picture: Path) -> None:
    bad = png(tmp_path / "bad.png")
    told = called(picture, bad, "--json", home=tmp_path / "home")
    assert told.returncode == 2
    answer = json.loads(told.stdout)
    (one,) = answer["briefs"]
    assert (one["picture"], one["brief"], one["file"]) == (str(picture), "light-house", None)
    assert one["yaml"].splitlines()[0] == f"# - {one['notes'][0]}"
    (refused,) = answer["refused"]
    assert (refused["picture"], refused["problem"]) == (
        str(bad),
        f"{bad}: this picture does not say how it was made",
    )
    assert refused["remedy"]


def test_a_wrong_picture_is_named_without_a_traceback(tmp_path: Path) -> None:
    told = called(png(tmp_path / "bad.png"), home=tmp_path / "home")
    assert (told.returncode, told.stdout) == (2, "")
    assert [line.split(" ")[0] for line in told.stderr.splitlines()] == ["error:", "remedy:"]


def test_several_pictures_become_one_file_each(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    pictures = [picture, png(other / "light_house.png", parameters=FOOOCUS), tmp_path / "none.png"]
    assert command(*pictures, out=tmp_path / "briefs") == 2
    files = sorted((tmp_path / "briefs").iterdir())
    assert [file.name for file in files] == ["light-house-2.yaml", "light-house.yaml"]
    assert [read_brief_file(file, known=installed()).brief for file in files] == ["light-house-2", "light-house"]
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == str(tmp_path / "briefs" / "light-house.yaml")
    assert "none.png: there is no such file" in told.err


def test_one_picture_goes_into_a_file_or_a_folder(tmp_path: Path, picture: Path) -> None:
    assert command(picture, out=tmp_path / "new" / "x.yaml") == 0
    assert read_brief_file(tmp_path / "new" / "x.yaml", known=installed()).brief == "light-house"
    assert command(picture, out=tmp_path) == 0
    assert read_brief_file(tmp_path / "light-house.yaml", known=installed()).brief == "light-house"


def test_nothing_is_overwritten(tmp_path: Path, picture: Path) -> None:
    (tmp_path / "x.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.yaml exists already"):
        command(picture, out=tmp_path / "x.yaml")
    assert (tmp_path / "x.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("out", [None, "x.yaml", "a file"])
def test_several_briefs_need_a_folder(tmp_path: Path, picture: Path, out: str | None) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(InputError) as refused:
        command(picture, picture, out=out and tmp_path / out)
    assert "folder" in refused.value.remedy


def test_the_model_is_a_directory_a_hub_id_or_wrong(
    tmp_path: Path, picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    assert command(picture, model="org/name@0123abc") == 0
    printed = capsys.readouterr().out
    assert "model: org/name@0123abc" in printed
    assert UNCHECKED in printed.replace("\n#  ", "")
    for wrong in ("harbour.safetensors", "org/name"):
        with pytest.raises(InputError, match="--model given"):
            command(picture, model=wrong)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"field 'model': .*holds no safetensors weights"):
        command(picture, model=str(tmp_path / "empty"))
