"""Runs the training loop: reproducible steps, an average of the weights, checkpoints without pickle, a log."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.errors import InputError
from genart_assets.starter_training.muon import Muon, hidden_matrices

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Schedule:
    """How long and how fast something is trained. The rate rises, stays, then falls along a cosine to zero."""

    steps: int
    rows: int
    """Rows per step."""
    rate: float
    """AdamW's learning rate."""
    muon_rate: float = 0.0
    """Muon's learning rate for the matrices of hidden layers; if 0, AdamW trains these too."""
    warm_up: int = 200
    decay_from: float = 0.4
    """Share of the steps after which the rate falls."""
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.99)
    average: float = 0.998
    """Decay of the exponential average of the weights, which is the result; it starts after ``warm_up`` steps."""
    clip: float = 1.0
    """Largest norm of a step's gradient."""
    seed: int = 0

    def share_at(self, step: int) -> float:
        """Share of the full rates at a step."""
        if step < self.warm_up:
            return (step + 1) / self.warm_up
        left = (self.steps - step) / (self.steps * (1 - self.decay_from))
        return 0.5 - 0.5 * math.cos(math.pi * min(1.0, left))

    def random_at(self, step: int) -> np.random.Generator:
        """The only source of randomness of a step, so that a resumed run takes the same steps."""
        return np.random.default_rng((self.seed, step))


@dataclass
class Effects:
    """What the loop does besides training."""

    folder: Path
    """The folder for the checkpoint, ``log.jsonl`` and what ``sample`` draws."""
    checkpoint_every: int = 250
    sample_every: int = 500
    sample: Callable[[int], None] = field(default=lambda step: None)
    """Called while the modules have the averaged weights."""
    progress: Callable[[int, int, dict[str, float]], None] = field(default=lambda done, total, losses: None)


def train(
    modules: dict[str, torch.nn.Module],
    schedule: Schedule,
    losses_of: Callable[[np.random.Generator], dict[str, torch.Tensor]],
    effects: Effects,
) -> dict[str, float]:
    """Train modules to the end of the schedule; afterwards they have the averaged weights.

    ``losses_of`` computes a step's losses from its random generator; their sum is minimised. An interrupted run resumes
    from its last checkpoint and ends in the same weights. Returns the mean of each loss over the last tenth.

    Raises:
        InputError: the checkpoint in the folder belongs to another schedule or to networks of another size.
    """
    import torch

    effects.folder.mkdir(parents=True, exist_ok=True)
    weights = [p for module in modules.values() for p in module.parameters() if p.requires_grad]
    muon = Muon(hidden_matrices(modules) if schedule.muon_rate else [], schedule.weight_decay)
    decayed = [p for p in weights if p.ndim > 1 and p not in muon.state]
    plain = [p for p in weights if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": schedule.weight_decay}, {"params": plain, "weight_decay": 0.0}],
        lr=schedule.rate,
        betas=schedule.betas,
        fused=True,
    )
    averages = [p.detach().clone() for p in weights]
    states = [optimizer.state, muon.state]
    state = _State(effects.folder / "checkpoint.safetensors", schedule, states, averages, weights)
    first = state.load()
    history: list[dict[str, float]] = _read_log(effects.folder / "log.jsonl", first)
    recent: list[dict[str, float]] = []
    began = time.monotonic()
    for module in modules.values():
        module.train()
    for step in range(first, schedule.steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate * schedule.share_at(step)
        losses = losses_of(schedule.random_at(step))
        for weight in weights:
            weight.grad = None
        torch.stack(list(losses.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(weights, schedule.clip)
        optimizer.step()
        muon.step(schedule.muon_rate * schedule.share_at(step))
        decay = min(schedule.average, (step + 1) / (step + 10)) if step >= schedule.warm_up else 0.0
        with torch.no_grad():
            for average, weight in zip(averages, weights, strict=True):
                average.lerp_(weight, 1 - decay)
        recent.append({name: loss.item() for name, loss in losses.items()})
        done = step + 1
        if done % 25 == 0 or done == schedule.steps:
            history.append({"step": done, **_means(recent), "rows_per_s": _speed(done - first, schedule, began)})
            recent = []
            effects.progress(done, schedule.steps, history[-1])
        if done % effects.checkpoint_every == 0 or done == schedule.steps:
            state.save(done)
            _write_log(effects.folder / "log.jsonl", history)
        if done % effects.sample_every == 0 or done == schedule.steps:
            state.swap()
            effects.sample(done)
            if done < schedule.steps:
                state.swap()
                for module in modules.values():
                    module.train()
    if first == schedule.steps:
        state.swap()
    return _means([row for row in history if row["step"] > 0.9 * schedule.steps], leave_out=("step", "rows_per_s"))


@dataclass
class _State:
    file: Path
    schedule: Schedule
    optimizers: list[Any]
    """States of AdamW and of Muon, each with named tensors per weight."""
    averages: list[torch.Tensor]
    weights: list[torch.nn.Parameter]

    def save(self, step: int) -> None:
        from safetensors.torch import save_file

        held: dict[str, torch.Tensor] = {}
        for place, weight in enumerate(self.weights):
            held[f"{place}.weight"], held[f"{place}.average"] = weight.detach(), self.averages[place]
            for state in self.optimizers:
                held |= {f"{place}.{name}": value for name, value in state.get(weight, {}).items()}
        unfinished = self.file.with_suffix(".tmp")
        described = {"step": str(step), "schedule": self._described()}
        save_file({name: tensor.contiguous() for name, tensor in held.items()}, unfinished, described)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(self.file)

    def load(self) -> int:
        import torch
        from safetensors import safe_open

        if not self.file.is_file():
            return 0
        with safe_open(self.file, "pt") as held, torch.no_grad():
            if held.metadata()["schedule"] != self._described():
                raise InputError(
                    f"{self.file} belongs to another schedule: {held.metadata()['schedule']}",
                    remedy=f"remove {self.file.parent} to start again, or use that schedule",
                )
            keys: dict[int, list[str]] = {}
            for key in list(held.keys()):
                place, _, what = key.partition(".")
                keys.setdefault(int(place), []).append(what)
            for place, weight in enumerate(self.weights):
                for what in keys[place]:
                    value = held.get_tensor(f"{place}.{what}")
                    if what == "weight":
                        weight.copy_(value)
                    elif what == "average":
                        self.averages[place].copy_(value)
                    else:
                        adam, muon = self.optimizers
                        (muon if weight in muon else adam)[weight][what] = value
            return int(held.metadata()["step"])

    def _described(self) -> str:
        return json.dumps({**asdict(self.schedule), "parameters": sum(p.numel() for p in self.weights)})

    def swap(self) -> None:
        """Exchange weights and averages."""
        import torch

        with torch.no_grad():
            for weight, average in zip(self.weights, self.averages, strict=True):
                previous = weight.detach().clone()
                weight.copy_(average)
                average.copy_(previous)


def _means(rows: Sequence[dict[str, float]], leave_out: Sequence[str] = ()) -> dict[str, float]:
    names = [name for name in rows[-1] if name not in leave_out] if rows else []
    return {name: sum(row[name] for row in rows) / len(rows) for name in names}


def _speed(steps: int, schedule: Schedule, began: float) -> float:
    return round(steps * schedule.rows / (time.monotonic() - began), 1)


def _read_log(file: Path, step: int) -> list[dict[str, float]]:
    rows: list[dict[str, Any]] = (
        [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.is_file() else []
    )
    return [row for row in rows if row["step"] <= step]


def _write_log(file: Path, rows: Sequence[dict[str, float]]) -> None:
    lines = [json.dumps({name: _short(value) for name, value in row.items()}) + "\n" for row in rows]
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text("".join(lines), encoding="utf-8")
    unfinished.replace(file)


def _short(value: float) -> float:
    return value if isinstance(value, int) else float(f"{value:.5g}")
