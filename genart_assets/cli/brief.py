"""Implements `genart brief from-image`: writes briefs that would make something like given pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from genart_assets.errors import GenartError, InputError, ModelError
from genart_assets.from_image.brief_from_image import brief_from_image, brief_id
from genart_assets.from_image.generation_metadata import GenerationMetadata
from genart_assets.from_image.read import read_generation_metadata
from genart_assets.from_image.write_brief import brief_text
from genart_assets.models.registry import find_model
from genart_assets.models.sizes import nearest_size, sides_of
from genart_assets.records.base import Record
from genart_assets.records.brief import Brief
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.files import model_at
from genart_assets.stages.briefs.problems import Problem
from genart_assets.stages.briefs.read_briefs import read_brief

UNCHECKED = "the model is not on this machine, so its sizes are not checked until `genart run`"


class Imported(Record):
    """A brief made from a picture."""

    picture: str
    tool: str
    brief: str
    file: str | None = None
    """The file that was written; None for standard output."""
    notes: tuple[str, ...]
    yaml: str


def from_image_command(pictures: Sequence[Path], *, out: Path | None, model: str | None, as_json: bool) -> int:
    """Write one brief for each picture, to standard output or files. Returns 0, or 2 if some pictures were refused.

    Raises:
        InputError: all pictures were refused, there is no such model, or ``out`` cannot hold the briefs.
    """
    folder = _folder(out, len(pictures), as_json)
    given = _checked_model(model) if model is not None else None
    made: list[Imported] = []
    refused: dict[Path, InputError] = {}
    for picture in pictures:
        try:
            made.append(_imported(picture, {one.brief for one in made}, given, out, folder))
        except InputError as error:
            refused[picture] = error
    if not made:
        raise _refusal(refused)
    _answer(made, refused, as_json)
    return 2 if refused else 0


def _folder(out: Path | None, pictures: int, as_json: bool) -> Path | None:
    """The folder for the briefs; None for standard output or one file."""
    if out is None:
        if pictures > 1 and not as_json:
            raise InputError(
                f"{pictures} briefs cannot be printed one after the other", remedy="give --out a folder for their files"
            )
        return None
    if pictures == 1 and not out.is_dir():
        return None
    if (out.exists() and not out.is_dir()) or (not out.exists() and out.suffix in (".yaml", ".yml")):
        raise InputError(f"--out {out} is one file for {pictures} briefs", remedy="give --out a folder")
    return out


def _checked_model(name: str) -> str:
    """The model's name in a form that a brief in any folder can use."""
    found = model_at(("model",), name, Path.cwd())
    if isinstance(found, Problem):
        raise InputError(f"--model {found.text}", remedy="give starter, a directory, or org/name@revision")
    return found


def _imported(picture: Path, taken: set[str], model: str | None, out: Path | None, folder: Path | None) -> Imported:
    metadata = read_generation_metadata(picture)
    model = model or _model_of(metadata)
    name = _free_name(brief_id(picture.stem), taken)
    local = _local_model(model)
    sides = sides_of(str(local)) if local else None
    brief, notes = brief_from_image(
        metadata, source=str(picture), name=name, model=model, fit=lambda size: nearest_size(size, sides)
    )
    notes = (f"from {picture.name}, made with {metadata.tool}", *notes, *(() if local else (UNCHECKED,)))
    text = brief_text(brief, notes)
    target = folder / f"{name}.yaml" if folder else out
    _read_back(text, str(target or picture), local)
    if target:
        _write(target, text)
    file = str(target) if target else None
    return Imported(picture=str(picture), tool=metadata.tool, brief=name, file=file, notes=notes, yaml=text)


def _model_of(metadata: GenerationMetadata) -> str:
    """The model in a delivery's brief, if it can be found from here, otherwise the starter."""
    found = model_at(("model",), metadata.model_reference, None) if metadata.model_reference else "starter"
    return found if isinstance(found, str) else "starter"


def _local_model(model: str) -> Path | None:
    """The model's directory; None if it is not on this machine."""
    try:
        return find_model(model, fetch=False)
    except ModelError:
        return None


def _free_name(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    numbered = (f"{name[:58]}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in numbered if each not in taken)


def _read_back(text: str, source: str, local: Path | None) -> Brief:
    """Read the brief as `genart run` will, so that an error appears before anything is written."""
    return read_brief(
        text, source=source, folder=Path.cwd(), check_model=check_model if local else None, known=installed()
    )


def _write(target: Path, text: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{target} exists already", remedy="give another --out, or remove the file") from error
    except OSError as error:
        raise InputError(f"{target} cannot be written: {error.strerror}", remedy="give another --out") from error


def _refusal(refused: dict[Path, InputError]) -> GenartError:
    errors = list(refused.values())
    if len(errors) == 1:
        return errors[0]
    return InputError("\n".join(error.message for error in errors), remedy=errors[0].remedy)


def _answer(made: Sequence[Imported], refused: dict[Path, InputError], as_json: bool) -> None:
    if as_json:
        problems = [
            {"picture": os.fspath(path), "problem": error.message, "remedy": error.remedy}
            for path, error in refused.items()
        ]
        print(json.dumps({"briefs": [one.model_dump() for one in made], "refused": problems}, ensure_ascii=False))
        return
    for one in made:
        print(f"{one.file}\n{''.join(f'  - {note}{chr(10)}' for note in one.notes)}" if one.file else one.yaml, end="")
    log = Console(stderr=True, highlight=False)
    for error in refused.values():
        log.print("refused:", style="bold red", end=" ")
        log.print(str(error), markup=False, soft_wrap=True)
