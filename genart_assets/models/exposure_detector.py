"""Finds bare and covered parts of people in a picture, with the detector that the package nudenet ships.

The model is a YOLOv8 (one row of box and class probabilities for each candidate). Its file says AGPL-3.0, the package's
metadata MIT: it comes with the extra ``unsafe`` only, and nothing of the package but that file is used.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from genart_assets.errors import ModelError
from genart_assets.models.onnx import OnnxModel, install, load_onnx

PACKAGE, EXTRA = "nudenet", "unsafe"
FILE = "320n.onnx"
SIDE = 320
"""px of the detector's square input."""
BOX = 4
"""Numbers of a candidate before its class probabilities."""
EXPOSED = (
    "ANUS_EXPOSED",
    "BUTTOCKS_EXPOSED",
    "FEMALE_BREAST_EXPOSED",
    "FEMALE_GENITALIA_EXPOSED",
    "MALE_GENITALIA_EXPOSED",
)
"""The classes that make a picture unsafe; bare feet, bellies, armpits and men's breasts do not."""
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class ExposureDetector:
    model: OnnxModel
    names: tuple[str, ...]
    """By class."""
    version: str
    """Of the package."""

    def exposure(self, picture: Picture) -> float:
        """Highest probability of an exposed class, 0 to 1, of an sRGB picture ``uint8 [height, width, 3]``."""
        return highest(self.model.run(squared(picture)), self.names)


def squared(picture: Picture) -> npt.NDArray[np.float32]:
    """Red, green, blue, each 0 to 1, ``float32 [3, 320, 320]``: black to the right or below, then scaled."""
    side = max(picture.shape[:2])
    square = np.zeros((side, side, 3), np.uint8)
    square[: picture.shape[0], : picture.shape[1]] = picture
    image = Image.fromarray(square).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(image, np.float32).transpose(2, 0, 1)) / np.float32(255)


def highest(candidates: npt.NDArray[np.float32], names: tuple[str, ...]) -> float:
    """The highest probability of an exposed class among candidates ``[4 + classes, candidates]``.

    Raises:
        ModelError: the candidates have another number of classes.
    """
    if candidates.shape[0] != BOX + len(names):
        raise ModelError(
            f"the detector gave {candidates.shape[0] - BOX} classes, it names {len(names)}",
            remedy=f"{install(EXTRA)}, in a new environment",
        )
    rows = [BOX + names.index(name) for name in EXPOSED]
    return float(candidates[rows].max())


def names_in(metadata: str) -> tuple[str, ...]:
    """Class names from the model's metadata, ``{0: 'ANUS_EXPOSED', 1: …}``, by class.

    Raises:
        ModelError: they are missing, or an exposed class is not among them.
    """
    try:
        by_class = cast("dict[int, str]", ast.literal_eval(metadata))
        names = tuple(by_class[k] for k in range(len(by_class)))
    except (ValueError, SyntaxError, KeyError, TypeError) as error:
        raise _other_model(metadata) from error
    if not set(EXPOSED) <= set(names):
        raise _other_model(metadata)
    return names


def _other_model(metadata: str) -> ModelError:
    return ModelError(
        f"{PACKAGE}'s {FILE} is another model, with the classes {metadata[:200]!r}",
        remedy=f"{install(EXTRA)}, in a new environment",
    )


@cache
def load_exposure_detector() -> ExposureDetector:
    """The detector, loaded once for the life of the process.

    Raises:
        ModelError: nudenet or onnxruntime is not installed, or has another model.
    """
    model = load_onnx(PACKAGE, FILE, EXTRA)
    return ExposureDetector(model, names_in(model.metadata.get("names", "")), version(PACKAGE))
