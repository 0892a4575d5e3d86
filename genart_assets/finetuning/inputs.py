"""Reads the pictures and captions of a fine-tune and encodes them once with the model's own encoders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from genart_assets.errors import InputError, ModelError
from genart_assets.finetuning.training_set import TrainingSet
from genart_assets.models.autoencoder import encode_pictures
from genart_assets.models.loading import LoadedModel
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.records.base import sha256_hex
from genart_assets.stages.rendering.encode_prompts import encode_prompts
from genart_assets.storage.pixels import decode_png, pixel_sha256

if TYPE_CHECKING:
    import torch

Pictures = npt.NDArray[np.uint8]


def _no_pictures() -> Pictures:
    return np.zeros((0, 1, 1, 3), np.uint8)


@dataclass(frozen=True)
class TrainingData:
    """Pictures ``uint8 [n, height, width, 3]`` with captions, and pairs ``[m, …]`` of a better and a worse one."""

    training_set: str
    """Id of the training set."""
    pictures: Pictures
    prompts: tuple[str, ...]
    weights: npt.NDArray[np.float64]
    """How often each picture is drawn, relative to the others, ``[n]``."""
    preferred: Pictures = field(default_factory=_no_pictures)
    rejected: Pictures = field(default_factory=_no_pictures)
    pair_prompts: tuple[str, ...] = ()


def read_training_data(made: TrainingSet, read: Callable[[str], bytes]) -> TrainingData:
    """The data of a training set; ``read`` returns the PNG at a storage path.

    Raises:
        InputError: a picture cannot be decoded, or is not the one that people reviewed.
    """

    def pictures(named: Sequence[tuple[str, str]]) -> Pictures:
        return np.stack([_picture(read, path, sha256) for path, sha256 in named]) if named else _no_pictures()

    return TrainingData(
        training_set=made.id,
        pictures=pictures([(row.path, row.pixel_sha256) for row in made.rows]),
        prompts=tuple(row.prompt for row in made.rows),
        weights=np.array([row.weight for row in made.rows], np.float64),
        preferred=pictures([(pair.preferred_path, pair.preferred_sha256) for pair in made.pairs]),
        rejected=pictures([(pair.rejected_path, pair.rejected_sha256) for pair in made.pairs]),
        pair_prompts=tuple(pair.prompt for pair in made.pairs),
    )


def _picture(read: Callable[[str], bytes], path: str, sha256: str) -> Pictures:
    try:
        picture = decode_png(read(path))
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"picture {path} cannot be read: {error}", remedy="restore it from a backup") from error
    if pixel_sha256(picture) != sha256:
        raise InputError(f"picture {path} has changed: its pixel hash differs", remedy="restore it from a backup")
    return picture


@dataclass(frozen=True)
class Encoded:
    """The data as the denoiser takes it, on the CPU."""

    latents: torch.Tensor
    """``[n, c, h, w]``, scaled as the denoiser expects them."""
    preferred: torch.Tensor
    rejected: torch.Tensor
    states: dict[str, torch.Tensor]
    """The family's named text states, ``[texts, …]``; the first text is the empty one."""
    text_of: npt.NDArray[np.int64]
    """Index of each picture's text, ``[n]``."""
    pair_text_of: npt.NDArray[np.int64]
    size: tuple[int, int]
    """Width and height of the pictures, px."""


def encode_data(model: LoadedModel, data: TrainingData) -> Encoded:
    """Encode each picture and each different caption once.

    Raises:
        InputError: there are no pictures. ModelError: the autoencoder or a text encoder returns values that are not
            finite, or the model's autoencoder is of an unsupported kind.
    """
    if not len(data.pictures):
        raise InputError("there is no picture to learn from", remedy="use a training set that is not empty")
    height, width = data.pictures.shape[1:3]
    rows = micro_batch_rows(model.device_class.device, width, height)
    texts = ["", *sorted({*data.prompts, *data.pair_prompts} - {""})]
    place = {text: k for k, text in enumerate(texts)}
    return Encoded(
        latents=_latents(model, data.pictures, rows),
        preferred=_latents(model, data.preferred, rows),
        rejected=_latents(model, data.rejected, rows),
        states=_states(model, texts, rows),
        text_of=np.array([place[text] for text in data.prompts], np.int64),
        pair_text_of=np.array([place[text] for text in data.pair_prompts], np.int64),
        size=(width, height),
    )


def _states(model: LoadedModel, texts: Sequence[str], rows: int) -> dict[str, torch.Tensor]:
    import torch

    parts: list[dict[str, torch.Tensor]] = []
    for encoded in encode_prompts({sha256_hex(text): text for text in texts}, model, rows):
        if encoded.failures:
            raise ModelError(
                f"a caption has {next(iter(encoded.failures.values()))}", remedy="check the model's weights"
            )
        parts.append({name: tensor.cpu() for name, tensor in encoded.data.items()})
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def _latents(model: LoadedModel, pictures: Pictures, rows: int) -> torch.Tensor:
    """The means of the latents, ``[n, c, h, w]`` in float32."""
    made = encode_pictures(model.pipe.vae, pictures, rows)
    if not made.isfinite().all():
        raise ModelError("the autoencoder returns latents that are not finite", remedy="check the model's weights")
    return made
