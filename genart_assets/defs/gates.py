"""Structural gates: blocking checks between the stages. What they demand stands in `quality/suites.py`.

And the gate of a batch as a whole, which blocks nothing: a held batch's images wait in `verdicts`.
"""

import warnings
from collections.abc import Callable

import dagster as dg

from genart_assets.critics.known import CRITICS
from genart_assets.defs.batch_context import batch_context
from genart_assets.defs.frames import Frame
from genart_assets.defs.judging import critic_scores, image_embeddings, verdicts
from genart_assets.defs.partitions import batches
from genart_assets.defs.planning import generation_plan
from genart_assets.defs.rendering import images, latents
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.quality import row_statistics, suites
from genart_assets.quality.bounds import bounds_of
from genart_assets.quality.evaluate import evaluate
from genart_assets.quality.gate_result import GateResult
from genart_assets.quality.markdown import gate_markdown
from genart_assets.quality.suite import Suite
from genart_assets.stages.planning.stored_plan import StoredPlan
from genart_assets.storage.images import StoredImages
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import StoredTensors

Check = Callable[..., dg.AssetCheckResult]


def gate(
    asset: dg.AssetsDefinition,
    *beside: str,
    blocking: bool = True,
    partitions_def: dg.DynamicPartitionsDefinition = batches,
) -> Callable[[Check], dg.AssetChecksDefinition]:
    """A check of one asset, per batch or other partition, that also reads the assets ``beside``.

    Dagster marks checks with partitions as preview; only they show the status of each batch.
    """

    def declare(check: Check) -> dg.AssetChecksDefinition:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", dg.PreviewWarning)
            return dg.asset_check(
                asset=asset,
                blocking=blocking,
                partitions_def=partitions_def,
                additional_ins={name: dg.AssetIn(name) for name in beside},
            )(check)

    return declare


def _checked(rows: Frame, suite: Suite) -> dg.AssetCheckResult:
    return check_result(evaluate(rows, suite))


def check_result(gate: GateResult) -> dg.AssetCheckResult:
    """What an evaluated suite tells Dagit."""
    unmet = [outcome.expectation.meaning for outcome in gate.outcomes if not outcome.success]
    return dg.AssetCheckResult(
        passed=gate.success,
        description="not met: " + "; ".join(unmet) if unmet else "all expectations met",
        metadata={
            "rows": gate.rows,
            "expectations": len(gate.outcomes),
            "results": dg.MetadataValue.md(gate_markdown(gate)),
        },
    )


@gate(generation_plan)
def plan_is_complete(context: dg.AssetCheckExecutionContext, store: StorageResource) -> dg.AssetCheckResult:
    """The plan has every slot of the batch once, every recipe under its hash, every value in range."""
    _, batch = batch_context(context, store)
    table = TableStore(store.storage, "generation_plan", batch.key).read()
    return _checked(row_statistics.plan_rows(table), suites.plan_suite(batch.rows))


@gate(latents, "generation_plan")
def latents_are_finite(latents: StoredTensors, generation_plan: StoredPlan) -> dg.AssetCheckResult:
    """Every planned row has finite latents, or a reason why not."""
    ids = generation_plan.ids
    rows = row_statistics.tensor_rows(ids, latents.failures, latents.stream())
    return _checked(rows, suites.latents_suite(len(ids)))


@gate(images, "generation_plan")
def images_are_decodable(images: StoredImages, generation_plan: StoredPlan) -> dg.AssetCheckResult:
    """Every planned row has a picture that can be read back in its planned size, or a reason why not."""
    rows = row_statistics.image_rows(generation_plan, images.failures, images.stream())
    return _checked(rows, suites.images_suite(len(generation_plan)))


@gate(image_embeddings, "generation_plan")
def embeddings_have_length_one(image_embeddings: StoredTensors, generation_plan: StoredPlan) -> dg.AssetCheckResult:
    """Every planned row has a finite embedding of length 1, or a reason why not."""
    ids = generation_plan.ids
    rows = row_statistics.tensor_rows(ids, image_embeddings.failures, image_embeddings.stream())
    return _checked(rows, suites.image_embeddings_suite(len(ids)))


@gate(critic_scores, "generation_plan", "images")
def scores_are_complete(
    context: dg.AssetCheckExecutionContext,
    critic_scores: Frame,
    generation_plan: StoredPlan,
    images: StoredImages,
    store: StorageResource,
) -> dg.AssetCheckResult:
    """Every critic has scored every rendered picture once with a finite number, or says why not."""
    book, _ = batch_context(context, store)
    ids = generation_plan.ids
    known = {*critic_scores["critic"]} & {*CRITICS.names()}
    critics = sorted({*known, *(bounds_of(book.brief) if images.ids else ())})
    rows = row_statistics.score_rows(ids, critics, images.failures, critic_scores)
    return _checked(rows, suites.critic_scores_suite(len(ids), critics))


@gate(verdicts, blocking=False)
def batch_goes_on_by_itself(verdicts: Frame) -> dg.AssetCheckResult:
    """Yield and scores of the batch are what the brief expects; a batch where they are not is held for a person."""
    held = verdicts["held"].dropna().unique()
    return dg.AssetCheckResult(
        passed=not len(held), description=f"held for a person: {'; '.join(held)}" if len(held) else "not held"
    )
