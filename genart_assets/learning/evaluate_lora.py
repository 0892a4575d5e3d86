"""A style LoRA's candidate against what is promoted: the same held-out prompts, the same seeds, measured in pairs."""

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
"""A LoRA or none, prompts and seeds ``[n]`` to pictures, sRGB ``uint8 [n, height, width, 3]``."""


@dataclass(frozen=True)
class Judges:
    """Who measures. What is None is not measured."""

    clip: Clip
    centroid: npt.NDArray[np.float64]
    """Of the house style, ``[d]`` of length 1; models.house_style makes it."""
    head: Head | None = None
    """Of preference, on the same CLIP model's embeddings."""
    safety: Critic | None = None
    """A critic that looks at pixels alone, for example ``unsafe``."""


class MetricComparison(Record):
    """One measure of both, over prompts; each prompt counts once, with the mean of its seeds."""

    metric: str
    unit: str
    direction: Literal["higher", "lower"] = Field(description="which is better")
    baseline: float = Field(description="mean of what is promoted, or of the base")
    candidate: float = Field(description="mean")
    difference: float = Field(description="candidate less baseline")
    low: float = Field(description="lower end of the 95 % interval of the difference")
    high: float = Field(description="upper end")

    @property
    def gain_low(self) -> float:
        """The least by which the candidate is better, in the metric's unit; negative where it may be worse."""
        return self.low if self.direction == "higher" else -self.high

    @property
    def relative_low(self) -> float | None:
        """`gain_low` as a share of the baseline's magnitude; None where that is 0."""
        return self.gain_low / abs(self.baseline) if self.baseline else None


class LoraEvaluation(Record):
    candidate: str = Field(description="version")
    baseline: str | None = Field(description="version that is promoted; None for the base without a LoRA")
    base_snapshot: str
    clip_snapshot: str
    prompts: tuple[str, ...] = Field(description="held out")
    seeds: tuple[int, ...] = Field(description="of every prompt")
    metrics: tuple[MetricComparison, ...]

    @property
    def id(self) -> str:
        return sha256_hex(self.canonical())

    def table(self) -> pd.DataFrame:
        """One line a metric, schemas.LORA_EVALUATION."""
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
    report: LoraEvaluation
    before: npt.NDArray[np.uint8]
    """Pictures of the baseline, prompt by prompt, for a sheet."""
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
    """Measure ``candidate`` and ``promoted``, each a version and what ``render`` takes, on all prompts and seeds.

    Style adherence, prompt alignment, diversity (mean pairwise cosine distance of the pictures of a prompt), and
    safety and preference where there is a judge. Prompts are drawn again, in pairs, `RESAMPLES` times from a fixed
    seed: the interval is the bootstrap's percentiles (Efron, 1979). The pictures of one prompt are not independent,
    so prompts and not pictures are drawn.

    Raises:
        InputError: a prompt is among ``learnt_from`` or there twice; fewer than two prompts or two seeds.
        ModelError: a judge has no score for a picture, or one that is not finite.
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
    """Refuse prompts that were learnt from; case and spaces make no difference to a CLIP text encoder.

    Raises:
        InputError: with how many there are, and one of them.
    """
    learnt = {_words(prompt) for prompt in learnt_from}
    if known := sorted({prompt for prompt in prompts if _words(prompt) in learnt}):
        raise InputError(
            f"{len(known)} prompts of the evaluation were learnt from, for example {known[0]!r}",
            remedy="evaluate on prompts that the training set does not have",
        )


def _words(prompt: str) -> str:
    return " ".join(prompt.split()).casefold()


def _require_enough(prompts: Sequence[str], seeds: Sequence[int]) -> None:
    if len(set(prompts)) < max(2, len(prompts)) or len(set(seeds)) < max(2, len(seeds)):
        raise InputError(
            f"{len(prompts)} prompts with {len(seeds)} seeds; some are there twice, or there are fewer than two",
            remedy="give at least two different prompts and two different seeds",
        )


def _require_finite(prompts: Sequence[str], measured: Sequence[Mapping[str, Scores]]) -> None:
    for name, scores in (pair for one in measured for pair in one.items()):
        if len(lost := np.flatnonzero(~np.isfinite(scores))):
            raise ModelError(
                f"{name} cannot be measured of {len(lost)} of {len(prompts)} prompts, for example "
                f"{prompts[lost[0]]!r}: a picture has no finite score",
                remedy="look at the model that judges it and at the pictures; without a measure nothing is promoted",
            )


def _measures(
    pictures: npt.NDArray[np.uint8], texts: npt.NDArray[np.float32], seeds: int, judges: Judges
) -> dict[str, Scores]:
    """Metric to one number a prompt."""
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
    """Mean cosine distance of all pairs of ``[n, d]``."""
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
    """95 % percentile bootstrap interval of the mean of ``[n]``; the same numbers give the same interval."""
    count = len(differences)
    drawn = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    low, high = np.percentile(drawn @ differences / count, [2.5, 97.5])
    return float(low), float(high)
