"""`genart learn`: a style's turn from reviews to promotion, as a run of this process."""

from __future__ import annotations

from pathlib import Path

from genart_assets.defs.partitions import add_styles
from genart_assets.instance.home import Home
from genart_assets.learning.evaluate_lora import LoraEvaluation
from genart_assets.learning.judge_lora import judge_lora
from genart_assets.learning.styles import Style
from genart_assets.learning.training_sets import last_training_set
from genart_assets.learning.trials import last_trial, sheet_path
from genart_assets.loras.promotion import PromotionVerdict
from genart_assets.loras.versions import StyleLora, promoted, versions_of
from genart_assets.records.base import Record
from genart_assets.runner.engine import Engine, Report
from genart_assets.runner.heard import Heard, Watching, unwatched
from genart_assets.runner.in_process import InProcess
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.interrupts import Interrupts
from genart_assets.storage.root import Storage


class Learnt(Record):
    """What came of a style's turn."""

    style: str
    images: int = 0
    """In the training set."""
    candidate: str | None = None
    """The newest version."""
    trial: LoraEvaluation | None = None
    passed: bool = False
    reason: str = ""
    """The rules that the candidate does not meet, or what a person decided of it before."""
    promoted: str | None = None
    """The version that briefs mean by ``promoted`` now."""
    sheet: str | None = None
    """File with the trial's pictures, before and after."""
    problem: str = ""
    """What went wrong on the way; else empty."""


def learn_style(
    home: Home,
    storage: Storage,
    style: Style,
    interrupts: Interrupts,
    *,
    trained: Path | None = None,
    watching: Watching = unwatched,
) -> Learnt:
    """Training set, fine-tune, trial, gate, promotion; a fine-tune that was cut off goes on.

    ``trained`` is the directory of a fine-tune that ran elsewhere: its LoRA is taken instead of learning one.

    Raises:
        StorageError: the Dagster instance cannot be read or written. Interrupted: a signal came.
    """
    with instance_explained(home), home.instance() as instance:
        add_styles(instance, [style.style])
        heard = Heard(watching)
        problem = _turn(style, InProcess(home, instance), trained, heard.of(style.style))
        interrupts.check()
    if problem:
        return Learnt(style=style.style, problem=problem)
    made = last_training_set(storage, style.style)
    newest = versions_of(storage, style.style)[-1]
    now = promoted(storage, style.style)
    trial = last_trial(storage, style.style, newest.version)
    verdict = judge_lora(trial, style.promote)[0] if trial else None
    return Learnt(
        style=style.style,
        images=len(made.made.rows) if made else 0,
        candidate=newest.version,
        trial=trial,
        passed=bool(verdict and verdict.passed),
        reason=_reason(newest, verdict),
        promoted=now.version if now else None,
        sheet=str(storage.path(sheet_path(trial))) if trial else None,
        problem=heard.line,
    )


def _turn(style: Style, engine: Engine, trained: Path | None, report: Report) -> str | None:
    if trained is None:
        return engine.execute("learn", style.style, report=report)
    return engine.execute(
        "learn",
        style.style,
        assets=("style_lora", "lora_evaluation", "promoted_lora"),
        config={"style_lora": {"trained": str(trained.resolve())}},
        report=report,
    )


def _reason(newest: StyleLora, verdict: PromotionVerdict | None) -> str:
    if newest.standing in ("retired", "forbidden"):
        return f"version {newest.version} was learnt before and is {newest.standing}; no gate promotes it again"
    return verdict.reason if verdict else ""
