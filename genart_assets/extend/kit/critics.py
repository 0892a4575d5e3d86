"""Checks a critic: it is whole, its numbers are finite, and a row's number is that row's alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from genart_assets.critics.class_check import class_problem
from genart_assets.critics.each_row import Picture, Scores
from genart_assets.critics.protocol import Critic, CriticClass, Look
from genart_assets.extend.kit.failure import CheckFailed
from genart_assets.extend.kit.looks import trial_brief, trial_context, trial_look
from genart_assets.extend.kit.pictures import SIZES, trial_pictures
from genart_assets.records.brief import Brief

_ALONE = "score every row by itself, for example with each_picture"


def check_critic(critic: CriticClass, brief: Brief | None = None) -> None:
    """Try a critic's class on the trial pictures, in three sizes.

    Its public names are those of a critic, its numbers are finite, the same every time, and depend neither on a row's
    neighbours nor on the rows' order. ``brief`` is for a critic that needs something of it; without one, a brief bounds
    the critic and has nothing else.

    Raises:
        CheckFailed: a rule is broken.
    """
    if problem := class_problem(critic.name, critic):
        raise CheckFailed(f"critic {getattr(critic, 'name', critic)!r}: {problem}")
    brief = brief or trial_brief(critic.name)
    if missing := critic.missing_requirement(brief):
        raise CheckFailed(
            f"critic {critic.name!r} misses something in the trial brief: {missing}; give the check a brief that has it"
        )
    for size in SIZES:
        pictures = trial_pictures(size)
        look = _read_only(trial_look(pictures, brief))
        _check(critic, brief, look, [f"{name!r} of {size[0]} x {size[1]} px" for name in pictures])


def score_of(critic: CriticClass, picture: Picture, brief: Brief | None = None) -> float:
    """A critic's number for one picture, sRGB ``uint8 [height, width, 3]``, as the only one of its batch."""
    brief = brief or trial_brief(critic.name)
    look = trial_look({"picture": picture}, brief)
    return float(_set_up(critic, brief, look).score(look)[0])


def _check(critic: CriticClass, brief: Brief, look: Look, names: Sequence[str]) -> None:
    ready = _set_up(critic, brief, look)
    for word in ("name", "unit", "direction", "version"):
        if not isinstance(value := getattr(ready, word, None), str) or not value:
            raise CheckFailed(f"critic {critic.name!r}: {word} is {value!r} once it is set up; give it a text")
    whole = _scores(ready, look)
    for name, score in zip(names, whole, strict=True):
        if not np.isfinite(score):
            raise CheckFailed(f"critic {critic.name!r} gives picture {name} the number {score}; every number is finite")
    _same(critic, names, whole, _scores(ready, look), "the second time", "let no call change the critic")
    again = _scores(_set_up(critic, brief, look), look)
    _same(critic, names, whole, again, "by another instance", "use no clock and no random numbers")
    alone = np.concatenate([_scores(ready, _part(look, [row])) for row in range(len(names))])
    _same(critic, names, whole, alone, "alone", _ALONE)
    backwards = list(range(len(names) - 1, -1, -1))
    turned = _scores(ready, _part(look, backwards))[backwards]
    _same(critic, names, whole, turned, "in the other order", _ALONE)


def _same(critic: CriticClass, names: Sequence[str], whole: Scores, other: Scores, how: str, remedy: str) -> None:
    for name, first, second in zip(names, whole, other, strict=True):
        if first != second:
            raise CheckFailed(
                f"critic {critic.name!r} gives picture {name} the number {first:.17g} beside others and {second:.17g} "
                f"{how}: a row's number depends on nothing but the row and its batch; {remedy}"
            )


def _set_up(critic: CriticClass, brief: Brief, look: Look) -> Critic:
    ready = critic.for_batch(trial_context(brief, look))
    if ready is None:
        raise CheckFailed(
            f"critic {critic.name!r} judges nothing of the trial brief: for_batch gave None; give the check a brief "
            "that it judges"
        )
    return ready


def _scores(critic: Critic, look: Look) -> Scores:
    try:
        found = np.asarray(critic.score(look), dtype=np.float64)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise CheckFailed(
            f"critic {critic.name!r} changes the pictures that it looks at ({error}); work on a copy"
        ) from error
    if found.shape != (len(look.planned),):
        raise CheckFailed(
            f"critic {critic.name!r} gives {len(look.planned)} pictures numbers of shape {found.shape}; give one a row"
        )
    return found


def _read_only(look: Look) -> Look:
    for array in (look.pixels, look.embeddings):
        array.flags.writeable = False
    return look


def _part(look: Look, rows: Sequence[int]) -> Look:
    part = replace(
        look,
        pixels=look.pixels[list(rows)],
        embeddings=look.embeddings[list(rows)],
        planned=[look.planned[row] for row in rows],
    )
    return _read_only(part)
