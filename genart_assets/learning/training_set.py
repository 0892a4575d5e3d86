"""Makes the training set of a style LoRA from reviews: accepted images, and pairs of a better and a worse image.

Each picture counts once, however often it was made or accepted, and no subject dominates the set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydantic import Field

from genart_assets.errors import InputError
from genart_assets.finetuning.training_set import PreferencePair, TrainingRow, TrainingSet, TrainingSetRules
from genart_assets.records import schemas
from genart_assets.records.base import Record

if TYPE_CHECKING:
    import pandas as pd

NEUTRAL = 3
"""The score, of 1 to 5, that weighs as much as no score."""


class ReviewedImage(Record):
    """One image and the valid decisions of reviewers about it."""

    recipe_id: str
    slot: str = Field(description="{order}/{slot index}")
    group: str = Field(description="value by which the set is balanced, for example the subject")
    prompt: str
    pixel_sha256: str
    path: str = Field(description="path of the picture, relative to the storage root")
    width: int = Field(ge=1, description="px")
    height: int = Field(ge=1, description="px")
    model_snapshot: str
    accepted_by: tuple[str, ...] = Field(default=(), description="reviewers who accept it, sorted")
    rejected_by: tuple[str, ...] = Field(default=(), description="reviewers who reject it or want it redone, sorted")
    score: int | None = Field(default=None, ge=1, le=5, description="the last score that a reviewer gave")
    features: dict[str, float] = Field(
        default_factory=dict, description="values as they were known before the first decision about the image"
    )

    @property
    def liking(self) -> int:
        """The score, or the neutral score if there is none."""
        return self.score or NEUTRAL


class TrainingSetReport(Record):
    """Counts of the reviewed images, with the reasons why some were left out."""

    reviewed: int = Field(description="images with a valid decision")
    accepted: int
    rejected: int
    left_out: dict[str, int] = Field(description="number of images per reason")
    contradicted: tuple[str, ...] = Field(description="pixel hashes of pictures both accepted and rejected")
    unpaired: int = Field(
        description="rejected images without a partner: no image of their slot or prompt is in the set"
    )


def tables_of(made: TrainingSet) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows (schemas.TRAINING_SET) and the pairs (schemas.PREFERENCE_PAIRS) of a training set."""
    import pandas as pd

    rows = pd.DataFrame([row.model_dump() for row in made.rows], columns=schemas.TRAINING_SET.names)
    pairs = pd.DataFrame([pair.model_dump() for pair in made.pairs], columns=schemas.PREFERENCE_PAIRS.names)
    return rows.astype({"score": "Int32"}), pairs


def training_set(
    images: Sequence[ReviewedImage], vectors: Mapping[str, npt.NDArray[np.floating]], rules: TrainingSetRules
) -> tuple[TrainingSet, TrainingSetReport]:
    """Make a training set of reviewed images; its order depends on their content alone.

    It takes accepted pictures that nobody rejects, each once, highest scores first. It leaves out a picture if its
    embedding is within ``rules.near`` of one already taken, or if its group is full. A rejected image forms a pair with
    the image of its slot in the set, otherwise with the best image of its prompt. All pictures have one size: the most
    frequent one among the accepted pictures.

    Args:
        vectors: CLIP embedding ``[d]`` of length 1 of each recipe id; an image without one is left out.

    Raises:
        InputError: fewer images are left than ``rules.fewest``; the message counts the reasons.
    """
    by_pixels: dict[str, list[ReviewedImage]] = {}
    for image in sorted(images, key=lambda one: (one.pixel_sha256, one.recipe_id)):
        if image.accepted_by or image.rejected_by:
            by_pixels.setdefault(image.pixel_sha256, []).append(image)
    left_out: Counter[str] = Counter()
    accepted: list[ReviewedImage] = []
    rejected: list[ReviewedImage] = []
    contradicted: list[str] = []
    for pixels, copies in by_pixels.items():
        liked, disliked = (any(getattr(one, by) for one in copies) for by in ("accepted_by", "rejected_by"))
        if liked and disliked:
            contradicted.append(pixels)
            left_out["reviewers contradict each other"] += len(copies)
            continue
        left_out["the same pixels"] += len(copies) - 1
        (accepted if liked else rejected).append(_best(copies))
    size = _size(accepted)
    taken = _chosen(accepted, vectors, rules, size, left_out)
    left_out = Counter({reason: count for reason, count in left_out.items() if count})
    if len(taken) < rules.fewest:
        raise InputError(
            f"the training set has {len(taken)} images, at least {rules.fewest} are needed; {len(accepted)} different "
            f"ones were accepted and {len(rejected)} rejected; left out: "
            + (", ".join(f"{count} ({reason})" for reason, count in sorted(left_out.items())) or "none"),
            remedy="review more images, or lower `fewest`, `least_score` or `least` of the rules",
        )
    pairs = _pairs(taken, rejected, size)
    made = TrainingSet(
        rules=rules,
        width=size[0],
        height=size[1],
        model_snapshots=tuple(sorted({image.model_snapshot for image in taken})),
        rows=tuple(_row(image) for image in sorted(taken, key=lambda one: (one.group, one.pixel_sha256))),
        pairs=tuple(pairs),
    )
    report = TrainingSetReport(
        reviewed=sum(len(copies) for copies in by_pixels.values()),
        accepted=len(accepted),
        rejected=len(rejected),
        left_out=dict(sorted(left_out.items())),
        contradicted=tuple(contradicted),
        unpaired=len(rejected) - len(pairs),
    )
    return made, report


def _best(copies: Sequence[ReviewedImage]) -> ReviewedImage:
    return min(copies, key=lambda one: (-one.liking, one.recipe_id))


def _size(accepted: Sequence[ReviewedImage]) -> tuple[int, int]:
    """The most frequent width and height; the larger one of a tie."""
    sizes = Counter((one.width, one.height) for one in accepted)
    return max(sizes, key=lambda size: (sizes[size], size), default=(1, 1))


def _chosen(
    accepted: Sequence[ReviewedImage],
    vectors: Mapping[str, npt.NDArray[np.floating]],
    rules: TrainingSetRules,
    size: tuple[int, int],
    left_out: Counter[str],
) -> list[ReviewedImage]:
    taken: list[ReviewedImage] = []
    widths = Counter(len(vector) for vector in vectors.values())  # briefs may differ in their CLIP model
    known = {width: np.zeros((count, width), np.float64) for width, count in widths.items()}
    held: Counter[int] = Counter()
    groups: Counter[str] = Counter()
    for image in sorted(accepted, key=lambda one: (-one.liking, one.pixel_sha256)):
        vector = vectors.get(image.recipe_id)
        if (image.width, image.height) != size:
            left_out[f"not {size[0]} × {size[1]} px"] += 1
        elif image.score is not None and image.score < rules.least_score:
            left_out["score below the minimum"] += 1
        elif short := _short_of(image, rules):
            left_out[f"{short} below the minimum"] += 1
        elif vector is None or not np.isfinite(vector).all():
            left_out["no embedding"] += 1
        elif bool((known[len(vector)][: held[len(vector)]] @ vector.astype(np.float64) >= rules.near).any()):
            left_out["near duplicate"] += 1
        elif groups[image.group] >= rules.most_per_group:
            left_out[f"{rules.group} is full"] += 1
        else:
            known[len(vector)][held[len(vector)]] = vector
            held[len(vector)] += 1
            groups[image.group] += 1
            taken.append(image)
    return taken


def _short_of(image: ReviewedImage, rules: TrainingSetRules) -> str:
    """The feature that is missing or below its minimum; empty if none is."""
    lows = rules.least.items()
    return next((name for name, low in lows if not image.features.get(name, -np.inf) >= low), "")


def _pairs(
    taken: Sequence[ReviewedImage], rejected: Sequence[ReviewedImage], size: tuple[int, int]
) -> list[PreferencePair]:
    of_slot: dict[str, ReviewedImage] = {}
    of_prompt: dict[str, ReviewedImage] = {}
    for image in sorted(taken, key=lambda one: (-one.liking, one.pixel_sha256)):
        of_slot.setdefault(image.slot, image)
        of_prompt.setdefault(image.prompt, image)
    pairs: list[PreferencePair] = []
    for worse in rejected:
        better = of_slot.get(worse.slot) or of_prompt.get(worse.prompt)
        if better is not None and (worse.width, worse.height) == size:
            pairs.append(_pair(better, worse))
    return sorted(pairs, key=lambda pair: (pair.slot, pair.rejected_sha256))


def _pair(better: ReviewedImage, worse: ReviewedImage) -> PreferencePair:
    return PreferencePair(
        recipe_id=worse.recipe_id,
        slot=worse.slot,
        prompt=better.prompt,
        preferred_sha256=better.pixel_sha256,
        preferred_path=better.path,
        rejected_sha256=worse.pixel_sha256,
        rejected_path=worse.path,
    )


def _row(image: ReviewedImage) -> TrainingRow:
    return TrainingRow(
        recipe_id=image.recipe_id,
        pixel_sha256=image.pixel_sha256,
        path=image.path,
        prompt=image.prompt,
        group=image.group,
        score=image.score,
        weight=image.liking / NEUTRAL,
    )
