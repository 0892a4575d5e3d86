"""Which record a person means: by recipe id, by its beginning, or by a delivered file."""

from __future__ import annotations

import re
from pathlib import Path

from genart_assets.deliverables.read_back import read_properties, read_recipe
from genart_assets.errors import InputError
from genart_assets.provenance.index import ProvenanceIndex
from genart_assets.provenance.record import ProvenanceRecord

SHORTEST = 6
_ID = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")


def record_of(given: str, index: ProvenanceIndex) -> ProvenanceRecord:
    """The record of an image: ``given`` is a recipe id or its beginning, or the path of a file that was delivered.

    A file may have been renamed or moved: what it says about itself counts, checked against its recipe id.

    Raises:
        InputError: no such image, more than one, or a file that does not tell.
    """
    if Path(given).is_file():
        read_recipe(Path(given))
        recipe_id = read_properties(Path(given))["recipe_id"]
        return _only(index.find(recipe_id), f"the image {recipe_id[:12]} of {given}")
    if not _ID.fullmatch(given):
        raise InputError(
            f"{given!r} is neither a file nor a recipe id",
            remedy=f"give a delivered file, or {SHORTEST} or more hex digits of a recipe id",
        )
    return _only(index.find(given), f"an image {given}")


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
