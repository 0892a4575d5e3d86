"""A package of a studio's own, as if it was installed: one module and its entry points in a folder on the path."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


class StudioPackages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.modules: list[str] = []

    def install(self, group: str, entry_point: str, code: str, module: str = "studio_package") -> None:
        """A module with ``code``, and one entry point of a group, for example ``bmp = studio_package:bmp``."""
        (self._folder / f"{module}.py").write_text(code)
        info = self._folder / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{entry_point}\n")
        self.modules.append(module)
        importlib.invalidate_caches()


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioPackages]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    packages = StudioPackages(folder)
    yield packages
    for module in packages.modules:
        sys.modules.pop(module, None)
