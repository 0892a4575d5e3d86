"""What this and any other installed package register by name: one kind of extension, one entry point group."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from typing import Any, Generic, TypeVar, cast

from genart_assets.errors import GenartError, InputError

T = TypeVar("T")


def _no_problem(name: str, found: Any) -> str:
    return ""


@cache
def _registered(group: str, path: tuple[str, ...]) -> EntryPoints:
    """What the packages on the path register; to look through two hundred of them takes 20 ms."""
    return entry_points(group=group)


@dataclass(frozen=True, eq=False)
class ExtensionPoint(Generic[T]):
    """One kind of thing that packages add: critics, formats, retry moves, model families, engines.

    A package registers a thing of type ``T`` under a name in its entry points. The names are read without importing
    anything; what is found is imported once and stays for the life of the process.

    >>> from genart_assets.plugins import ExtensionPoint
    >>> families = ExtensionPoint[type]("genart_assets.model_families", "model family", named=False)
    >>> "StableDiffusionPipeline" in families.names()
    True
    >>> families.find("StableDiffusionPipeline").__name__
    'StableDiffusion'
    """

    group: str
    """The entry point group, for example ``genart_assets.critics``."""
    kind: str
    """What one of them is called in messages, for example ``critic``."""
    problem: Callable[[str, Any], str] = _no_problem
    """Asked with a name and what is registered under it: why that cannot be used, with the remedy; empty if it can."""
    named: bool = True
    """Whether what is registered has an attribute ``name``, which must be the name that it is registered under."""
    _found: dict[str, T] = field(default_factory=dict[str, Any], init=False, repr=False)

    def names(self) -> tuple[str, ...]:
        """All registered names, sorted. Nothing is imported."""
        return tuple(sorted({entry.name for entry in _registered(self.group, tuple(sys.path))}))

    def find(self, name: str) -> T:
        """What is registered as ``name``.

        Raises:
            InputError: nothing is; the message names what is known.
            GenartError: two packages claim the name, or what is registered cannot be loaded or used.
        """
        if name not in self._found:
            self._found[name] = self._loaded(self._entry(name))
        return self._found[name]

    def _entry(self, name: str) -> EntryPoint:
        entries = _registered(self.group, tuple(sys.path)).select(name=name)
        values = list(dict.fromkeys(entry.value for entry in entries))
        if not values:
            raise InputError(
                f"no {self.kind} is called {name!r}; known: {', '.join(self.names())}",
                remedy=f"correct the name, or install the package that registers it under [{self.group}]",
            )
        if len(values) > 1:
            raise GenartError(
                f"two packages register a {self.kind} {name!r}: {' and '.join(values)}",
                remedy="uninstall one of them",
            )
        return next(iter(entries))

    def _loaded(self, entry: EntryPoint) -> T:
        where = f"{self.kind} {entry.name!r} ({entry.value})"
        try:
            found: Any = entry.load()
        except Exception as error:  # whatever a module of another package raises while it is imported
            raise GenartError(
                f"{where} cannot be loaded: {type(error).__name__}: {error}",
                remedy="repair or uninstall the package that registers it",
            ) from error
        if self.named and getattr(found, "name", None) != entry.name:
            raise GenartError(
                f"{where} calls itself {getattr(found, 'name', None)!r}",
                remedy=f"give it the name {entry.name!r}, or register it under its own",
            )
        if problem := self.problem(entry.name, found):
            raise GenartError(f"{where}: {problem}", remedy="repair or uninstall the package that registers it")
        return cast(T, found)
