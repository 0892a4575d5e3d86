"""Compares two sets of registered views."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from genart_assets.features.views import View
from genart_assets.records.base import Record


class RegistryDiff(Record):
    """The changes between two sets of views."""

    added: tuple[str, ...] = Field(default=(), description="names of views, or of features as view:feature")
    changed: tuple[str, ...] = Field(
        default=(), description="name of a view or view:feature, with the old and the new definition"
    )
    removed: tuple[str, ...] = Field(default=(), description="names of views, or of features as view:feature")

    def markdown(self) -> str:
        """A Markdown list with one line per change."""
        marked = {"added": self.added, "changed": self.changed, "removed": self.removed}
        lines = [f"- {how} `{what}`" for how, names in marked.items() for what in names]
        return "\n".join(lines) or "no change"


def registry_diff(before: Iterable[View], after: Iterable[View]) -> RegistryDiff:
    """The changes when ``after`` is registered in place of ``before``."""
    was, will = ({view.name: view for view in views} for views in (before, after))
    added = [name for name in will if name not in was]
    removed = [name for name in was if name not in will]
    changed: list[str] = []
    for name in [name for name in will if name in was]:
        old, new = was[name], will[name]
        if old.entity != new.entity:
            changed.append(
                f"{name}: of {old.entity.name} by {old.entity.key}, now {new.entity.name} by {new.entity.key}"
            )
        if old.description != new.description:
            changed.append(f"{name}: {old.description!r}, now {new.description!r}")
        had, has = ({one.name: one for one in view.features} for view in (old, new))
        added += [f"{name}:{one}" for one in has if one not in had]
        removed += [f"{name}:{one}" for one in had if one not in has]
        changed += [
            f"{name}:{one}: {had[one].kind} {had[one].description!r}, now {has[one].kind} {has[one].description!r}"
            for one in has
            if one in had and had[one] != has[one]
        ]
    return RegistryDiff(added=tuple(sorted(added)), changed=tuple(sorted(changed)), removed=tuple(sorted(removed)))
