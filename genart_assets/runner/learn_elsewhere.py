"""`genart learn --write`: a style's training set as the directory that a fine-tune elsewhere reads."""

from __future__ import annotations

import shlex
from pathlib import Path

from genart_assets.defs.partitions import add_styles
from genart_assets.finetuning.folder import write_folder
from genart_assets.instance.home import Home
from genart_assets.learning.styles import Style
from genart_assets.learning.training_sets import last_training_set
from genart_assets.learning.trials import require_trial
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.base import Record
from genart_assets.runner.heard import Heard
from genart_assets.runner.in_process import InProcess
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.interrupts import Interrupts
from genart_assets.storage.root import Storage


class Written(Record):
    """What a fine-tune elsewhere is given."""

    style: str
    folder: str
    images: int = 0
    pairs: int = 0
    command: str = ""
    """Starts the fine-tune where the directory is, and resumes it."""
    problem: str = ""
    """What went wrong on the way; else empty."""


def write_finetune(home: Home, storage: Storage, style: Style, folder: Path, interrupts: Interrupts) -> Written:
    """Make the style's training set, and lay it out in ``folder`` with its pictures and the style's config.

    Raises:
        InputError: the directory holds another one, or the trial could not be held afterwards. ModelError: the trial
            could not be held. StorageError: the Dagster instance or a disk cannot be read or written. Interrupted: a
            signal came.
    """
    with instance_explained(home), home.instance() as instance:
        add_styles(instance, [style.style])
        heard = Heard()
        report = heard.of(style.style)
        problem = InProcess(home, instance).execute("learn", style.style, assets=("training_set",), report=report)
        heard.problem(problem)
        interrupts.check()
    made = last_training_set(storage, style.style)
    if problem or made is None:
        return Written(style=style.style, folder=str(folder), problem=heard.line or "no training set was made")
    base = take_snapshot(style.model)
    require_trial(storage, style, made.made.id, base)
    write_folder(folder, made.made, style.finetune, storage.read)
    words = ["python", "-m", "genart_assets.finetuning", str(folder), "--model", style.model]
    return Written(
        style=style.style,
        folder=str(folder),
        images=len(made.made.rows),
        pairs=len(made.made.pairs),
        command=shlex.join([*words, "--snapshot", base.snapshot_id]),
        problem=heard.line,
    )
