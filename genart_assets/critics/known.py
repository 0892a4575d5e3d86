"""Finds critics by name among the entry points of this and any other installed package."""

from __future__ import annotations

from genart_assets.critics.protocol import Critic, CriticClass, CriticContext
from genart_assets.plugins import find_registered, registered
from genart_assets.records.brief import Brief

GROUP = "genart_assets.critics"


def critic_names() -> tuple[str, ...]:
    """All registered names, sorted. Imports no critic."""
    return tuple(sorted(registered(GROUP, "critic")))


def find_critic(name: str) -> CriticClass:
    """The class registered as ``name``."""
    return find_registered(GROUP, "critic", name)


def lacks(name: str, brief: Brief) -> str:
    """What the critic ``name`` lacks to score this brief's images, with the remedy; empty if nothing.

    Raises:
        GenartError: it cannot be loaded.
    """
    tell = getattr(find_critic(name), "lacks", None)
    return str(tell(brief)) if tell is not None else ""


def critics_for(context: CriticContext) -> tuple[Critic, ...]:
    """The critics that judge this batch, by name: all that are registered, less those to which the brief gives nothing.

    Set up once a batch: this embeds and compares what the critics need of it.
    """
    ready = (find_critic(name).for_batch(context) for name in critic_names())
    return tuple(critic for critic in ready if critic is not None)
