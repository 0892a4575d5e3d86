"""Finds and reads text in a picture, with the PP-OCR models that the package rapidocr ships.

Detection is DB (Liao et al., "Real-time scene text detection with differentiable binarization", 2020), recognition a
line at a time with CTC; constants are those that the models are published with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from genart_assets.models.onnx import OnnxModel, load_onnx

PACKAGE, EXTRA = "rapidocr", "text"
DETECTOR = "models/PP-OCRv6_det_small.onnx"
RECOGNISER = "models/PP-OCRv6_rec_small.onnx"
SHORT_SIDE, LONG_SIDE = 736, 2016
"""px of the detector's input: a smaller picture is enlarged, a larger one reduced."""
GRID = 32
"""Sides of the detector's input are multiples of it."""
IS_TEXT = 0.3
"""Probability from which a pixel belongs to text."""
IS_LINE = 0.5
"""Mean probability from which an area is a line of text."""
UNCLIP = 1.6
"""DB learns shrunken areas: each side moves out by this times area over perimeter."""
LINE_HEIGHT, LINE_WIDTH = 48, 320
"""px of the recogniser's input; a longer line is wider."""
TALL = 1.5
"""Height over width from which a line may run up or down: the reading that is surest counts."""
MOST_LINES = 200
Picture = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""left, top, right, bottom in px of the picture."""


@dataclass(frozen=True)
class Line:
    box: Box
    text: str
    confidence: float
    """Mean probability of its characters, 0 to 1."""


@dataclass(frozen=True)
class TextReader:
    detector: OnnxModel
    recogniser: OnnxModel
    characters: tuple[str, ...]
    """By class; the first is CTC's blank."""
    version: str
    """Of the package."""

    def read(self, picture: Picture) -> list[Line]:
        """The lines of text in an sRGB picture ``uint8 [height, width, 3]``, the largest areas first."""
        height, width = picture.shape[:2]
        probabilities = self.detector.run(_scaled(picture, *detector_size(width, height)))[0]
        return [self._line(picture, box) for box in boxes_of(probabilities, width, height)]

    def _line(self, picture: Picture, box: Box) -> Line:
        left, top, right, bottom = box
        crop = picture[top:bottom, left:right]
        turns = (0, 1, -1) if crop.shape[0] >= TALL * crop.shape[1] else (0,)
        return Line(box, *max((self._recognise(np.rot90(crop, turn)) for turn in turns), key=lambda found: found[1]))

    def _recognise(self, crop: Picture) -> tuple[str, float]:
        width = max(1, math.ceil(LINE_HEIGHT * crop.shape[1] / crop.shape[0]))
        values = np.zeros((3, LINE_HEIGHT, max(width, LINE_WIDTH)), np.float32)
        values[:, :, :width] = _scaled(crop, width, LINE_HEIGHT)
        return spelled(self.recogniser.run(values), self.characters)


def detector_size(width: int, height: int) -> tuple[int, int]:
    """Width and height in px at which a picture is searched."""
    scale = max(1.0, SHORT_SIDE / min(width, height))
    scale = min(scale, LONG_SIDE / max(width, height))
    return max(GRID, round(width * scale / GRID) * GRID), max(GRID, round(height * scale / GRID) * GRID)


def boxes_of(probabilities: npt.NDArray[np.float32], width: int, height: int) -> list[Box]:
    """Upright boxes, in px of a picture of ``width × height``, of the areas in a map of text probabilities."""
    from scipy.ndimage import find_objects, label

    labelled: Any = label(probabilities > IS_TEXT, structure=np.ones((3, 3)))
    areas: npt.NDArray[np.int32] = labelled[0]
    down, across = height / probabilities.shape[0], width / probabilities.shape[1]
    boxes: list[Box] = []
    for k, place in enumerate(find_objects(areas), start=1):
        rows, columns = place
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        if min(tall, wide) < 3 or float(np.mean(probabilities[place][areas[place] == k])) < IS_LINE:
            continue
        out = UNCLIP * tall * wide / (2 * (tall + wide))
        left, right = (columns.start - out) * across, (columns.stop + out) * across
        top, bottom = (rows.start - out) * down, (rows.stop + out) * down
        boxes.append(
            (max(0, int(left)), max(0, int(top)), min(width, math.ceil(right)), min(height, math.ceil(bottom)))
        )
    return sorted(boxes, key=lambda box: ((box[0] - box[2]) * (box[3] - box[1]), box))[:MOST_LINES]


def spelled(probabilities: npt.NDArray[np.float32], characters: tuple[str, ...]) -> tuple[str, float]:
    """Text and mean probability of CTC's best path through ``[steps, classes]``: repeats count once, blanks not."""
    best = probabilities.argmax(axis=1)
    kept = np.flatnonzero((best != 0) & np.append(True, best[1:] != best[:-1]))
    if not len(kept):
        return "", 0.0
    return "".join(characters[best[k]] for k in kept), float(probabilities[kept, best[kept]].mean())


def _scaled(picture: Picture, width: int, height: int) -> npt.NDArray[np.float32]:
    """Blue, green, red, each -1 to 1, ``float32 [3, height, width]``."""
    image = Image.fromarray(np.ascontiguousarray(picture)).resize((width, height), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(image, np.float32)[..., ::-1].transpose(2, 0, 1)) / 127.5 - 1


@cache
def load_text_reader() -> TextReader:
    """The text reader, loaded once for the life of the process.

    Raises:
        ModelError: rapidocr or onnxruntime is not installed, or has other files.
    """
    recogniser = load_onnx(PACKAGE, RECOGNISER, EXTRA)
    return TextReader(
        detector=load_onnx(PACKAGE, DETECTOR, EXTRA),
        recogniser=recogniser,
        characters=("", *recogniser.metadata["character"].split("\n"), " "),
        version=version(PACKAGE),
    )
