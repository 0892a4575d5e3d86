"""Models that are a scheduler's config and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from genart_assets.starter.shipped import SHIPPED


def model_with(folder: Path, **changes: Any) -> str:
    """The name of a model with the starter's scheduler, changed."""
    (folder / "scheduler").mkdir(parents=True)
    config = json.loads((SHIPPED["starter"] / "scheduler" / "scheduler_config.json").read_text())
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps({**config, **changes}))
    return str(folder)
