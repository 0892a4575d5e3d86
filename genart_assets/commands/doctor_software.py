"""The lines of `genart doctor` about Python and the installed packages."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from genart_assets.commands.doctor_lines import Line

PACKAGE = "genart-assets"
SHOWN = ("dagster", "torch", "diffusers", "transformers", "great-expectations", "pandas", "pyarrow", "s3fs")


def software_lines() -> Iterator[Line]:
    """Python and the packages, against what this package asks for."""
    wanted = SpecifierSet(metadata(PACKAGE)["Requires-Python"])
    running = platform.python_version()
    if running in wanted:
        yield Line(name="python", finding=running)
    else:
        yield Line(
            name="python", status="warn", finding=f"{running}, tested are {wanted}", remedy="use a Python of that range"
        )
    problems = [problem for text in requires(PACKAGE) or () if (problem := _problem(Requirement(text)))]
    if problems:
        remedy = f"pip install -c constraints.txt {PACKAGE}"
        yield Line(name="packages", status="fail", finding="; ".join(problems), remedy=remedy)
    else:
        yield Line(name="packages", finding=", ".join(f"{name} {version(name)}" for name in SHOWN))


def _problem(wanted: Requirement) -> str:
    """What is wrong with one required package, or nothing; extras are not required."""
    if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
        return ""
    try:
        installed = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is not installed"
    return (
        ""
        if wanted.specifier.contains(installed, prereleases=True)
        else f"{wanted.name} is {installed}, not {wanted.specifier}"
    )
