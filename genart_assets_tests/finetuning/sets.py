"""A small training set of pictures that the starter's autoencoder meets: coloured discs, drawn by numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genart_assets.finetuning.folder import write_folder
from genart_assets.finetuning.inputs import TrainingData, read_training_data
from genart_assets.finetuning.training_set import PreferencePair, TrainingRow, TrainingSet, TrainingSetRules
from genart_assets.loras.records import FinetuneConfig
from genart_assets.storage.pixels import encode_png, pixel_path, pixel_sha256

SUBJECTS = ("red apple", "lemon", "panda", "frog")
QUICK = FinetuneConfig(steps=6, rows=2, rank=2, warm_up=1, checkpoint_every=2, seed=5)


def disc(number: int, side: int = 64) -> np.ndarray:
    """A disc of one colour over another, ``uint8 [side, side, 3]``; every number has its own."""
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[:side, :side]
    inside = np.hypot(rows - side / 2, columns - side / 2) < side * random.uniform(0.2, 0.45)
    colours = random.integers(0, 256, (2, 3))
    return np.where(inside[..., None], colours[0], colours[1]).astype(np.uint8)


def small_set(images: int = 6, pairs: int = 0) -> tuple[TrainingSet, dict[str, bytes]]:
    """A training set, and the PNG at each of its paths."""
    drawn = [disc(number) for number in range(images + pairs)]
    hashes = [pixel_sha256(picture) for picture in drawn]
    paths = [pixel_path(sha256) for sha256 in hashes]
    made = TrainingSet(
        rules=TrainingSetRules(fewest=1),
        width=64,
        height=64,
        model_snapshots=(),
        rows=tuple(
            TrainingRow(
                recipe_id=f"{number:064x}",
                pixel_sha256=hashes[number],
                path=paths[number],
                prompt=f"flat icon of {SUBJECTS[number % 4]}",
                group=SUBJECTS[number % 4],
                score=None,
                weight=1.0,
            )
            for number in range(images)
        ),
        pairs=tuple(
            PreferencePair(
                recipe_id=f"{images + number:064x}",
                slot=f"order/{number}",
                prompt=f"flat icon of {SUBJECTS[number % 4]}",
                preferred_sha256=hashes[number],
                preferred_path=paths[number],
                rejected_sha256=hashes[images + number],
                rejected_path=paths[images + number],
            )
            for number in range(pairs)
        ),
    )
    return made, {path: encode_png(picture) for path, picture in zip(paths, drawn, strict=True)}


def small_data(images: int = 6, pairs: int = 0) -> TrainingData:
    made, files = small_set(images, pairs)
    return read_training_data(made, files.__getitem__)


def small_folder(folder: Path, config: FinetuneConfig, images: int = 6, pairs: int = 0) -> Path:
    """What ``python -m genart_assets.finetuning`` reads."""
    made, files = small_set(images, pairs)
    write_folder(folder, made, config, files.__getitem__)
    return folder
