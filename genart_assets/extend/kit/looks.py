"""What a critic is given on trial: a brief, a plan, and a stand-in for the CLIP critic that needs no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from genart_assets.critics.each_row import Picture
from genart_assets.critics.protocol import CriticContext, Look, NearestSelected, Scope
from genart_assets.records.base import sha256_hex
from genart_assets.records.brief import Brief
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe, Schedule
from genart_assets.storage.nearest import Neighbour

_CELLS = 8
_SCHEDULE = Schedule(scheduler="DDIMScheduler", config={}, timesteps=(999.0, 499.0))


def trial_brief(critic: str) -> Brief:
    """A brief that bounds a critic by its name and asks for nothing else."""
    fields = {"brief": "trial", "prompt": "a disc", "style_guide": {"expect": {critic: {"min": 0.0}}}}
    return Brief.model_validate(fields)


def trial_look(pictures: Mapping[str, Picture], brief: Brief) -> Look:
    """The pictures, of one size, as rows of a batch of the brief; each is planned with its own seed."""
    values = {name: choices[0] for name, choices in brief.vary.items()}
    planned = [
        PlannedImage(
            slot=Slot(brief=brief.brief, index=index, values=values, repeat=0),
            round=0,
            recipe=Recipe(
                prompt=brief.prompt.format_map(values),
                negative_prompt=brief.negative_prompt,
                seed=index,
                schedule=_SCHEDULE,
                steps=2,
                guidance=5.0,
                width=picture.shape[1],
                height=picture.shape[0],
                model_snapshot="0" * 64,
            ),
        )
        for index, picture in enumerate(pictures.values())
    ]
    pixels = np.stack(list(pictures.values()))
    return Look(pixels=pixels, embeddings=_embed_images(list(pictures.values())), planned=planned)


def trial_context(brief: Brief, look: Look) -> CriticContext:
    """What the critic is set up with: the look is the whole batch, and nothing was selected before."""
    nearest: NearestSelected = _nothing_selected
    return CriticContext(
        brief=brief,
        batch_ids=[planned.recipe_id for planned in look.planned],
        batch_embeddings=look.embeddings,
        embed_texts=_embed_texts,
        embed_images=_embed_images,
        clip_snapshot="0" * 64,
        references=lambda: list(look.pixels[:2]),
        nearest_selected=nearest,
    )


def _nothing_selected(
    ids: Sequence[str], vectors: npt.NDArray[np.float32], within: Scope, floor: float
) -> Sequence[Neighbour | None]:
    return [None] * len(ids)


def _embed_images(pictures: Sequence[Picture]) -> npt.NDArray[np.float32]:
    return np.stack([_embedded(picture) for picture in pictures])


def _embedded(picture: Picture) -> npt.NDArray[np.float32]:
    """The picture in 8 x 8 cells, as a vector of length 1: near for pictures that look alike, as CLIP's are."""
    height, width = picture.shape[:2]
    rows = np.array_split(np.arange(height), _CELLS)
    columns = np.array_split(np.arange(width), _CELLS)
    cells = [picture[np.ix_(row, column)].mean(axis=(0, 1)) for row in rows for column in columns]
    vector = np.concatenate(cells) / 255 + 0.01
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _embed_texts(texts: Sequence[str]) -> npt.NDArray[np.float32]:
    vectors = [np.random.default_rng(int(sha256_hex(text)[:16], 16)).random(3 * _CELLS**2) for text in texts]
    return np.stack([vector / np.linalg.norm(vector) for vector in vectors]).astype(np.float32)
