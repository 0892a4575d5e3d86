"""What the pages show can be run: YAML is read by the real readers, shell lines are commands that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from genart_assets.errors import InputError
from genart_assets.learning.read_style import read_style
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.briefs.read_studio import FILE, read_studio
from genart_assets.storage.pixels import encode_png
from genart_assets_tests.docs.pages import ROOT, Block, blocks, page_files

YAML = list(blocks("yaml"))
SHELL = list(blocks("sh", "bash", "shell", "console"))
MODULE = re.compile(r"python -m (genart_assets[\w.]*)")
INLINE = re.compile(r"`(genart [^`]+)`")
OF_A_FIELD = {"image", "mask", "references"}
"""Keys whose values are paths of pictures."""


def test_there_is_something_to_check() -> None:
    assert len(YAML) >= 8
    assert len(SHELL) >= 8


@pytest.mark.parametrize("block", YAML, ids=str)
def test_every_yaml_block_is_read_by_its_reader(block: Block, tmp_path: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(block.body)
    if "style" in content and "trial" in content:
        _draw_pictures(content, tmp_path)
        path = tmp_path / "style.yaml"
        path.write_text(block.body, encoding="utf-8")
        _read_without_hub(path)
    elif "brief" in content:
        _draw_pictures(content, tmp_path)
        read_brief(block.body, source=str(block), folder=tmp_path, known=installed())
    else:
        assert {*content} <= {*StudioLatitudes.model_fields}, f"{block}: neither a brief, a style nor a studio.yaml"
        (tmp_path / FILE).write_text(block.body, encoding="utf-8")
        read_studio(tmp_path)


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_every_shell_block_parses(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.body, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block}: {done.stderr}"


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_every_genart_line_is_a_command_with_options_that_exist(block: Block) -> None:
    for line in block.body.replace("\\\n", " ").splitlines():
        for command in re.split(r"&&|\|\||[|;]", line):
            words = shlex.split(command, comments=True)
            if words[:1] == ["genart"]:
                _require_known(words[1:], f"{block}: {line}")


@pytest.mark.parametrize("file", page_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_genart_command_in_a_sentence_exists(file: Path) -> None:
    for command in INLINE.findall(file.read_text(encoding="utf-8")):
        _require_known(shlex.split(command)[1:], f"{file.name}: {command}")


@pytest.mark.parametrize("file", page_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_module_that_a_page_runs_is_there(file: Path) -> None:
    for module in MODULE.findall(file.read_text(encoding="utf-8")):
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), f"{file.name}: {module}"


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_every_python_block_compiles(block: Block) -> None:
    compile(block.body, str(block), "exec")


def test_the_check_refuses_what_does_not_exist() -> None:
    for wrong in (["rnu"], ["run", "--jsno"], ["brief", "from-imge"], ["styles", "--rollback"]):
        with pytest.raises(AssertionError):
            _require_known(wrong, "here")


@pytest.mark.parametrize("file", page_files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(file: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", file.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            assert (file.parent / target).exists(), f"{file.name} links to {target}"


def test_readme_has_about_120_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 135


def _read_without_hub(style: Path) -> None:
    """A style's models are looked up while it is read; where the hub cannot be reached, that alone may be wrong."""
    problems: list[str] = []
    try:
        read_style(style)
    except InputError as error:
        problems = error.message.splitlines()
    assert not [line for line in problems if "could not be loaded from the hub" not in line]


def _require_known(words: list[str], where: str) -> None:
    from genart_docs.command_pages import options_of, tree

    known = dict(tree())
    if words[:1] in (["--help"], ["--version"]):
        return
    called = next((name for name in known if tuple(words[: len(name)]) == name), None)
    assert called is not None, f"{where}: there is no such command"
    given = {word.partition("=")[0] for word in words[len(called) :] if word.startswith("-")}
    unknown = given - options_of(known[called]) - {"--help"}
    assert not unknown, f"{where}: unknown {', '.join(sorted(unknown))}"


def _draw_pictures(content: dict[str, Any], folder: Path) -> None:
    """A picture at every path that the file names, with each value of vary filled in."""
    varied = content.get("vary", {})
    for template in _templates(content):
        for path in _filled(template, varied):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.suffix:
                file = file / "picture.png"
                file.parent.mkdir(exist_ok=True)
            file.write_bytes(encode_png(_shape(*content.get("size", (64, 64)))))
    for name in (use["name"] for use in content.get("loras", []) if str(use["name"]).endswith(".safetensors")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def _templates(content: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for key, value in content.items():
        if isinstance(value, dict):
            found += _templates(value)
        elif key in OF_A_FIELD:
            found += [value] if isinstance(value, str) else value
    return found


def _filled(template: str, varied: dict[str, list[str]]) -> list[str]:
    paths = [template]
    for name, values in varied.items():
        if f"{{{name}}}" in template:
            paths = [path.replace(f"{{{name}}}", str(value)) for path in paths for value in values]
    return paths


def _shape(width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """White on black, as control images and masks want it."""
    picture = np.zeros((height, width, 3), dtype=np.uint8)
    picture[height // 3 : height // 2, width // 3 : width // 2] = 255
    return picture
