"""The files that a brief names: directories of models and of what was fitted, reference, control and start pictures."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.records.fields import Reference
from genart_assets.stages.briefs.prepare_controls import prepare_control
from genart_assets.stages.briefs.prepare_start import prepare_mask, prepare_start
from genart_assets.stages.briefs.problems import FieldPath, Problem, shortened
from genart_assets.stages.briefs.references import read_picture
from genart_assets.stages.briefs.templates import fill, names_in
from genart_assets.starter.shipped import SHIPPED_LORAS
from genart_assets.storage.pixels import Picture, pixel_sha256

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_HUB_ID_AT_REVISION = re.compile(rf"{_HUB_ID.pattern}@[\w.-]+")
MAX_SHOWN = 5


def model_at(path: FieldPath, name: str, folder: Path | None) -> str | Problem:
    """The name under which a model is found: starter, ``org/name@revision``, or the absolute path of a directory."""
    if name == "starter":
        return name
    given = f"given {shortened(name)!r}; "
    is_relative = not os.path.isabs(name)
    if name.strip() and not (folder is None and is_relative):
        directory = os.path.realpath(os.path.join(folder or "", name)) if "\0" not in name else name
        if os.path.isdir(directory):
            return directory
    if _HUB_ID_AT_REVISION.fullmatch(name):
        return name
    if _HUB_ID.fullmatch(name) and not name.startswith("."):
        text = (
            f"no directory, and a hub id without a revision; write {name}@REVISION, so that the weights cannot change"
        )
        return Problem(path, given + text)
    where = " (relative to the brief's folder)" if is_relative and folder is not None else ""
    if folder is None and is_relative:
        where = " (absolute: this brief has no folder)"
    text = f"allowed: starter, an existing directory{where}, or a hub id with a revision, org/name@revision"
    return Problem(path, given + text)


def lora_at(path: FieldPath, name: str, folder: Path | None) -> str | Problem:
    """The name under which a LoRA is found: a shipped one, a hub id with a revision, or an absolute path."""
    if name in SHIPPED_LORAS:
        return name
    file = os.path.realpath(os.path.join(folder or "", name)) if "\0" not in name else ""
    if name.strip() and (folder is not None or os.path.isabs(name)) and (os.path.isfile(file) or os.path.isdir(file)):
        return file
    if _HUB_ID_AT_REVISION.fullmatch(name):
        return name
    shipped = ", ".join(sorted(SHIPPED_LORAS))
    where = "relative to the brief's folder" if folder is not None else "absolute: this brief has no folder"
    text = f"allowed: {shipped}, an existing directory or .safetensors file ({where}), or org/name@revision"
    return Problem(path, f"given {shortened(name)!r}; {text}")


def directory_at(path: FieldPath, name: str, folder: Path | None) -> str | Problem:
    """The absolute path of an existing directory."""
    is_relative = not os.path.isabs(name)
    if name.strip() and "\0" not in name and not (folder is None and is_relative):
        directory = os.path.realpath(os.path.join(folder or "", name))
        if os.path.isdir(directory):
            return directory
    where = "relative to the brief's folder" if folder is not None else "absolute: this brief has no folder"
    return Problem(path, f"given {shortened(name)!r}; allowed: an existing directory ({where})")


def references_of(brief: Brief, folder: Path | None) -> tuple[tuple[Reference, ...], list[Problem]]:
    """The brief's reference pictures with the hashes of their pixels; each a readable picture below its folder."""
    found: list[Reference] = []
    problems: list[Problem] = []
    for index, reference in enumerate(brief.style_guide.references):
        path: FieldPath = ("style_guide", "references", index)
        if folder is None:
            text = "a reference picture needs a brief that is read from a folder; give the brief as a local file"
            problems.append(Problem(path, text))
            continue
        absolute = _below(folder, reference.path)
        if absolute is None:
            text = f"given {shortened(reference.path)!r}, not below the brief's folder; put the picture below {folder}"
            problems.append(Problem(path, text))
            continue
        try:
            found.append(Reference(sha256=pixel_sha256(read_picture(absolute)), path=absolute))
        except InputError as error:
            problems.append(Problem(path, f"{error.message}; {error.remedy}"))
    return tuple(found), problems


def _below(folder: Path, relative: str) -> str | None:
    """The real path of a file, or None where it is not below the folder."""
    root = os.path.realpath(folder)
    absolute = os.path.realpath(os.path.join(root, relative)) if "\0" not in relative else root
    return absolute if absolute != root and Path(absolute).is_relative_to(root) else None


def controls_of(brief: Brief, folder: Path | None) -> tuple[Brief, list[Problem]]:
    """The brief with the hashes of its control images, as they are prepared, for every slot."""
    use = brief.control
    if use is None:
        return brief, []
    images, problems = _pictures(
        brief,
        folder,
        ("control", "image"),
        use.image,
        use.images,
        lambda path: prepare_control(path, use.kind, brief.size),
    )
    return brief.model_copy(update={"control": use.model_copy(update={"images": images})}), problems


def starts_of(brief: Brief, folder: Path | None) -> tuple[Brief, list[Problem]]:
    """The brief with the hashes of its start pictures and their masks, as they are prepared, for every slot."""
    use = brief.start
    if use is None:
        return brief, []
    images, problems = _pictures(
        brief, folder, ("start", "image"), use.image, use.images, lambda path: prepare_start(path, brief.size)
    )
    masks, of_masks = _pictures(
        brief, folder, ("start", "mask"), use.mask, use.masks, lambda path: prepare_mask(path, brief.size)
    )
    start = use.model_copy(update={"images": images, "masks": masks})
    return brief.model_copy(update={"start": start}), problems + of_masks


def _pictures(
    brief: Brief,
    folder: Path | None,
    path: tuple[str, str],
    template: str | None,
    given: Mapping[str, Reference],
    prepare: Callable[[str], Picture],
) -> tuple[dict[str, Reference], list[Problem]]:
    """Path as the template gives it to picture, with the hash of its prepared pixels, for every slot.

    ``path`` is the template's, and the field that holds what is found has its name in the plural. A template that is
    none, or has a placeholder that is not a key of ``vary``, is for `check_prompts` to tell.
    """
    section, field = path
    what = f"{section} {field}s"
    if given:
        return {}, [Problem((section, f"{field}s"), f"is filled in when the {what} are read; remove the key")]
    if template is None:
        return {}, []
    if folder is None:
        text = f"a {section} {field} needs a brief that is read from a folder; give the brief as a local file"
        return {}, [Problem(path, text)]
    try:
        names = names_in(template)
    except ValueError:
        return {}, []
    if not brief.vary.keys() >= set(names):
        return {}, []
    found: dict[str, Reference] = {}
    wrong: dict[str, list[str]] = {"leave the brief's folder": [], "do not exist": []}
    unusable: list[str] = []
    for combination in itertools.product(*(brief.vary[name] for name in names)):
        relative = fill(template, dict(zip(names, combination, strict=True)))
        absolute = _below(folder, relative)
        if absolute is None:
            wrong["leave the brief's folder"].append(relative)
        elif not os.path.isfile(absolute):
            wrong["do not exist"].append(relative)
        else:
            try:
                found[relative] = Reference(sha256=pixel_sha256(prepare(absolute)), path=absolute)
            except InputError as error:
                named = "" if error.message.startswith(f"{relative} ") else f"{shortened(relative)}: "
                unusable.append(f"{named}{error.message}; {error.remedy}")
    problems = [
        Problem(path, f"{what} that {fault}: {_listed(files, shortened)}; put the files below {folder}")
        for fault, files in wrong.items()
        if files
    ]
    return found, problems + ([Problem(path, _listed(unusable, str))] if unusable else [])


def _listed(found: list[str], shown: Callable[[str], str]) -> str:
    more = f" and {len(found) - MAX_SHOWN} more" if len(found) > MAX_SHOWN else ""
    return ", ".join(map(shown, found[:MAX_SHOWN])) + more
