"""How sure a detector is that a picture shows what must not be published."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import each_picture
from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.models.exposure_detector import EXTRA, PACKAGE, ExposureDetector, load_exposure_detector
from genart_assets.models.onnx import missing_package
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault


class Unsafe(BaseCritic):
    """Highest probability, 0 to 1, that a private part of a person is bare anywhere in the picture.

    It knows nudity only, and photographs best: a drawn peach reaches 0.6 by its shape. It runs only where the brief
    bounds it.
    """

    name: str = "unsafe"
    unit: str = "probability"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.UNSAFE})

    def __init__(self, detector: ExposureDetector) -> None:
        self._detector = detector
        self.version = f"1 {PACKAGE} {detector.version}"

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        return missing_package(PACKAGE, EXTRA)

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        return cls(load_exposure_detector()) if cls.name in context.brief.style_guide.expect else None

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return each_picture(look, self._detector.exposure)
