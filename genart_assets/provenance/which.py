"""Which record a person means: by recipe id, by its beginning, by a delivered file, or by a copy of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import ImageOps
from pydantic import Field

from genart_assets.deliverables.formats import format_of
from genart_assets.deliverables.read_back import NoRecipe, read_recipe
from genart_assets.errors import InputError
from genart_assets.provenance.index import ProvenanceIndex
from genart_assets.provenance.likeness import distances, likeness_of
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.records.base import Record, canonical_json, sha256_hex

SHORTEST = 6
_ID = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")
FARTHEST = 9.0
"""Distance of likenesses up to which a file may be a copy: of half the size and JPEG quality 70, a thousand copies of
icons of 64 px were at most 7.25 away (bench_likeness, 9,569 images)."""
CLEARLY = 1.3
"""How many times farther away the next picture must be: of those copies it was 1.51 times or more."""


class Found(Record):
    by: Literal["id", "metadata", "likeness"] = Field(description="what identified the image")
    distance: float | None = Field(default=None, description="of a file's picture to the image's, in levels of 255")
    next_distance: float | None = Field(default=None, description="to the nearest other picture")


def find_image(given: str, index: ProvenanceIndex) -> tuple[ProvenanceRecord, Found]:
    """The record of an image, and how it was found.

    ``given`` is a recipe id or its beginning, or the path of a delivered file or of a copy of one.

    A file may have been renamed or moved: what it says about itself counts, checked against its recipe id and against
    what it shows. A file that says nothing, say re-encoded or resized, is known by what it shows if that is clear.

    Raises:
        InputError: no such image, more than one, or a file that is not clearly one of them.
    """
    path = Path(given)
    if path.is_file():
        try:
            return _by_metadata(path, index)
        except NoRecipe:
            return _by_likeness(path, index)
    if not _ID.fullmatch(given):
        raise InputError(
            f"{given!r} is neither a file nor a recipe id",
            remedy=f"give a delivered file, or {SHORTEST} or more hex digits of a recipe id",
        )
    return _only(index.find(given), f"an image {given}"), Found(by="id")


def _by_metadata(path: Path, index: ProvenanceIndex) -> tuple[ProvenanceRecord, Found]:
    recipe_id = sha256_hex(canonical_json(read_recipe(path)))
    image = _only(index.find(recipe_id), f"the image {recipe_id[:12]} of {path}")
    shown, recorded = _likeness_in(path), index.likeness(image)
    if shown is None or recorded is None:
        return image, Found(by="metadata")
    distance = float(distances(shown, np.frombuffer(recorded, np.uint8)[None])[0])
    if distance > FARTHEST:
        raise InputError(
            f"{path} says that it is image {recipe_id[:12]}, and shows something else: "
            f"{distance:.1f} apart, {FARTHEST:g} is the most for a copy",
            remedy=f"see what is proven: genart verify {path}",
        )
    return image, Found(by="metadata", distance=round(distance, 2))


def _by_likeness(path: Path, index: ProvenanceIndex) -> tuple[ProvenanceRecord, Found]:
    shown = _likeness_in(path)
    if shown is None:
        raise InputError(f"{path} is a drawing that holds no recipe", remedy="give a picture, or a recipe id")
    near = index.nearest(shown)
    lines = [f"{image.recipe_id[:12]} ({distance:.1f})" for image, distance in near]
    if not near or near[0][1] > FARTHEST:
        nearest = f": the nearest is {lines[0]}, {FARTHEST:g} is the most for a copy" if lines else ""
        raise InputError(
            f"no image of this storage looks like {path}{nearest}",
            remedy="look with GENART_HOME, or GENART_STORAGE, of the studio that made it",
        )
    (image, distance), *others = near
    if others and others[0][1] <= CLEARLY * distance:
        raise InputError(
            f"{path} says nothing of itself, and looks like more than one image: {', '.join(lines)}",
            remedy="look at each: genart trace IMAGE --html page.html",
        )
    next_distance = round(others[0][1], 2) if others else None
    return image, Found(by="likeness", distance=round(distance, 2), next_distance=next_distance)


def _likeness_in(path: Path) -> bytes | None:
    """Of the picture in a file that can be read; None for a vector drawing."""
    data = path.read_bytes()
    form = format_of(data)
    if form is None or form.declared.read_picture is None:
        return None
    return likeness_of(ImageOps.exif_transpose(form.declared.read_picture(data)))


def _only(found: list[ProvenanceRecord], what: str) -> ProvenanceRecord:
    ids = {record.recipe_id for record in found}
    if not ids:
        raise InputError(
            f"this storage has no record of {what}",
            remedy="look with GENART_HOME, or GENART_STORAGE, of the studio that made it",
        )
    if len(ids) > 1:
        shown = ", ".join(sorted(ids)[:3])
        raise InputError(f"{what} is not the only one: {shown}", remedy="give more digits")
    return found[0]
