"""Checks a retry move: it names what it answers, stays inside the latitudes, and changes something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from genart_assets.extend.kit.failure import CheckFailed
from genart_assets.moves.attempts import base_of
from genart_assets.moves.protocol import Move, move_problem
from genart_assets.records.brief import Brief
from genart_assets.records.plan import Change, Settings
from genart_assets.records.retry import Attempt
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.latitudes import OutsideLatitudes, changed, settings_of

ROUNDS = 8
_ADAPTERS = {
    "loras": [{"name": "/trial/one.safetensors", "scale": 0.5}, {"name": "/trial/two.safetensors", "scale": 1.0}],
    "control": {"kind": "silhouette", "image": "outline.png", "scale": 0.7},
    "start": {"image": "start.png", "strength": 0.5},
}
_LATITUDES = {
    "guidance": [3.0, 9.0],
    "steps": [12, 40],
    "lora_scale": [0.0, 1.5],
    "control_scale": [0.2, 1.0],
    "strength": [0.2, 0.9],
    "alternative_prompts": ["a round thing", "a ball"],
    "negative_prompts": ["blurry", "blurry, noisy"],
}


def trial_briefs() -> dict[str, Brief]:
    """Name to brief: with every latitude, with narrow ones, without any, and without LoRAs, control and start."""
    narrow = {name: [2.0, 2.0] if name == "guidance" else bound for name, bound in _LATITUDES.items()}
    fields: dict[str, dict[str, object]] = {
        "wide latitudes": {**_ADAPTERS, "latitudes": _LATITUDES},
        "narrow latitudes": {
            **_ADAPTERS,
            "sampler": {"guidance": 2.0, "steps": 12},
            "latitudes": {**narrow, "steps": [12, 13], "alternative_prompts": [], "negative_prompts": ["blurry"]},
        },
        "no latitudes": {**_ADAPTERS},
        "no adapters": {"latitudes": _LATITUDES},
    }
    return {name: Brief.model_validate({"brief": "trial", "prompt": "a disc", **more}) for name, more in fields.items()}


def check_move(move: Move, brief: Brief | None = None) -> None:
    """Let a move answer a slot that fails round after round, in briefs with and without latitudes.

    It names the faults that it answers; every change that it proposes lies inside the latitudes; it proposes the same
    for the same attempts; and in one brief at least it changes something. ``brief`` is for a move that needs something
    else than the trial briefs have.

    Raises:
        CheckFailed: a rule is broken.
    """
    if not isinstance(name := getattr(move, "name", None), str) or not name:
        raise CheckFailed(f"the move's name is {name!r}; give it the name that it is registered under")
    if problem := move_problem(name, move):
        raise CheckFailed(f"move {name!r}: {problem}")
    briefs = {"the given brief": brief} if brief is not None else trial_briefs()
    moved = [step for where, one in briefs.items() for step in _steps(move, one, where)]
    if not any(moved):
        raise CheckFailed(f"move {name!r} changes nothing in {', '.join(briefs)}; every retry has a new seed anyway")


def _steps(move: Move, brief: Brief, where: str) -> Iterator[bool]:
    """For each round whether the move changed something; ends where it has nothing left."""
    unmet = FailedExpectation(expectation="trial", value=0.0, min=1.0)
    attempts = [Attempt(round=0, recipe_id="r0", settings=settings_of(brief), failed=(unmet,))]
    for round_ in range(1, ROUNDS + 1):
        change = _proposed(move, brief, attempts, where)
        if change is None:
            return
        base = base_of(attempts)
        settings = _changed(move, brief, base, change, where)
        yield settings != base
        again = Attempt(round=round_, recipe_id=f"r{round_}", settings=settings, move=move.name, failed=(unmet,))
        attempts.append(again)


def _proposed(move: Move, brief: Brief, attempts: Sequence[Attempt], where: str) -> Change | None:
    change, again = move.propose(brief, tuple(attempts)), move.propose(brief, tuple(attempts))
    if change is not None and type(change) is not Change:
        raise CheckFailed(f"move {move.name!r} proposes a {type(change).__name__}; allowed: a Change, or None")
    if change != again:
        raise CheckFailed(
            f"move {move.name!r} proposes {change} and then {again} for the same attempts, with {where}; "
            "use no clock and no random numbers"
        )
    return change


def _changed(move: Move, brief: Brief, base: Settings, change: Change, where: str) -> Settings:
    try:
        return changed(brief, base, change)
    except OutsideLatitudes as refusal:
        raise CheckFailed(
            f"move {move.name!r} leaves the latitudes, with {where}: {refusal.message}; "
            "propose None where nothing is left"
        ) from refusal
