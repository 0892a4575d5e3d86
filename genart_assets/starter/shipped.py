"""Names the weights that ship in the package, and where they lie."""

from __future__ import annotations

from pathlib import Path

_STARTER = Path(__file__).parent
SHIPPED = {"starter": _STARTER / "pipeline"}
SHIPPED_CLIP = {"starter": _STARTER / "critic"}
SHIPPED_LORAS = {"ink": _STARTER / "ink"}
SHIPPED_CONTROLS = {"silhouette": _STARTER / "silhouette"}
