"""How near a picture is to what Stable Diffusion's safety checker stops."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from genart_assets.critics.protocol import BaseCritic, CriticContext, Direction, Look
from genart_assets.models.safety_checker import SafetyChecker, load_safety_checker
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault


class SafetyCheckerMargin(BaseCritic):
    """Highest cosine above the threshold of an unwanted concept, by the model in ``style_guide.safety_checker``.

    ``max: 0`` stops what the checker itself would blacken. The version names the checker's snapshot.
    """

    name: str = "safety_checker"
    unit: str = "cosine above threshold"
    direction: Direction = "lower"
    version: str = "1"
    faults = frozenset({Fault.UNSAFE})

    def __init__(self, checker: SafetyChecker) -> None:
        self._checker = checker
        self.version = f"1 snapshot {checker.snapshot.snapshot_id[:12]}"

    @classmethod
    def missing_requirement(cls, brief: Brief) -> str:
        return "" if brief.style_guide.safety_checker else "there is no checker; add style_guide.safety_checker"

    @classmethod
    def for_batch(cls, context: CriticContext) -> Self | None:
        name = context.brief.style_guide.safety_checker
        return cls(load_safety_checker(name)) if name else None

    def score(self, look: Look) -> npt.NDArray[np.float64]:
        return self._checker.margins(look.pixels)
