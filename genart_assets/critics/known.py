"""The critics that are installed: those of this and of any other package."""

from __future__ import annotations

from genart_assets.critics.class_check import class_problem
from genart_assets.critics.protocol import Critic, CriticClass, CriticContext
from genart_assets.plugins import ExtensionPoint
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault

CRITICS = ExtensionPoint[CriticClass]("genart_assets.critics", "critic", class_problem)


def critics_for(context: CriticContext) -> tuple[Critic, ...]:
    """The critics that judge this batch, by name: all that are registered, less those to which the brief gives nothing.

    Set up once a batch: this embeds and compares what the critics need of it.
    """
    ready = (CRITICS.find(name).for_batch(context) for name in CRITICS.names())
    return tuple(critic for critic in ready if critic is not None)


def missing_requirement(name: str, brief: Brief) -> str:
    """What the critic ``name`` misses to score this brief's images, with the remedy; empty if nothing.

    Raises:
        InputError: there is no such critic. GenartError: it cannot be loaded.
    """
    return CRITICS.find(name).missing_requirement(brief)


def faults_of(expectation: str) -> frozenset[Fault]:
    """What is wrong with a picture that does not meet an expectation; nothing is known of one that no critic makes.

    Raises:
        GenartError: the critic cannot be loaded.
    """
    return frozenset(CRITICS.find(expectation).faults) if expectation in CRITICS.names() else frozenset()
