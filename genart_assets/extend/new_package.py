"""Writes a package of one's own: one file that works, its entry point, and its test."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Literal

from genart_assets.critics.known import CRITICS
from genart_assets.deliverables.formats import FORMATS
from genart_assets.errors import InputError
from genart_assets.models.families.protocol import FAMILIES
from genart_assets.moves.protocol import RETRY_MOVES
from genart_assets.plugins import ExtensionPoint
from genart_assets.records.base import Record

Kind = Literal["critic", "format", "move", "family"]
TEMPLATES = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class _Of:
    """What differs between the kinds."""

    point: ExtensionPoint[Any]
    registered: str
    """What the entry point names in the module; a template."""
    use: str
    """How a brief uses it; a template."""


KINDS: dict[Kind, _Of] = {
    "critic": _Of(CRITICS, "$class_name", "style_guide: {expect: {$name: {max: 200}}}"),
    "format": _Of(FORMATS, "encode", "deliver: {formats: [png, $name]}"),
    "move": _Of(RETRY_MOVES, "move", "retry: {rounds: 3, moves: [$name, new_seed]}"),
    "family": _Of(FAMILIES, "$class_name", "model: /folder/of/a/model   # whose model_index.json names $name"),
}


class NewPackage(Record):
    """A package that was written."""

    folder: str
    files: tuple[str, ...]
    """Names in the folder."""
    commands: tuple[str, ...]
    """What to run next."""
    use: str
    """The line of a brief that uses it."""


def write_package(kind: Kind, name: str, parent: Path) -> NewPackage:
    """Write the package into the folder ``name`` of ``parent``.

    Raises:
        InputError: the name is not one, is registered already, or the folder is there or cannot be made.
    """
    _require_name(kind, name)
    folder = parent / name
    if folder.exists() or folder.is_symlink():
        raise InputError(f"{folder} is there already", remedy="give another name, or work in another folder")
    short = name.removesuffix("Pipeline")
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", short).lower()
    of, module = KINDS[kind], f"{snake}_{kind}"
    words = {
        "name": name,
        "module": module,
        "class_name": f"{short}Family" if kind == "family" else "".join(map(str.capitalize, snake.split("_"))),
        "distribution": f"{snake}-{kind}".replace("_", "-"),
        "group": of.point.group,
    }
    words["registered"] = Template(of.registered).substitute(words)
    sources = {
        "pyproject.toml": "pyproject.toml",
        f"{module}.py": f"{kind}.py",
        f"test_{module}.py": f"{kind}_test.py",
    }
    texts = {file: _filled(source, words) for file, source in sources.items()}
    _write(folder, texts)
    install = f"pip install --no-build-isolation -e {name}"
    use = Template(of.use).substitute(words)
    return NewPackage(folder=str(folder), files=tuple(texts), commands=(install, f"pytest {name}"), use=use)


def _require_name(kind: Kind, name: str) -> None:
    if kind == "family":
        _require_pipeline(name)
    elif not NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be the name of a {kind}", remedy="use at most 32 of a-z, 0-9 and _, a letter first"
        )
    if name in KINDS[kind].point.names():
        raise InputError(f"a {kind} is registered as {name!r} already", remedy="give another name")


def _require_pipeline(name: str) -> None:
    import diffusers

    pipelines = [one for one in dir(diffusers) if one.endswith("Pipeline")]
    if name not in pipelines:
        raise InputError(
            f"diffusers {diffusers.__version__} has no pipeline class {name!r}",
            remedy="give the _class_name in the model_index.json of the models, for example StableDiffusionPAGPipeline",
        )


def _filled(source: str, words: dict[str, str]) -> str:
    return Template((TEMPLATES / f"{source}.tmpl").read_text(encoding="utf-8")).substitute(words)


def _write(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir()
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}", remedy="work in a writable folder") from error
    try:
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(f"{folder} cannot be written: {error.strerror}", remedy="free space on the disk") from error
