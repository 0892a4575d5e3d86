"""`genart run`: brief in, delivered files and a report out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from genart_assets.runner.summary import Summary


def run_command(briefs: Sequence[Path], *, batch_rows: int, as_json: bool) -> int:
    """Runs briefs to the end, or resumes them. Returns 0, or 1 when something failed and is named.

    Raises:
        InputError: a brief is wrong; nothing is rendered then.
    """
    began = time.monotonic()
    log = Console(stderr=True, highlight=False)
    with log.status("starting"):
        from genart_assets.commands.run_progress import RunProgress
        from genart_assets.instance.home import Home
        from genart_assets.runner.run_briefs import plan_briefs, run_batches
        from genart_assets.storage.root import Storage

        home = Home.open()
        storage = Storage.open(home.storage_root)
        planned = plan_briefs(briefs, storage, batch_rows)
    with RunProgress(log, storage, planned) as progress:
        summary = run_batches(home, storage, planned, progress.finished)
    summary = summary.model_copy(update={"seconds": round(time.monotonic() - began, 3)})
    if as_json:
        print(summary.model_dump_json(indent=2))
    else:
        Console(highlight=False).print(_table(summary))
    for problem in summary.problems:
        log.print("failed:", style="bold red", end=" ")
        log.print(problem, markup=False, soft_wrap=True)
    return 1 if summary.problems else 0


def _table(summary: Summary) -> Table:
    table = Table(title="summary", show_header=False, title_justify="left")
    share = f" ({summary.passed / summary.slots:.0%})" if summary.slots else ""
    table.add_row("slots", str(summary.slots))
    table.add_row("rendered", str(summary.rendered))
    table.add_row("passed the gate", f"{summary.passed}{share}")
    table.add_row("failed the gate", str(summary.failed))
    table.add_row("delivered", f"{summary.delivered} images, {summary.files} files")
    table.add_row("time", f"{summary.seconds:.1f} s")
    table.add_row("delivered files", f"{summary.storage}/deliveries")
    table.add_row("validation reports", f"{summary.storage}/reports")
    table.add_row("look around", "genart ui")
    return table
