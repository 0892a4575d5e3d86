"""`genart demo --learn`: reviews become a LoRA, and the next batch is rendered with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from genart_assets.cli.learn import learn, table
from genart_assets.cli.run import run_command
from genart_assets.cli.terminal import standard_error_console, standard_output_reserved
from genart_assets.instance import process_settings
from genart_assets.runner.interrupts import Interrupted, Interrupts

if TYPE_CHECKING:
    from genart_assets.storage.root import Storage

STARTER = Path(__file__).parents[1] / "starter"
REVIEWED, REFERENCES, NEXT = (
    STARTER / "briefs" / f"{name}.yaml" for name in ("learn", "learn-references", "learn-next")
)
STYLE = STARTER / "styles" / "cool.yaml"
STEPS = (
    "draw what is reviewed, and pictures that show the style",
    "review: a stand-in accepts icons before a cool background, as you would in `genart review`",
    "take the decisions in, and deliver what was accepted",
    "learn: training set, fine-tune, trial beside the model alone, gate",
    "the next batch, with the version that is promoted",
)


def learning_command(*, batch_rows: int, engine: str | None = None, as_json: bool) -> int:
    """Run the shipped briefs and the shipped style, from reviews to the next batch. The same command again resumes.

    Returns 0; 1 when something failed or the candidate was not promoted; 128 + the signal when it was interrupted.

    Raises:
        GenartError: there is no home to work in.
    """
    process_settings.begin()
    with standard_error_console() as log:
        _tell(log, 0)
        with standard_output_reserved():
            code = run_command([REVIEWED, REFERENCES], batch_rows=batch_rows, engine=engine, as_json=False)
        if code:
            return code
        _tell(log, 1)
        with standard_output_reserved(), log.status("reviewing"):
            storage, accepted, rejected, style = _reviewed()
        log.print(f"{accepted} accepted, {rejected} rejected; references in {style.parent / 'references'}")
        _tell(log, 2)
        with standard_output_reserved():
            code = run_command([REVIEWED], batch_rows=batch_rows, engine=engine, as_json=False)
        if code:
            return code
        _tell(log, 3)
        with Interrupts() as interrupts:
            try:
                with standard_output_reserved():
                    found = learn(style, log, interrupts)
            except Interrupted as signal:
                log.print("interrupted; run the same command again to resume")
                return signal.exit_code
        if found.problem or not found.promoted:
            log.print(f"failed: {found.problem or found.reason}", markup=False, soft_wrap=True)
            return 1
        log.print(table(found))
        _tell(log, 4)
        with standard_output_reserved():
            code = run_command([NEXT], batch_rows=batch_rows, engine=engine, as_json=False)
        told = {
            "accepted": accepted,
            "rejected": rejected,
            "learnt": found.model_dump(mode="json"),
            "deliveries": str(storage.path("deliveries/learn-next")),
        }
        if as_json:
            print(json.dumps(told))
        else:
            console = Console(highlight=False)
            console.print(f"before and after: {found.sheet}", soft_wrap=True)
            console.print(f"the next batch:   {told['deliveries']}", soft_wrap=True)
            console.print("look around:      genart ui, group learning", soft_wrap=True)
        return code


def _reviewed() -> tuple[Storage, int, int, Path]:
    """The stand-in's decisions in the log, and the style's file with its references beside it, in the home."""
    from genart_assets.cli.stand_in import review
    from genart_assets.instance.home import Home
    from genart_assets.stages.acceptance.what_is_installed import installed
    from genart_assets.stages.briefs.read_briefs import read_brief_file
    from genart_assets.stages.planning.order_book import OrderBook
    from genart_assets.storage.root import Storage
    from genart_assets.storage.tables import TableStore

    home = Home.open()
    storage = Storage.open(home.storage_root)
    counts = [review(book) for book in OrderBook.of_brief(storage, "learn")]
    folder = home.path / "demo"
    shutil.rmtree(folder / "references", ignore_errors=True)
    (folder / "references").mkdir(parents=True)
    shutil.copyfile(STYLE, folder / STYLE.name)
    shown = read_brief_file(REFERENCES, known=installed()).brief_hash
    for book in OrderBook.of_brief(storage, "learn-references"):
        for batch in book.batches(0) if book.order.brief_hash == shown else ():
            for line in TableStore(storage, "deliveries", batch.key).read().itertuples():
                (folder / "references" / f"{line.recipe_id}.png").write_bytes(storage.read(str(line.path)))
    return storage, sum(count[0] for count in counts), sum(count[1] for count in counts), folder / STYLE.name


def _tell(log: Console, step: int) -> None:
    log.print(f"\n{step + 1} of {len(STEPS)}: {STEPS[step]}", style="bold", soft_wrap=True)
