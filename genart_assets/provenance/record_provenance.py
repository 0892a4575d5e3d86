"""How each image of a batch came to be, as one row: all that is needed to make it again, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from PIL import Image

from genart_assets.errors import GenartError
from genart_assets.provenance.likeness import likeness_of
from genart_assets.provenance.rendering import Rendering
from genart_assets.records import schemas
from genart_assets.records.base import sha256_hex
from genart_assets.records.judged import JudgedImage
from genart_assets.records.plan import Batch
from genart_assets.records.streams import MicroBatch
from genart_assets.stages.planning.plan_table import row_of
from genart_assets.storage.images import Pictures

if TYPE_CHECKING:
    import pandas as pd
    import torch

Tensors = MicroBatch[dict[str, "torch.Tensor"]]


def record_provenance(
    batch: Batch,
    images: Sequence[JudgedImage],
    latents: Iterator[Tensors],
    pictures: Iterator[MicroBatch[Pictures]],
    *,
    denoised_in: Mapping[str, str],
    decoded_in: Mapping[str, str],
    renderings: Mapping[str, Rendering],
    critic_snapshot: str,
) -> pd.DataFrame:
    """One row of schemas.PROVENANCE for every image of a batch, in their order.

    ``latents`` and ``pictures`` stream all rows that have some, on the CPU. ``denoised_in`` and ``decoded_in`` map
    recipe ids to environment ids, ``renderings`` to the run that denoised them. What an image that failed on the way
    does not have is null.

    Raises:
        GenartError: an image has no verdict.
    """
    import pandas as pd

    seeds = {image.recipe_id: image.planned.recipe.seed for image in images}
    hashes = {id: pair for micro_batch in latents for id, pair in _hashes(micro_batch, seeds)}
    likenesses = {
        id: likeness_of(Image.fromarray(picture))
        for micro_batch in pictures
        for id, picture in zip(micro_batch.ids, micro_batch.data, strict=True)
    }
    rows: list[Mapping[Any, object]] = []
    for image in images:
        if image.passed is None:
            raise GenartError(
                f"image {image.recipe_id} of batch {batch.key} has no verdict",
                remedy="materialise verdicts of this batch again",
            )
        id, made, recipe = image.recipe_id, renderings.get(image.recipe_id), image.planned.recipe
        noise, latent = hashes.get(id, (None, None))
        rows.append(
            {
                **row_of(image.planned),
                "brief": batch.brief,
                "brief_hash": batch.brief_hash,
                "batch": batch.key,
                "model": batch.model,
                "prompt_id": sha256_hex(recipe.prompt),
                "negative_prompt_id": sha256_hex(recipe.negative_prompt),
                "noise_sha256": noise,
                "latents_sha256": latent,
                "pixel_sha256": image.pixel_sha256,
                "path": image.path,
                "likeness": likenesses.get(id),
                "denoised_in": denoised_in.get(id),
                "decoded_in": decoded_in.get(id),
                "run_id": made and made.run_id,
                "micro_batch_rows": made and made.micro_batch_rows,
                "denoise_seconds": made and round(made.seconds / len(made.rows), 6),
                "began": made and made.began.isoformat(),
                "version": made and made.version,
                "critic_snapshot": critic_snapshot,
                "scores": _scores(image),
                "passed": image.passed,
                "failed": image.failed,
                "held": image.held,
                "selected": image.selected,
            }
        )
    arrow = pa.Table.from_pylist(rows, schema=schemas.PROVENANCE)
    return arrow.to_pandas(types_mapper={pa.int32(): pd.Int32Dtype()}.get)


def _hashes(micro_batch: Tensors, seeds: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Recipe id to the SHA-256 of the noise that its seed gives, and of its latents: raw bytes in their dtype."""
    import torch

    for id, latent in zip(micro_batch.ids, micro_batch.data.get("latents", ()), strict=True):
        generator = torch.Generator("cpu").manual_seed(seeds[id])
        noise = torch.randn((1, *latent.shape), generator=generator, dtype=latent.dtype)
        yield id, (_sha256(noise), _sha256(latent))


def _sha256(tensor: torch.Tensor) -> str:
    import torch

    return hashlib.sha256(tensor.contiguous().view(torch.uint8).numpy().tobytes()).hexdigest()


def _scores(image: JudgedImage) -> str:
    """A JSON list of critic, version, unit and score."""
    lines = [
        {"critic": one.critic, "version": one.version, "unit": one.unit, "score": one.score} for one in image.scores
    ]
    return json.dumps(lines, ensure_ascii=False)
