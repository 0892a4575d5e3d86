"""Reads a style's YAML into a typed record and finds the files that it names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from genart_assets.errors import GenartError, InputError
from genart_assets.learning.styles import Style
from genart_assets.models.registry import find_model
from genart_assets.records.base import BRIEF_ID_PATTERN
from genart_assets.records.fields import Reference
from genart_assets.stages.briefs.files import directory_at, model_at
from genart_assets.stages.briefs.problems import FieldPath, Problem, refusal
from genart_assets.stages.briefs.read_briefs import read_text
from genart_assets.stages.briefs.references import read_picture
from genart_assets.stages.briefs.validation import problems_of
from genart_assets.stages.briefs.written import Written
from genart_assets.stages.briefs.yaml_text import read_tree
from genart_assets.starter.shipped import SHIPPED, SHIPPED_CLIP
from genart_assets.storage.pixels import pixel_sha256

STYLE = Written(
    record=Style,
    name="style",
    wanted="write at least the keys style, briefs, references and trial",
    example="write keys and values, such as 'style: house'; one style a file",
    shorter="show the style with fewer pictures, and try it with fewer prompts",
    then="give the style again; nothing was learnt from it",
)
PICTURES = {".png", ".jpg", ".jpeg", ".webp", ".avif"}


def read_style(path: str | Path) -> Style:
    """Read a style from a UTF-8 YAML file; its paths are relative to the file's folder.

    ``references`` lists pictures, or names a folder; then all pictures in it are taken, in the order of their names.

    Raises:
        InputError: the file cannot be read, or something in it is wrong; the message has one line per problem.
    """
    source, folder = os.fspath(path), Path(path).absolute().parent
    tree = read_tree(read_text(path, STYLE), source, STYLE)
    problems: list[Problem] = []
    data = cast("dict[str, Any]", dict(tree.data))
    if isinstance(data.get("references"), str):
        data["references"] = _pictures_of(folder / data["references"], problems)
    try:
        style = Style.model_validate(data, strict=True)
    except ValidationError as error:
        raise refusal(source, [*problems_of(error, tree), *problems], tree.lines, STYLE.then) from error
    problems += [*tree.problems, *_cannot_be_tried(style)]
    style = _with_files(style, folder, problems)
    if problems:
        raise refusal(source, problems, tree.lines, STYLE.then)
    return style


def _pictures_of(folder: Path, problems: list[Problem]) -> tuple[str, ...]:
    """All pictures in a folder; a folder without pictures is the same problem as a missing folder."""
    found = tuple(sorted(str(file) for file in folder.rglob("*") if file.suffix.lower() in PICTURES))
    if not found:
        allowed = (
            "a folder with a picture, or a list of pictures" if folder.is_dir() else "a folder, or a list of pictures"
        )
        problems.append(Problem(("references",), f"given {folder}; allowed: {allowed}"))
    return found


def _cannot_be_tried(style: Style) -> list[Problem]:
    """What would make the trial fail after the fine-tune, and brief ids that cannot exist."""
    trial = style.trial
    found = [
        Problem(("briefs", index), f"given {brief!r}; allowed: the id of a brief, as its key `brief` gives it")
        for index, brief in enumerate(style.briefs)
        if not re.fullmatch(BRIEF_ID_PATTERN, brief)
    ]
    for field, values in (("prompts", trial.prompts), ("seeds", trial.seeds)):
        found += [
            Problem(("trial", field, index), f"{value!r} is repeated")
            for index, value in enumerate(values)
            if value in values[:index]
        ]
    found += [
        Problem(("trial", "seeds", index), f"given {seed}; allowed: 0 or more")
        for index, seed in enumerate(trial.seeds)
        if seed < 0
    ]
    return found


def _with_files(style: Style, folder: Path, problems: list[Problem]) -> Style:
    found: dict[str, Any] = {"references": tuple(_references(style, folder, problems))}
    for field, find in (
        ("model", model_at),
        ("clip_model", model_at),
        ("house_style", directory_at),
        ("preference_head", directory_at),
    ):
        if (name := getattr(style, field)) is not None:
            found[field] = _taken(find((field,), name, folder), problems)
    if (checker := style.trial.safety_checker) is not None:
        taken = _taken(model_at(("trial", "safety_checker"), checker, folder), problems)
        found["trial"] = style.trial.model_copy(update={"safety_checker": taken})
    if problems:
        return style
    for field, shipped in (("model", SHIPPED), ("clip_model", SHIPPED_CLIP)):
        try:
            find_model(found[field], shipped)
        except GenartError as error:
            problems.append(Problem((field,), f"{error.message}; {error.remedy}"))
    return style.model_copy(update=found)


def _taken(found: str | Problem, problems: list[Problem]) -> str:
    if isinstance(found, Problem):
        problems.append(found)
        return ""
    return found


def _references(style: Style, folder: Path, problems: list[Problem]) -> list[Reference]:
    read: list[Reference] = []
    for index, reference in enumerate(style.references):
        path: FieldPath = ("references", index)
        file = os.path.join(folder, reference.path)
        try:
            read.append(Reference(sha256=pixel_sha256(read_picture(file)), path=file))
        except InputError as error:
            problems.append(Problem(path, f"{error.message}; {error.remedy}"))
    return read
