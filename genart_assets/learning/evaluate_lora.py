"""Compares a style's candidate LoRA with the promoted version: same held-out prompts and seeds, measured in pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.critics.prompt_alignment import cosine
from genart_assets.critics.protocol import Critic, Look
from genart_assets.errors import InputError, ModelError
from genart_assets.models.clip import Clip
from genart_assets.models.heads import Head
from genart_assets.records import schemas
from genart_assets.records.base import Record, sha256_hex

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 10_000
SEED = 20_241_006
ADHERENCE, ALIGNMENT, DIVERSITY, SAFETY, PREFERENCE = (
    "style_adherence",
    "prompt_alignment",
    "diversity",
    "safety",
    "preference",
)
Lora = TypeVar("Lora")
Scores = npt.NDArray[np.float64]
Render = Callable[[Lora | None, Sequence[str], Sequence[int]], npt.NDArray[np.uint8]]
"""Takes a LoRA or None, prompts and seeds ``[n]``; returns pictures, sRGB ``uint8 [n, height, width, 3]``."""


@dataclass(frozen=True)
class Judges:
    """The models that measure; a measure whose judge is None is left out."""

    clip: Clip
    centroid: npt.NDArray[np.float64]
    """Centroid of the house style, ``[d]`` of length 1, from models.house_style."""
    head: Head | None = None
    """The preference head, on embeddings of the same CLIP model."""
    safety: Critic | None = None
    """A critic that needs only pixels, for example ``unsafe``."""


class MetricComparison(Record):
    """One metric of both versions over all prompts; each prompt counts once, with the mean of its seeds."""

    metric: str
    unit: str
    direction: Literal["higher", "lower"] = Field(description="which values are better")
    baseline: float = Field(description="mean of the promoted version, or of the base model")
    candidate: float = Field(description="mean of the candidate")
    difference: float = Field(description="candidate minus baseline")
    low: float = Field(description="lower end of the 95 % interval of the difference")
    high: float = Field(description="upper end of the 95 % interval of the difference")

    @property
    def gain_low(self) -> float:
        """The smallest likely gain of the candidate, in the metric's unit; negative if it may be worse."""
        return self.low if self.direction == "higher" else -self.high

    @property
    def relative_low(self) -> float | None:
        """`gain_low` as a share of the baseline's magnitude; None if that is 0."""
        return self.gain_low / abs(self.baseline) if self.baseline else None


class LoraEvaluation(Record):
    """All metrics of a candidate against the promoted version."""

    candidate: str = Field(description="version of the candidate")
    baseline: str | None = Field(description="promoted version; None for the base model without a LoRA")
    base_snapshot: str
    clip_snapshot: str
    prompts: tuple[str, ...] = Field(description="prompts that the candidate did not learn from")
    seeds: tuple[int, ...] = Field(description="seeds drawn for every prompt")
    metrics: tuple[MetricComparison, ...]

    @property
    def id(self) -> str:
        return sha256_hex(self.canonical())

    def table(self) -> pd.DataFrame:
        """One row per metric, schemas.LORA_EVALUATION."""
        import pandas as pd

        lines = [
            {
                "candidate": self.candidate,
                "baseline": self.baseline,
                "before": one.baseline,
                "after": one.candidate,
                **one.model_dump(exclude={"baseline", "candidate"}),
            }
            for one in self.metrics
        ]
        return pd.DataFrame(lines, columns=schemas.LORA_EVALUATION.names)

    def metric(self, name: str) -> MetricComparison | None:
        return next((one for one in self.metrics if one.metric == name), None)


@dataclass(frozen=True)
class Evaluated:
    """An evaluation with the pictures that it is based on."""

    report: LoraEvaluation
    before: npt.NDArray[np.uint8]
    """Pictures of the baseline, prompt by prompt, for a contact sheet."""
    after: npt.NDArray[np.uint8]


def evaluate_lora(
    candidate: tuple[str, Lora],
    promoted: tuple[str, Lora] | None,
    base_snapshot: str,
    prompts: Sequence[str],
    seeds: Sequence[int],
    render: Render[Lora],
    judges: Judges,
    learnt_from: Sequence[str],
) -> Evaluated:
    """Measure ``candidate`` and ``promoted`` on all prompts and seeds; each is a version and the LoRA for ``render``.

    The metrics are style adherence, prompt alignment, diversity (mean pairwise cosine distance of the pictures of one
    prompt), and safety and preference if there is a judge. The interval is a percentile bootstrap (Efron, 1979): the
    prompts are resampled in pairs, `RESAMPLES` times, from a fixed seed. Prompts are resampled, not pictures, because
    the pictures of one prompt are not independent.

    Raises:
        InputError: a prompt is in ``learnt_from`` or repeated, or there are fewer than two prompts or two seeds.
        ModelError: a judge returns no finite score for a picture.
    """
    require_held_out(prompts, learnt_from)
    _require_enough(prompts, seeds)
    asked = [prompt for prompt in prompts for _ in seeds]
    drawn = [seed for _ in prompts for seed in seeds]
    before = render(promoted[1] if promoted else None, asked, drawn)
    after = render(candidate[1], asked, drawn)
    texts = judges.clip.embed_texts(list(prompts))
    measured = [_measures(pictures, texts, len(seeds), judges) for pictures in (before, after)]
    _require_finite(prompts, measured)
    units = dict(_UNITS)
    if judges.safety is not None:
        units[SAFETY] = (judges.safety.unit, "lower" if judges.safety.direction == "lower" else "higher")
    metrics = tuple(_compared(name, measured[0][name], measured[1][name], *units[name]) for name in measured[0])
    report = LoraEvaluation(
        candidate=candidate[0],
        baseline=promoted[0] if promoted else None,
        base_snapshot=base_snapshot,
        clip_snapshot=judges.clip.snapshot.snapshot_id,
        prompts=tuple(prompts),
        seeds=tuple(seeds),
        metrics=metrics,
    )
    return Evaluated(report, before, after)


_UNITS: Mapping[str, tuple[str, Literal["higher", "lower"]]] = {
    ADHERENCE: ("cosine", "higher"),
    ALIGNMENT: ("cosine", "higher"),
    DIVERSITY: ("cosine distance", "higher"),
    PREFERENCE: ("probability", "higher"),
}


def require_held_out(prompts: Sequence[str], learnt_from: Sequence[str]) -> None:
    """Refuse prompts that the LoRA learnt from, ignoring case and spaces as a CLIP text encoder does.

    Raises:
        InputError: a prompt was learnt from; the message has the number and one example.
    """
    learnt = {_words(prompt) for prompt in learnt_from}
    if known := sorted({prompt for prompt in prompts if _words(prompt) in learnt}):
        raise InputError(
            f"the LoRA learnt from {len(known)} prompts of the evaluation, for example {known[0]!r}",
            remedy="evaluate on prompts that are not in the training set",
        )


def _words(prompt: str) -> str:
    return " ".join(prompt.split()).casefold()


def _require_enough(prompts: Sequence[str], seeds: Sequence[int]) -> None:
    if len(set(prompts)) < max(2, len(prompts)) or len(set(seeds)) < max(2, len(seeds)):
        raise InputError(
            f"{len(prompts)} prompts with {len(seeds)} seeds: some are repeated, or there are fewer than two",
            remedy="give at least two different prompts and two different seeds",
        )


def _require_finite(prompts: Sequence[str], measured: Sequence[Mapping[str, Scores]]) -> None:
    for name, scores in (pair for one in measured for pair in one.items()):
        if len(lost := np.flatnonzero(~np.isfinite(scores))):
            raise ModelError(
                f"{name} cannot be measured for {len(lost)} of {len(prompts)} prompts, for example "
                f"{prompts[lost[0]]!r}: a picture has no finite score",
                remedy="check the model that judges it, and the pictures; nothing is promoted without all measures",
            )


def _measures(
    pictures: npt.NDArray[np.uint8], texts: npt.NDArray[np.float32], seeds: int, judges: Judges
) -> dict[str, Scores]:
    """Each metric with one number per prompt."""
    vectors = judges.clip.embed_images(pictures)
    of_prompt = vectors.astype(np.float64).reshape(len(texts), seeds, -1)

    def per_prompt(scores: Sequence[float] | Scores) -> Scores:
        return np.asarray(scores, np.float64).reshape(len(texts), seeds).mean(axis=1)

    found = {
        ADHERENCE: per_prompt([cosine(vector, judges.centroid) for vector in vectors]),
        ALIGNMENT: per_prompt([cosine(vector, texts[row // seeds]) for row, vector in enumerate(vectors)]),
        DIVERSITY: np.array([_distance(some) for some in of_prompt]),
    }
    if judges.safety is not None:
        found[SAFETY] = per_prompt(judges.safety.score(Look(pictures, vectors, ())))
    if judges.head is not None:
        found[PREFERENCE] = per_prompt(judges.head.predict(vectors))
    return found


def _distance(vectors: npt.NDArray[np.float64]) -> float:
    """Mean cosine distance between all pairs of rows of ``[n, d]``."""
    pairs = np.triu_indices(len(vectors), 1)
    return float(1 - (vectors @ vectors.T)[pairs].mean())


def _compared(
    name: str, before: Scores, after: Scores, unit: str, direction: Literal["higher", "lower"]
) -> MetricComparison:
    low, high = paired_interval(after - before)
    return MetricComparison(
        metric=name,
        unit=unit,
        direction=direction,
        baseline=float(before.mean()),
        candidate=float(after.mean()),
        difference=float((after - before).mean()),
        low=low,
        high=high,
    )


def paired_interval(differences: Scores) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean of ``[n]``; equal numbers give equal intervals."""
    count = len(differences)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    low, high = np.percentile(drawn @ differences / count, [2.5, 97.5])
    return float(low), float(high)
