"""Implements `genart learn`: fine-tunes a style's LoRA from accepted images and promotes it if it is better."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from genart_assets.cli.terminal import standard_error_console, standard_output_reserved
from genart_assets.errors import InputError
from genart_assets.instance import process_settings
from genart_assets.runner.interrupts import Interrupted, Interrupts

if TYPE_CHECKING:
    from genart_assets.instance.home import Home
    from genart_assets.learning.evaluate_lora import LoraEvaluation
    from genart_assets.learning.styles import Style
    from genart_assets.runner.learn_elsewhere import Written
    from genart_assets.runner.learn_style import Learnt
    from genart_assets.storage.root import Storage

_STAGES = {"style_lora": "fine-tuning, steps", "lora_evaluation": "trial, pictures"}


def learn_command(file: Path, *, write: Path | None, trained: Path | None, as_json: bool) -> int:
    """Learn a style from the reviews of its briefs.

    To fine-tune on another machine, ``write`` names a directory to write and ``trained`` the same directory afterwards.
    Returns 0, even if the candidate is not promoted; 1 if something failed, which is named; 128 + the signal if it was
    interrupted.

    Raises:
        GenartError: the style is wrong, or the home cannot be opened.
    """
    if write is not None and trained is not None:
        raise InputError(
            "--write and --trained exclude each other", remedy="give --write, fine-tune, then give --trained"
        )
    process_settings.begin()
    with standard_error_console() as log, Interrupts() as interrupts:
        try:
            with standard_output_reserved():
                found = written(file, write, log, interrupts) if write else learn(file, log, interrupts, trained)
        except Interrupted as signal:
            process_settings.end()
            log.print("interrupted; run the same command again to resume")
            return signal.exit_code
        if as_json:
            print(found.model_dump_json(indent=2), flush=True)
        elif not found.problem:
            _show(found)
        if found.problem:
            log.print("failed:", style="bold red", end=" ")
            log.print(found.problem, markup=False, soft_wrap=True)
    process_settings.end()
    return 1 if found.problem else 0


def learn(file: Path, log: Console, interrupts: Interrupts, trained: Path | None = None) -> Learnt:
    """Store the style in a file and learn it, or take the LoRA in ``trained``, with progress on ``log``.

    Raises:
        GenartError: as `learn_command`. Interrupted: a signal came.
    """
    home, storage, style = _taken(file, log)
    with log.status("loading Dagster"):
        from genart_assets.runner.learn_style import learn_style
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=log) as bars:
        tasks = {asset: bars.add_task(words, total=None) for asset, words in _STAGES.items()}

        def watching(_: str, asset: str, done: int, total: int) -> None:
            if asset in tasks:
                bars.update(tasks[asset], completed=done, total=total)

        return learn_style(home, storage, style, interrupts, trained=trained, watching=watching)


def written(file: Path, folder: Path, log: Console, interrupts: Interrupts) -> Written:
    """Store the style in a file and write the directory for a fine-tune on another machine.

    Raises:
        GenartError: as `learn_command`. Interrupted: a signal came.
    """
    home, storage, style = _taken(file, log)
    with log.status("loading Dagster"):
        from genart_assets.runner.learn_elsewhere import write_finetune
    with log.status("writing the training set"):
        return write_finetune(home, storage, style, folder, interrupts)


def _taken(file: Path, log: Console) -> tuple[Home, Storage, Style]:
    with log.status("reading the style"):
        from genart_assets.instance.home import Home
        from genart_assets.learning.read_style import read_style
        from genart_assets.learning.styles import store_style
        from genart_assets.stages.briefs.references import store_references
        from genart_assets.storage.root import Storage

        home = Home.open()
        storage = Storage.open(home.storage_root)
        style = read_style(file)
        store_references(storage, style.references)
        store_style(storage, style)
    return home, storage, style


def _show(found: Learnt | Written) -> None:
    from genart_assets.runner.learn_elsewhere import Written

    console = Console(highlight=False)
    if not isinstance(found, Written):
        console.print(table(found))
        return
    console.print(f"{found.folder} holds {found.images} accepted images and {found.pairs} pairs; fine-tune with")
    console.print(f"    {found.command}", markup=False, soft_wrap=True)
    console.print("then take the LoRA with --trained", soft_wrap=True)


def table(found: Learnt) -> Table:
    """The result as a table for people."""
    shown = Table("what", Column("found", overflow="fold"), title=f"style {found.style}", show_header=False)
    shown.title_justify = "left"
    shown.add_row("learnt from", f"{found.images} accepted images")
    shown.add_row("candidate", found.candidate or "none")
    if found.trial:
        for name, line in _measured(found.trial):
            shown.add_row(name, line)
    verdict = "promoted" if found.passed and found.promoted == found.candidate else f"not promoted: {found.reason}"
    shown.add_row("the gate", verdict)
    shown.add_row("promoted now", found.promoted or "none")
    if found.sheet:
        shown.add_row("before and after", found.sheet)
    shown.add_row("details", "genart ui, group learning")
    return shown


def _measured(trial: LoraEvaluation) -> list[tuple[str, str]]:
    return [
        (
            one.metric.replace("_", " "),
            f"{one.baseline:.4f} -> {one.candidate:.4f}, difference {one.difference:+.4f} "
            f"(95 % {one.low:+.4f} to {one.high:+.4f} {one.unit})",
        )
        for one in trial.metrics
    ]
