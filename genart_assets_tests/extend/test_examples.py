"""The examples in the docstrings of what a package of one's own imports."""

from __future__ import annotations

import doctest
import importlib
import inspect
import sys

import pytest

from genart_assets import extend
from genart_assets.extend import kit

MODULES = {
    "genart_assets.extend",
    "genart_assets.extend.kit",
    *{getattr(extend, name).__module__ for name in extend.__all__ if hasattr(getattr(extend, name), "__module__")},
}
SHOWN = ("BaseCritic", "Move", "declares", "ExtensionPoint")
"""What is derived from, implemented or called to add an extension."""


@pytest.mark.parametrize("module", sorted(module for module in MODULES if module.startswith("genart_assets.")))
def test_the_examples_run(module: str) -> None:
    result = doctest.testmod(importlib.import_module(module))
    assert result.failed == 0


@pytest.mark.parametrize("name", SHOWN)
def test_each_kind_of_extension_has_an_example(name: str) -> None:
    assert doctest.DocTestFinder(recurse=False).find(getattr(extend, name), name)[0].examples


def test_everything_that_is_exported_is_described() -> None:
    for package in (extend, kit):
        assert sorted(package.__all__) == sorted(set(package.__all__))
        for name in package.__all__:
            found = getattr(package, name)
            if inspect.isclass(found) or inspect.isfunction(found):
                assert inspect.getdoc(found) or sys.modules[found.__module__].__doc__, name
