"""Makes the lines of `genart doctor` about Python and the installed packages."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from genart_assets.cli.doctor_lines import Line

PACKAGE = "genart-assets"
OPTIONAL = ("calibration", "postgres", "siglip", "text", "training", "unsafe")
"""The extras that a brief or a home may need."""
SHOWN = ("dagster", "torch", "diffusers", "transformers", "great-expectations", "pandas", "pyarrow", "s3fs")


def software_lines() -> Iterator[Line]:
    """The lines about Python and the packages, compared with this package's requirements."""
    wanted = SpecifierSet(metadata(PACKAGE)["Requires-Python"])
    running = platform.python_version()
    if running in wanted:
        yield Line(name="python", finding=running)
    else:
        yield Line(
            name="python", status="warn", finding=f"{running}, tested: {wanted}", remedy="use a Python of that range"
        )
    problems = [problem for text in requires(PACKAGE) or () if (problem := _problem(Requirement(text)))]
    if problems:
        remedy = f"pip install -c constraints.txt {PACKAGE}"
        yield Line(name="packages", status="fail", finding="; ".join(problems), remedy=remedy)
    else:
        yield Line(name="packages", finding=", ".join(f"{name} {version(name)}" for name in SHOWN))
    yield _extras()


def _extras() -> Line:
    """The line about optional parts; a missing one is not a failure."""
    missing = {extra: _missing(extra) for extra in OPTIONAL}
    there = [extra for extra, problems in missing.items() if not problems]
    finding = ", ".join(there) or "none"
    if absent := [extra for extra in OPTIONAL if extra not in there]:
        finding += f"; not {', '.join(absent)}: `pip install '{PACKAGE}[{','.join(absent)}]'` adds them"
    return Line(name="extras", finding=finding)


def _missing(extra: str) -> list[str]:
    wanted = [Requirement(text) for text in requires(PACKAGE) or ()]
    ours = [one for one in wanted if one.marker and _asked_for(one, extra) and not _asked_for(one, "")]
    return [problem for one in ours if (problem := _version_problem(one))]


def _asked_for(wanted: Requirement, extra: str) -> bool:
    return wanted.marker is None or wanted.marker.evaluate({"extra": extra})


def _problem(wanted: Requirement) -> str:
    """The problem of one required package, or nothing; extras are not required."""
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
