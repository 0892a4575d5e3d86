"""Briefs as the studio writes them, read into `Brief` or refused with every problem named."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.records.style_guide import Bound
from genart_assets.stages.briefs.checks import (
    check_critics,
    check_formats,
    check_latitudes,
    check_moves,
    check_names,
    check_palette,
    check_prompts,
    check_slots,
    check_strength,
)
from genart_assets.stages.briefs.files import controls_of, directory_at, lora_at, model_at, references_of, starts_of
from genart_assets.stages.briefs.installed import Installed
from genart_assets.stages.briefs.problems import FieldPath, Problem, refusal
from genart_assets.stages.briefs.studio_checks import check_studio
from genart_assets.stages.briefs.validation import MAX_FOUND, problems_of
from genart_assets.stages.briefs.written import BRIEF, Written
from genart_assets.stages.briefs.yaml_text import MAX_BYTES, BriefTree, read_tree

CheckModel = Callable[[Brief], Sequence[tuple[str, str]]]
"""What a model cannot do of a brief: pairs of field (``size``) and problem."""

_STANDING_IN = {"brief": "unread", "prompt": "unread"}
_MODELS = ("clip_model", "safety_checker")
"""The keys of a style guide that name a model."""
_DIRECTORIES = ("house_style", "aesthetic_head")
"""The keys of a style guide that name a directory."""
_OF_PICTURES = frozenset({"vary", "repeats", "size"})
"""What the pictures follow that each slot has its own of."""
_OF_THE_MODEL = frozenset({"model", "size", "sampler", "loras", "control", "start", "latitudes", "style_guide"})


def read_brief_file(
    path: str | Path,
    *,
    known: Installed,
    check_model: CheckModel | None = None,
) -> Brief:
    """Read a brief from a UTF-8 YAML file; the paths in it are relative to the file's folder.

    Raises:
        InputError: the file is missing, unreadable, over 1 MiB or not UTF-8, or as `read_brief`.
    """
    source = os.fspath(path)
    text = read_text(path)
    folder = Path(path).absolute().parent
    return read_brief(text, source=source, folder=folder, known=known, check_model=check_model)


def read_text(path: str | Path, written: Written = BRIEF) -> str:
    """The text of a brief's file, or of another that the studio writes.

    Raises:
        InputError: no readable regular file, over 1 MiB, or not UTF-8.
    """
    if not os.path.isfile(path):
        raise InputError(f"{path}: there is no such file", remedy=f"give the path of a {written.name}, a YAML file")
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{path}: the {written.name} cannot be read: {error.strerror}", remedy="make the file readable"
        ) from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: the {written.name} has more than {MAX_BYTES:,} bytes", remedy=written.shorter)
    return decode_brief(data, source=os.fspath(path))


def decode_brief(data: bytes, *, source: str) -> str:
    """A brief's bytes as text.

    Raises:
        InputError: the bytes are not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{source}:{line}: byte {error.start} (0x{data[error.start]:02x}) is not UTF-8",
            remedy="save the file as UTF-8",
        ) from error


def read_brief(
    text: str,
    *,
    source: str,
    folder: Path | None = None,
    known: Installed,
    studio: StudioLatitudes = UNBOUND,
    check_model: CheckModel | None = None,
) -> Brief:
    """Read a brief from its YAML text.

    ``source`` is the file's name for messages. ``folder`` is what the paths in the brief are relative to; None allows
    no relative paths. ``known`` is what the brief may name of the installed packages. ``studio`` are the latitudes that
    the brief may only narrow. ``check_model`` is asked once the fields that it looks at are right.

    The brief that comes back names model directories absolutely, and expects ``palette_distance`` where it has a
    palette.

    Raises:
        InputError: one line for every problem, with file, line, field, value, and what is allowed.
    """
    tree = read_tree(text, source)
    brief, problems = _typed(tree)
    sound = set(Brief.model_fields) - _fields_of(problems)
    brief, found = _with_found_models(brief, folder)
    problems += found
    brief, unread = _with_references(brief, folder)
    problems += unread
    problems += islice(_all_checks(brief, sound, known), MAX_FOUND)
    problems += islice(check_studio(brief, studio, sound - _fields_of(problems)), MAX_FOUND)
    for key, pictures_of in (("control", controls_of), ("start", starts_of)):
        if sound - _fields_of(problems) >= _OF_PICTURES | {key}:
            brief, unusable = pictures_of(brief, folder)
            problems += unusable
    if check_model is not None and not _OF_THE_MODEL & _fields_of(problems):
        problems += [Problem(_path(field), text) for field, text in check_model(brief)]
    if problems:
        raise refusal(source, problems, tree.lines, BRIEF.then)
    return _with_palette_expectation(brief)


def _fields_of(problems: Iterable[Problem]) -> set[str | int]:
    """The brief's fields that have problems."""
    return {problem.path[0] for problem in problems if problem.path}


def _typed(tree: BriefTree) -> tuple[Brief, list[Problem]]:
    """The brief, with defaults in place of what cannot be read, and the problems of that."""
    data = cast("dict[str, Any]", tree.data)
    try:
        return Brief.model_validate(data, strict=True), list(tree.problems)
    except ValidationError as error:
        return _readable_part(data, error), problems_of(error, tree)


def _readable_part(data: dict[str, Any], error: ValidationError) -> Brief:
    """The brief without the values in error; where a section is nothing without them, without the section."""
    for depth in (3, 2, 1):
        data = _without(data, {details["loc"][:depth] for details in error.errors(include_url=False)})
        try:
            return Brief.model_validate(_STANDING_IN | data, strict=True)
        except ValidationError as next_error:
            error = next_error
    raise error


def _without(data: dict[str, Any], paths: Collection[FieldPath]) -> dict[str, Any]:
    """A copy without the values at some paths; a list goes as a whole."""
    below: dict[str | int, list[FieldPath]] = {}
    for key, *rest in paths:
        below.setdefault(key, []).append(tuple(rest))
    kept: dict[str, Any] = {}
    for key, value in data.items():
        if key not in below:
            kept[key] = value
        elif isinstance(value, dict) and () not in below[key]:
            kept[key] = _without(cast("dict[str, Any]", value), below[key])
    return kept


def _all_checks(brief: Brief, sound: set[str], known: Installed) -> Iterator[Problem]:
    """The problems of what was read soundly; a check whose fields were not waits for the next try."""
    if sound >= {"vary", "repeats"}:
        yield from islice(check_slots(brief), MAX_FOUND)
    if sound >= {"vary", "prompt", "control", "start", "latitudes"}:
        yield from islice(check_prompts(brief), MAX_FOUND)
    if sound >= {"latitudes", "sampler", "loras", "control", "start"}:
        yield from check_latitudes(brief)
        yield from check_strength(brief)
    yield from check_names(brief, known)
    yield from check_formats(brief, known)
    if sound >= {"style_guide"}:
        yield from check_critics(brief, known)
    if sound >= {"retry"}:
        yield from check_moves(brief, known)
    if sound >= {"vary", "style_guide"}:
        yield from check_palette(brief)


def _with_found_models(brief: Brief, folder: Path | None) -> tuple[Brief, list[Problem]]:
    guide = brief.style_guide
    model = model_at(("model",), brief.model, folder)
    of_guide: dict[str, str | Problem] = {}
    for fields, found_at in ((_MODELS, model_at), (_DIRECTORIES, directory_at)):
        for field in fields:
            if (name := getattr(guide, field)) is not None:
                of_guide[field] = found_at(("style_guide", field), name, folder)
    loras = [
        use.name if use.version is not None else lora_at(("loras", index, "name"), use.name, folder)
        for index, use in enumerate(brief.loras)
    ]
    control = brief.control
    net = control and control.model and model_at(("control", "model"), control.model, folder)
    problems = [found for found in (model, *of_guide.values(), *loras, net) if isinstance(found, Problem)]
    if problems:
        return brief, problems
    found = {
        "model": model,
        "style_guide": guide.model_copy(update=of_guide),
        "loras": tuple(use.model_copy(update={"name": name}) for use, name in zip(brief.loras, loras, strict=True)),
        "control": control and control.model_copy(update={"model": net}),
    }
    return brief.model_copy(update=found), []


def _with_references(brief: Brief, folder: Path | None) -> tuple[Brief, list[Problem]]:
    references, problems = references_of(brief, folder)
    if problems or not references:
        return brief, problems
    guide = brief.style_guide.model_copy(update={"references": references})
    return brief.model_copy(update={"style_guide": guide}), []


def _with_palette_expectation(brief: Brief) -> Brief:
    guide = brief.style_guide
    if guide.palette is None or not guide.palette.background or "palette_distance" in guide.expect:
        return brief
    expect = {**guide.expect, "palette_distance": Bound(max=guide.palette.max_delta_e)}
    return brief.model_copy(update={"style_guide": guide.model_copy(update={"expect": expect})})


def _path(field: str) -> FieldPath:
    return tuple(int(part) if part.isdigit() else part for part in field.split("."))
