"""What a training run tells Dagit: figures, sample grids, progress."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import numpy as np

from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.starter_training.captions import full_caption
from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.vocabulary import vocabulary
from genart_assets.starter_training.workshop import Workshop

SHOWN = 96


def sample_prompts(count: int) -> list[str]:
    """Captions of pairs from the whole vocabulary, over backgrounds in turn."""
    words = vocabulary()
    names = list(words.backgrounds)
    pairs = spread(words.pairs, count)
    return [full_caption(pair.subject, pair.style, names[k % len(names)]) for k, pair in enumerate(pairs)]


def effects_of(
    context: dg.AssetExecutionContext, workshop: Workshop, grid: Callable[[], list[np.ndarray]] | None = None
) -> Any:
    from genart_assets.starter_training.loop import Effects

    folder = workshop.path(context.asset_key.path[-1])

    def sample(step: int) -> None:
        if grid:
            (folder / f"{step:06d}.webp").write_bytes(contact_sheet(grid(), columns=12))

    def progress(done: int, total: int, losses: dict[str, float]) -> None:
        context.log.info(f"step {done} of {total}: {json.dumps({k: float(f'{v:.4g}') for k, v in losses.items()})}")

    return Effects(folder, sample=sample, progress=progress)


def progress_logger(context: dg.AssetExecutionContext, what: str) -> Callable[[int, int], None]:
    """Progress into the run's log, about each tenth."""
    logged_tenth = 0

    def tell(done: int, total: int) -> None:
        nonlocal logged_tenth
        if (tenth := done * 10 // total) != logged_tenth:
            logged_tenth = tenth
            context.log.info(f"{what}: {done} of {total}")

    return tell


def described(
    figures: Mapping[str, Any], pictures: list[np.ndarray] | None = None, captions: list[str] | None = None
) -> dg.MaterializeResult:
    metadata: dict[str, Any] = dict(figures)
    if pictures:
        sheet = contact_sheet(pictures[:SHOWN], columns=12, captions=captions)
        metadata["samples"] = dg.MetadataValue.md(markdown_picture(sheet, "samples"))
    return dg.MaterializeResult(metadata=metadata)
