"""Whether a style's candidate takes the place of what is promoted: the trial, the gate."""

from datetime import UTC, datetime

import dagster as dg
import numpy as np

from genart_assets import progress
from genart_assets.defs.gates import check_result, gate
from genart_assets.defs.learning import style_lora
from genart_assets.defs.partitions import styles
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.vocabulary import GPU, LEARNING, OWNERS
from genart_assets.learning.evaluate_lora import Evaluated
from genart_assets.learning.judge_lora import judge_lora
from genart_assets.learning.styles import stored_style
from genart_assets.learning.trials import last_trial, run_trial, sheet_path
from genart_assets.loras.versions import StyleLora, candidate_of, promote, promoted, require_usable, versions_of
from genart_assets.models.loading import load_model
from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.storage.root import Storage

PAIRS = 36
GATE = "promotion gate"


@dg.asset(
    partitions_def=styles,
    deps=[style_lora],
    pool=GPU,
    group_name=LEARNING,
    kinds={"torch"},
    owners=OWNERS,
    code_version="1",
)
def lora_evaluation(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """The newest candidate of a style beside what is promoted: the same held-out prompts, the same seeds."""
    storage = store.storage
    style = stored_style(storage, context.partition_key)
    candidate = candidate_of(storage, style.style)
    if candidate is None:
        return dg.MaterializeResult(metadata={"candidate": "none"})
    model = load_model(style.model)
    require_usable(candidate, model.snapshot.snapshot_id)
    found = run_trial(
        storage,
        style,
        model,
        candidate,
        lambda done, total: progress.report("lora_evaluation", style.style, done, total),
    )
    report, sheet = found.report, trial_sheet(found)
    storage.write_once(sheet_path(report), sheet)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(report.id),
        metadata={
            "candidate": report.candidate,
            "compared_with": report.baseline or f"{style.model} alone",
            "prompts": len(report.prompts),
            "pictures": len(found.after),
            "measured": dg.MetadataValue.table(
                [
                    dg.TableRecord(
                        {
                            "metric": one.metric,
                            "better": one.direction,
                            "before": round(one.baseline, 4),
                            "after": round(one.candidate, 4),
                            "difference": round(one.difference, 4),
                            "low": round(one.low, 4),
                            "high": round(one.high, 4),
                        }
                    )
                    for one in report.metrics
                ]
            ),
            "before_and_after": dg.MetadataValue.md(markdown_picture(sheet, "before and after")),
        },
    )


@gate(lora_evaluation, blocking=False, partitions_def=styles)
def candidate_is_better(context: dg.AssetCheckExecutionContext, store: StorageResource) -> dg.AssetCheckResult:
    """Style adherence rises by the margin, and nothing else gets worse than the style allows: of the last trial."""
    storage = store.storage
    style = stored_style(storage, context.partition_key)
    report = last_trial(storage, style.style)
    if report is None:
        return dg.AssetCheckResult(passed=True, description="no candidate was tried")
    return check_result(judge_lora(report, style.promote)[1])


@dg.asset(
    partitions_def=styles,
    deps=[lora_evaluation],
    group_name=LEARNING,
    kinds={"greatexpectations"},
    owners=OWNERS,
    code_version="1",
)
def promoted_lora(context: dg.AssetExecutionContext, store: StorageResource) -> dg.MaterializeResult:
    """What briefs mean by `version: promoted`: the candidate, if its trial meets all that the style demands; else still
    the one before.
    """
    storage = store.storage
    style = stored_style(storage, context.partition_key)
    candidate = candidate_of(storage, style.style)
    report = candidate and last_trial(storage, style.style, candidate.version)
    reason = "no candidate waits"
    if candidate and report:
        verdict, _ = judge_lora(report, style.promote)
        reason = verdict.reason or "all rules are met"
        now = promoted(storage, style.style)
        if report.baseline != (now.version if now else None):
            after = f"{now.version if now else 'none'} is promoted now"
            reason = f"it was compared with {report.baseline or 'the base'}, and {after}: try it again"
        elif verdict.passed:
            promote(storage, style.style, candidate.version, by=GATE, time=datetime.now(UTC), verdict=verdict)
    now = promoted(storage, style.style)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(now.version if now else "none"),
        metadata={
            "promoted": now.version if now else "none",
            "candidate": candidate.version if candidate else "none",
            "why": reason,
            "weights_sha256": now.record.weights_sha256 if now else "none",
            "licence": now.record.licence if now else "none",
            "versions": _versions(storage, style.style),
        },
    )


def trial_sheet(found: Evaluated) -> bytes:
    """A WebP sheet of the trial's first prompts: what was promoted, or the base, beside the candidate."""
    seeds = len(found.report.seeds)
    pictures: list[np.ndarray] = []
    captions: list[str] = []
    for index, prompt in enumerate(found.report.prompts[:PAIRS]):
        pictures += [found.before[index * seeds], found.after[index * seeds]]
        captions += [prompt, f"with {found.report.candidate}"]
    return contact_sheet(pictures, columns=12, captions=captions, narrowest=88)


def _versions(storage: Storage, style: str) -> dg.MetadataValue:
    lines = [_line(one) for one in versions_of(storage, style)]
    return dg.MetadataValue.table(lines) if lines else dg.MetadataValue.text("none")


def _line(lora: StyleLora) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "version": lora.version,
            "state": lora.standing,
            "images": lora.record.images,
            "training_set": lora.record.training_set[:12],
            "base": f"{lora.record.base} {lora.record.base_snapshot[:12]}",
        }
    )
