"""Makes the line of `genart doctor` about Feast, the feature store."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from packaging.requirements import Requirement

from genart_assets.cli.doctor_lines import Line
from genart_assets.errors import FeatureStoreError

SECONDS = 30
"""Longest time for a Python to print a version."""
_VERSION = "from importlib.metadata import version; print(version('feast'))"


def feature_lines() -> Iterator[Line]:
    """The line about Feast, which is optional: if it is missing, the line says how to install it."""
    from genart_assets.features.feast_process import INSTALLATION, PYTHON_VARIABLE, REQUIREMENT, feast_python

    try:
        python = feast_python()
    except FeatureStoreError as error:
        if os.environ.get(PYTHON_VARIABLE):
            yield Line(name="feast", status="fail", finding=error.message, remedy=error.remedy)
        else:
            finding = f"not installed; for the asset feature_store: `{INSTALLATION}`"
            yield Line(name="feast", finding=finding)
        return
    found = _feast_version(python)
    if found is None:
        yield Line(name="feast", status="fail", finding=f"{python} has no Feast", remedy=INSTALLATION)
    elif not (wanted := Requirement(REQUIREMENT).specifier).contains(found, prereleases=True):
        finding = f"{python} has Feast {found}, not {wanted}"
        yield Line(name="feast", status="warn", finding=finding, remedy=INSTALLATION)
    else:
        yield Line(name="feast", finding=f"{found} in {python}")


def _feast_version(python: str) -> str | None:
    """The version of Feast in a Python; None if it has none."""
    try:
        asked = subprocess.run(
            [python, "-I", "-c", _VERSION], capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.strip() or None
