"""Real small pictures with known faults, and the plan they belong to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from genart_assets.critics.protocol import CriticContext, Look
from genart_assets.models.clip import load_clip
from genart_assets.records.brief import Brief
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe, Schedule

Pixels = npt.NDArray[np.uint8]

COLOURS = {"white": "#ffffff", "teal": "#1e9696", "navy": "#141e5a"}
FRUITS = {"red apple": "#dc1e1e", "green apple": "#1eb428", "tangerine": "#fa9614"}

SCHEDULE = Schedule(scheduler="DDIMScheduler", config={}, timesteps=(999.0, 499.0))


def fruit(subject: str, background: str, *, side: int = 64, shift: int = 0) -> Pixels:
    """A fruit with a stalk, sharp, drawn at four times its size."""
    large = side * 4
    image = Image.new("RGB", (large, large), COLOURS.get(background, background))
    draw = ImageDraw.Draw(image)
    left = large * 0.2 + shift * 4
    draw.rectangle((left + large * 0.28, large * 0.1, left + large * 0.33, large * 0.3), fill="#643c14")
    draw.ellipse((left, large * 0.24, left + large * 0.6, large * 0.85), fill=FRUITS[subject])
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))


def blurred(picture: Pixels, radius: float) -> Pixels:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def brief_of(**changes: object) -> Brief:
    """Nine slots: three fruits on three backgrounds."""
    fields: dict[str, object] = {
        "brief": "fruit-market",
        "prompt": "classic icon of {subject} on {background} background",
        "vary": {"subject": tuple(FRUITS), "background": tuple(COLOURS)},
        "style_guide": {"palette": {"background": COLOURS}},
    }
    return Brief.model_validate(fields | changes)


def plan_of(brief: Brief, side: int = 64) -> list[PlannedImage]:
    pairs = [(subject, background) for subject in brief.vary["subject"] for background in brief.vary["background"]]
    return [
        PlannedImage(
            slot=Slot(brief=brief.brief, index=k, values={"subject": subject, "background": background}, repeat=0),
            round=0,
            recipe=Recipe(
                prompt=brief.prompt.format(subject=subject, background=background),
                negative_prompt="",
                seed=k,
                schedule=SCHEDULE,
                steps=2,
                guidance=5.0,
                width=side,
                height=side,
                model_snapshot="0" * 64,
            ),
        )
        for k, (subject, background) in enumerate(pairs)
    ]


def pictures_of(plan: Sequence[PlannedImage]) -> Pixels:
    """What the plan asks for, drawn."""
    return np.stack([fruit(p.slot.values["subject"], p.slot.values["background"]) for p in plan])


def look_at(plan: Sequence[PlannedImage], pixels: Pixels, *, embed: bool = False) -> Look:
    embeddings = load_clip().embed_images(pixels) if embed else np.zeros((len(plan), 0), np.float32)
    return Look(pixels=pixels, embeddings=embeddings, planned=plan)


def context_of(brief: Brief, look: Look, references: Sequence[Pixels] = ()) -> CriticContext:
    return CriticContext(
        brief=brief,
        batch_ids=[planned.recipe_id for planned in look.planned],
        batch_embeddings=look.embeddings,
        embed_texts=load_clip().embed_texts,
        embed_images=load_clip().embed_images,
        clip_snapshot=load_clip().snapshot.snapshot_id,
        references=lambda: references,
    )


def part(look: Look, rows: Sequence[int]) -> Look:
    """Some rows of a look, in another order or alone."""
    return Look(look.pixels[list(rows)], look.embeddings[list(rows)], [look.planned[k] for k in rows])
