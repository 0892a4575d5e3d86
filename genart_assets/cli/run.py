"""`genart run`: brief in, delivered files and a report out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Column, Table

from genart_assets.cli.terminal import standard_error_console, standard_output_reserved
from genart_assets.instance import process_settings
from genart_assets.runner.interrupts import Interrupted, Interrupts
from genart_assets.runner.problems import one_line

if TYPE_CHECKING:
    from genart_assets.runner.plan_briefs import Plan
    from genart_assets.runner.summary import Summary


def run_command(briefs: Sequence[Path], *, batch_rows: int, engine: str | None = None, as_json: bool) -> int:
    """Run briefs to the end, or resume them, on the engine that is registered as ``engine``.

    Returns 0; 1 when something failed and is named; 2 when a brief is wrong, which holds up no other; 128 + the signal
    when it was interrupted.

    Raises:
        GenartError: no engine is called so, no brief was accepted, the studio's latitudes are wrong, or there is no
            home to work in.
    """
    began = time.monotonic()
    process_settings.begin()
    with standard_error_console() as log, Interrupts() as interrupts:
        try:
            with standard_output_reserved():
                plan, summary = _run(briefs, batch_rows, engine, log, interrupts)
        except Interrupted as signal:
            process_settings.end()
            log.print("interrupted; run the same command again to resume")
            return signal.exit_code
        failed, refused = summary.problems, list(plan.refused.values())
        problems = (*failed, *map(one_line, refused))
        summary = summary.model_copy(update={"seconds": round(time.monotonic() - began, 3), "problems": problems})
        if as_json:
            print(summary.model_dump_json(indent=2), flush=True)
        else:
            Console(highlight=False).print(_table(summary))
        _tell(log, "failed:", failed)
        _tell(log, "refused:", list(map(str, refused)))
    process_settings.end()
    return plan.exit_code or (1 if failed else 0)


def _run(
    briefs: Sequence[Path], batch_rows: int, engine: str | None, log: Console, interrupts: Interrupts
) -> tuple[Plan, Summary]:
    wanted = None
    if engine is not None:
        from genart_assets.runner.engine import ENGINES

        wanted = ENGINES.find(engine)
    with log.status("reading briefs"):
        from genart_assets.instance.home import Home
        from genart_assets.runner.plan_briefs import plan_briefs
        from genart_assets.stages.briefs.read_studio import read_studio
        from genart_assets.storage.root import Storage

        home = Home.open()
        storage = Storage.open(home.storage_root)
        plan = plan_briefs(briefs, storage, batch_rows, read_studio(home.path))
    if not plan.batches:
        raise plan.refusal()
    _tell(log, "note:", plan.notes)
    _tell(log, "refused, the others go on:", [str(error) for error in plan.refused.values()])
    with log.status("loading Dagster"):
        from genart_assets.cli.run_progress import RunProgress
        from genart_assets.runner.run_briefs import run_batches
    with RunProgress(log, plan.batches) as watcher:
        return plan, run_batches(home, storage, plan.accepted, watcher, interrupts, wanted)


def _tell(log: Console, title: str, lines: Sequence[str]) -> None:
    for line in lines:
        log.print(title, style="bold red", end=" ")
        log.print(line, markup=False, soft_wrap=True)


def _images(number: int) -> str:
    return f"{number} image{'' if number == 1 else 's'}"


def _table(summary: Summary) -> Table:
    table = Table("what", Column("found", overflow="fold"), title="summary", show_header=False, title_justify="left")
    share = f" ({summary.passed / summary.slots:.0%})" if summary.slots else ""
    table.add_row("slots", str(summary.slots))
    table.add_row("rendered", f"{summary.rendered}, {summary.newly_rendered} of them now")
    table.add_row("passed the gate", f"{summary.passed}{share}")
    for later in summary.rounds[1:]:
        table.add_row(f"retry round {later.round}", f"{later.passed} of {later.rendered} repaired")
    failed = max(0, summary.failed - summary.waiting)
    what = "failed the gate, or rejected" if summary.accepted else "failed the gate"
    table.add_row(what, f"{failed}{'; genart review shows them' if failed else ''}")
    if summary.accepted:
        table.add_row("accepted by people", _images(summary.accepted))
    if summary.waiting:
        table.add_row("wait for a person", f"{_images(summary.waiting)}; genart review shows them")
    table.add_row("delivered", f"{summary.delivered} images, {summary.files} files")
    table.add_row("time", f"{summary.seconds:.1f} s")
    table.add_row("delivered files", f"{summary.storage}/deliveries")
    if summary.sheets:
        table.add_row("before and after", "\n".join(summary.sheets))
    table.add_row("validation reports", f"{summary.storage}/reports")
    table.add_row("look around", "genart ui")
    return table
