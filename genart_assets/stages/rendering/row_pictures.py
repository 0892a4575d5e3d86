"""The pictures that the recipes of a micro-batch name; a row whose pictures cannot be had fails alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genart_assets.errors import StorageError
from genart_assets.records.plan import PlannedImage
from genart_assets.records.recipe import Recipe
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.storage.pixels import Picture


@dataclass(frozen=True)
class RowPictures:
    rows: tuple[PlannedImage, ...]
    """Those whose pictures are all there."""
    pictures: Mapping[str, Picture]
    """``control image``, ``start picture``, ``mask``: what the recipes name, ``uint8 [rows, height, width, 3]``."""
    failures: Mapping[str, str]
    """Recipe id of the other rows to the reason."""


def pictures_of(planned: Sequence[PlannedImage], inputs: Inputs) -> RowPictures:
    """The pictures of rows with equal settings."""
    rows: list[PlannedImage] = []
    found: dict[str, list[Picture]] = {}
    failures: dict[str, str] = {}
    for row in planned:
        try:
            pictures = dict(_read(row.recipe, inputs))
        except StorageError as error:
            failures[row.recipe_id] = error.message
            continue
        rows.append(row)
        for name, picture in pictures.items():
            found.setdefault(name, []).append(picture)
    return RowPictures(tuple(rows), {name: np.stack(pictures) for name, pictures in found.items()}, failures)


def _read(recipe: Recipe, inputs: Inputs) -> Iterator[tuple[str, Picture]]:
    control, start = recipe.control, recipe.start
    for name, read, sha256 in (
        ("control image", inputs.picture, control and control.image),
        ("start picture", inputs.start, start and start.image),
        ("mask", inputs.start, start and start.mask),
    ):
        if sha256:
            try:
                yield name, read(sha256)
            except StorageError as error:
                raise StorageError(f"{name}: {error.message}", remedy=error.remedy) from error
