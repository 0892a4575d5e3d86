"""Measures how well the starter draws what its prompts say, by its critic and by the colour of its backgrounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genart_assets.critics.palette_distance import border_distance
from genart_assets.models.clip import Clip, load_clip
from genart_assets.models.loading import LoadedModel, load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.models.schedules import schedule_for
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe
from genart_assets.stages.rendering.render import render
from genart_assets.starter_training.captions import full_caption
from genart_assets.starter_training.renderings import SIDE
from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.vocabulary import Pair, Vocabulary

STEPS, GUIDANCE, RESCALE = 20, 5.0, 1.0
"""The schedule ends in pure noise, where guidance alone exaggerates colours (Lin et al., 2024), so it is rescaled."""
SEEN_SEEDS, HELD_OUT_SEEDS = 2, 4
SWEPT_PAIRS = 192
GUIDANCES = (1.0, 3.0, 5.0, 7.0, 9.0)
STEP_COUNTS = (8, 12, 20, 28, 40)
NEAR = 10.0
"""Largest ΔE2000 at which a background counts as the named colour."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Wish:
    """What one image of the evaluation should show."""

    pair: Pair
    background: str
    seed: int
    seen: bool

    @property
    def prompt(self) -> str:
        """The prompt for the image."""
        return full_caption(self.pair.subject, self.pair.style, self.background)


@dataclass(frozen=True)
class Judged:
    """The pictures for some wishes, in the same order, and their figures."""

    wishes: tuple[Wish, ...]
    pictures: np.ndarray
    """``uint8 [n, 64, 64, 3]``."""
    ranks: np.ndarray
    """Rank of the wished subject among all subjects, by the critic; 0 is the best."""
    distances: np.ndarray
    """CIEDE2000 distance from the named background."""
    seconds: float

    def figures(self, rows: Sequence[bool] | np.ndarray | None = None) -> dict[str, float]:
        """Shares with 95 % intervals (Wilson, 1927) of the chosen rows, or of all."""
        chosen = np.ones(len(self.wishes), bool) if rows is None else np.asarray(rows)
        ranks, distances = self.ranks[chosen], self.distances[chosen]
        first, last = _interval(int((ranks == 0).sum()), len(ranks))
        return {
            "images": len(ranks),
            "top_1": float((ranks == 0).mean()),
            "top_1_low": first,
            "top_1_high": last,
            "top_5": float((ranks < 5).mean()),
            "background_near": float((distances <= NEAR).mean()),
            "background_median": float(np.median(distances)),
        }


def wishes_of(words: Vocabulary) -> list[Wish]:
    """Every seen pair with two seeds and every held-out pair with four, over all backgrounds in turn."""
    names = list(words.backgrounds)
    held_out = words.held_out
    wishes: list[Wish] = []
    for pair in words.pairs:
        for _ in range(HELD_OUT_SEEDS if pair in held_out else SEEN_SEEDS):
            wishes.append(Wish(pair, names[len(wishes) * 5 % len(names)], len(wishes), pair not in held_out))
    return wishes


def judge(
    wishes: Sequence[Wish],
    model: LoadedModel,
    clip: Clip,
    words: Vocabulary,
    progress: Callable[[int, int], None],
    *,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
) -> Judged:
    """Draw the wishes with the platform's own stages and judge them."""
    plan = planned_of(wishes, model, steps, guidance)
    began = time.perf_counter()
    drawn = render(plan, model, micro_batch_rows(str(model.device.type), SIDE, SIDE), progress=progress)
    seconds = time.perf_counter() - began
    pictures = np.stack([drawn[planned.recipe_id] for planned in plan])
    colours = {name: "#{:02x}{:02x}{:02x}".format(*colour) for name, colour in words.backgrounds.items()}
    return Judged(
        wishes=tuple(wishes),
        pictures=pictures,
        ranks=subject_ranks(pictures, [wish.pair for wish in wishes], clip, words),
        distances=np.array(
            [border_distance(picture, colours[wish.background]) for picture, wish in zip(pictures, wishes, strict=True)]
        ),
        seconds=seconds,
    )


def subject_ranks(pictures: np.ndarray, pairs: Sequence[Pair], clip: Clip, words: Vocabulary) -> np.ndarray:
    """Rank of each picture's subject among all subjects in the same style, by the critic's cosine."""
    found = clip.embed_images(pictures)
    styles = sorted({pair.style for pair in pairs})
    texts = {s: clip.embed_texts([f"{s} icon of {subject}" for subject in words.subjects]) for s in styles}
    place = {subject: k for k, subject in enumerate(words.subjects)}
    ranks: list[int] = []
    for pair, vector in zip(pairs, found, strict=True):
        cosines = texts[pair.style] @ vector  # one product: a product of one row may be rounded differently
        ranks.append(int((cosines > cosines[place[pair.subject]]).sum()))
    return np.array(ranks)


def evaluate(pipeline: Path, critic: Path, words: Vocabulary, progress: Progress) -> tuple[dict[str, Any], Judged]:
    """All figures of the evaluation as JSON data, and the images at guidance 5 with 20 steps."""
    model, clip = load_model(str(pipeline)), load_clip(str(critic))
    wishes = wishes_of(words)
    whole = judge(wishes, model, clip, words, lambda done, total: progress("all pairs", done, total))
    seen = np.array([wish.seen for wish in wishes])
    styles = np.array([wish.pair.style for wish in wishes])
    swept = spread([wish for wish in wishes if wish.seen], SWEPT_PAIRS)

    def sweep(**settings: Any) -> dict[str, float]:
        ((_, value),) = settings.items()
        report = f"{next(iter(settings))} {value}"
        return judge(swept, model, clip, words, lambda d, t: progress(report, d, t), **settings).figures()

    return {
        "settings": {
            "steps": STEPS,
            "guidance": GUIDANCE,
            "guidance_rescale": RESCALE,
            "near_delta_e": NEAR,
            "device": model.device_class.name,
        },
        "snapshots": {"pipeline": model.snapshot.snapshot_id, "critic": clip.snapshot.snapshot_id},
        "seconds_per_image": whole.seconds / len(wishes),
        "all": whole.figures(),
        "seen": whole.figures(seen),
        "held_out": whole.figures(~seen),
        "styles": {
            style: {
                kind: whole.figures(rows & (styles == style))
                for kind, rows in (("seen", seen), ("held_out", ~seen))
                if (rows & (styles == style)).any()
            }
            for style in words.styles
        },
        "guidance": {str(guidance): sweep(guidance=guidance) for guidance in GUIDANCES},
        "steps": {str(steps): sweep(steps=steps) for steps in STEP_COUNTS},
        "images": [
            {**asdict(wish.pair), "background": wish.background, "seed": wish.seed, "rank": int(rank)}
            for wish, rank in zip(whole.wishes, whole.ranks, strict=True)
        ],
    }, whole


def planned_of(
    wishes: Sequence[Wish], model: LoadedModel, steps: int = STEPS, guidance: float = GUIDANCE
) -> list[PlannedImage]:
    """The wishes as planned images of a model."""
    return [_planned(wish, model, steps, guidance) for wish in wishes]


def _planned(wish: Wish, model: LoadedModel, steps: int, guidance: float) -> PlannedImage:
    return PlannedImage(
        slot=Slot(
            brief="starter-evaluation",
            index=wish.seed,
            values={**asdict(wish.pair), "background": wish.background},
            repeat=0,
        ),
        round=0,
        recipe=Recipe(
            prompt=wish.prompt,
            negative_prompt="",
            seed=wish.seed,
            schedule=schedule_for(model.snapshot.name, "model", steps),
            steps=steps,
            guidance=guidance,
            guidance_rescale=RESCALE,
            width=SIDE,
            height=SIDE,
            model_snapshot=model.snapshot.snapshot_id,
        ),
    )


def _interval(successes: int, trials: int) -> tuple[float, float]:
    from scipy.stats import binomtest

    interval = binomtest(successes, trials).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
