"""The lines of `genart doctor` about Python and the installed packages."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from genart_assets.cli.doctor_lines import Line

PACKAGE = "genart-assets"
OPTIONAL = ("calibration", "postgres", "siglip", "text", "training", "unsafe")
"""The extras that add something to what a brief or a home may ask for."""
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
    yield _extras()


def _extras() -> Line:
    """Which optional parts are there; one that is not is no failure."""
    lacking = {extra: _lacking(extra) for extra in OPTIONAL}
    there = [extra for extra, problems in lacking.items() if not problems]
    finding = ", ".join(there) or "none"
    if absent := [extra for extra in OPTIONAL if extra not in there]:
        finding += f"; not {', '.join(absent)}: `pip install '{PACKAGE}[{','.join(absent)}]'` adds them"
    return Line(name="extras", finding=finding)


def _lacking(extra: str) -> list[str]:
    wanted = [Requirement(text) for text in requires(PACKAGE) or ()]
    ours = [one for one in wanted if one.marker and _asked_for(one, extra) and not _asked_for(one, "")]
    return [problem for one in ours if (problem := _version_problem(one))]


def _asked_for(wanted: Requirement, extra: str) -> bool:
    return wanted.marker is None or wanted.marker.evaluate({"extra": extra})


def _problem(wanted: Requirement) -> str:
    """What is wrong with one required package, or nothing; extras are not required."""
    return _version_problem(wanted) if _asked_for(wanted, "") else ""


def _version_problem(wanted: Requirement) -> str:
    try:
        installed = version(wanted.name)
    except PackageNotFoundError:
        return f"{wanted.name} is not installed"
    return (
        ""
        if wanted.specifier.contains(installed, prereleases=True)
        else f"{wanted.name} is {installed}, not {wanted.specifier}"
    )
