"""Finds critics by name among the entry points of this and any other installed package."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from genart_assets.critics.protocol import Critic, CriticClass, CriticContext
from genart_assets.errors import GenartError, InputError

GROUP = "genart_assets.critics"


def critic_names() -> tuple[str, ...]:
    """All registered names, sorted. Imports no critic."""
    return tuple(sorted(_registered()))


def find_critic(name: str) -> CriticClass:
    """The class registered as ``name``."""
    registered = _registered()
    if name not in registered:
        raise InputError(
            f"no critic is called {name!r}; known: {', '.join(sorted(registered))}",
            remedy=f"correct the name, or install the package that registers it under [{GROUP}]",
        )
    entry = registered[name]
    try:
        found: CriticClass = entry.load()
    except (ImportError, AttributeError) as error:
        raise GenartError(
            f"critic {name!r} ({entry.value}) cannot be loaded: {error}",
            remedy="repair or uninstall the package that registers it",
        ) from error
    if found.name != name:
        raise GenartError(f"critic {entry.value} is registered as {name!r} and calls itself {found.name!r}")
    return found


def critics_for(context: CriticContext) -> tuple[Critic, ...]:
    """The critics that judge this batch, by name: all that are registered, less those to which the brief gives nothing.

    Set up once a batch: this embeds and compares what the critics need of it.
    """
    ready = (find_critic(name).for_batch(context) for name in critic_names())
    return tuple(critic for critic in ready if critic is not None)


def _registered() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        if entry.name in found and found[entry.name].value != entry.value:
            raise GenartError(
                f"two packages register a critic {entry.name!r}: {found[entry.name].value} and {entry.value}",
                remedy="uninstall one of them",
            )
        found[entry.name] = entry
    return found
