"""A tiny graph over the three IO managers: latents → images → critic_scores → verdicts, with a check on each kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
import numpy as np
import pandas as pd

from genart_assets.defs.io_managers.images import ImageIOManager
from genart_assets.defs.io_managers.tables import TableIOManager
from genart_assets.defs.io_managers.tensors import TensorIOManager
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.storage.images import Pictures, StoredImages
from genart_assets.storage.tensors import StoredTensors
from genart_assets_tests.storage.rows import IDS, Rows

if TYPE_CHECKING:
    import torch

BATCH = "market.0123456789.r0.0000"
batches = dg.DynamicPartitionsDefinition(name="batches")


class Stages:
    """The stages of the graph; each may be told to fail at its k-th micro-batch, and writes down what it computed."""

    def __init__(self, **fail_at: int) -> None:
        self.computed: dict[str, list[str]] = {"latents": [], "images": [], "critic_scores": []}
        self._fail_at = fail_at

    def watched(self, asset: str, micro_batches: Iterator[MicroBatch[Any]]) -> Iterator[MicroBatch[Any]]:
        for k, micro_batch in enumerate(micro_batches):
            if k == self._fail_at.get(asset):
                raise RuntimeError(f"{asset} ran out of memory")
            self.computed[asset] += micro_batch.settled
            yield micro_batch


def assets(stages: Stages) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    @dg.asset(partitions_def=batches, io_manager_key="tensors")
    def latents() -> RowStream:
        return RowStream(IDS, lambda missing: stages.watched("latents", Rows().tensors().compute(missing)))

    @dg.asset(partitions_def=batches, io_manager_key="images")
    def images(latents: StoredTensors) -> RowStream:
        def decode(missing: Sequence[str]) -> Iterator[MicroBatch[Pictures]]:
            for found in latents.stream(missing, rows=4):
                flat = found.data["latents"][:, 0, 0].to(dtype=_uint8()).numpy()
                pictures = np.broadcast_to(flat[:, None, None, None], (len(flat), 8, 8, 3))
                yield MicroBatch(found.ids, pictures, found.failures)

        return RowStream(
            IDS,
            lambda missing: stages.watched("images", decode(missing)),
            lambda: {"sheet": dg.MetadataValue.md("![](x)")},
        )

    @dg.asset(partitions_def=batches, io_manager_key="tables")
    def critic_scores(images: StoredImages) -> RowStream:
        def score(missing: Sequence[str]) -> Iterator[MicroBatch[pd.DataFrame]]:
            for found in images.stream(missing, rows=4):
                brightness = found.data.mean(axis=(1, 2, 3))
                lines = pd.DataFrame({"recipe_id": found.ids, "critic": "brightness", "score": brightness})
                lines = lines.assign(unit="1", direction="higher", version="1", reason=None)
                yield MicroBatch(found.ids, lines, found.failures)

        return RowStream(IDS, lambda missing: stages.watched("critic_scores", score(missing)))

    @dg.asset(partitions_def=batches, io_manager_key="tables")
    def verdicts(critic_scores: pd.DataFrame) -> pd.DataFrame:
        passed = critic_scores["score"] > 4
        return pd.DataFrame({"recipe_id": critic_scores["recipe_id"], "passed": passed, "failed": "[]", "held": None})

    @dg.asset_check(asset=latents, partitions_def=batches)
    def latents_are_finite(latents: StoredTensors) -> dg.AssetCheckResult:
        finite = all(bool(found.data["latents"].isfinite().all()) for found in latents.stream())
        return dg.AssetCheckResult(passed=finite)

    @dg.asset_check(asset=images)
    def images_are_decodable(images: StoredImages) -> dg.AssetCheckResult:
        failures = {id: why for found in images.stream() for id, why in found.failures.items()}
        return dg.AssetCheckResult(passed=failures == images.failures)

    @dg.asset_check(asset=verdicts, additional_ins={"latents": dg.AssetIn("latents")})
    def verdicts_are_complete(verdicts: pd.DataFrame, latents: StoredTensors) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=tuple(verdicts["recipe_id"]) == latents.ids)

    return [
        latents, images, critic_scores, verdicts, latents_are_finite, images_are_decodable, verdicts_are_complete,
    ]  # fmt: skip


def resources(root: str) -> dict[str, Any]:
    store = StorageResource(root=root)
    return {
        "store": store,
        "tensors": TensorIOManager(store=store),
        "images": ImageIOManager(store=store),
        "tables": TableIOManager(store=store),
    }


def materialise(
    root: str, stages: Stages, instance: dg.DagsterInstance, selection: str = "*", batch: str = BATCH
) -> dg.ExecuteInProcessResult:
    instance.add_dynamic_partitions("batches", [batch])
    return dg.materialize(
        assets(stages),
        resources=resources(root),
        instance=instance,
        partition_key=batch,
        selection=selection,
        raise_on_error=False,
    )


def _uint8() -> torch.dtype:
    import torch

    return torch.uint8
