"""`genart run`: every round of some briefs, from plan to delivered files, with the model loaded once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from genart_assets.defs.superseded import make_current
from genart_assets.errors import BatchBusyError
from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep
from genart_assets.records.plan import Batch
from genart_assets.runner.engine import EngineClass
from genart_assets.runner.heard import Heard
from genart_assets.runner.instance_errors import instance_explained
from genart_assets.runner.interrupts import Interrupts
from genart_assets.runner.loop import Loop
from genart_assets.runner.order_lock import order_lock
from genart_assets.runner.passes import Engines, Passes, Watcher
from genart_assets.runner.plan_briefs import batches_in
from genart_assets.runner.problems import one_line
from genart_assets.runner.summary import Summary, summarise
from genart_assets.stages.acceptance.accept_brief import Accepted
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.storage.root import Storage


def run_batches(
    home: Home,
    storage: Storage,
    accepted: Sequence[Accepted],
    watcher: Watcher,
    interrupts: Interrupts,
    engine: EngineClass | None = None,
) -> Summary:
    """Render and deliver the batches of accepted briefs, and their later rounds, going on where an earlier run stopped.

    What reviewers have decided since is taken in: what they accepted is delivered, what they sent back rendered again.

    ``engine`` executes both passes; without one, rendering stays in this process, and delivery runs beside it in
    another. A batch that fails is named in the summary's problems and the others go on; so are the batches of an order
    that another `genart run` works on.

    Raises:
        InputError: the device that the environment asks for is not here.
        StorageError: the Dagster instance cannot be read or written. Interrupted: a signal came.
    """
    heard, planned = Heard(watcher.progress), batches_in(accepted)
    everything = list(planned)
    with instance_explained(home), home.instance() as instance, ExitStack() as cleanup:
        sweep(instance)
        mine = _not_busy(planned, storage, cleanup, heard)
        ours = {batch.order for batch in mine}
        for one in {one.brief.brief: one for one in accepted if one.order.key in ours}.values():
            make_current(instance, storage, one)
        engines = Engines.of(home, instance, engine)
        passes = Passes(engines, storage, instance, watcher, interrupts, cleanup, heard)
        books = [OrderBook.open(storage, key) for key in dict.fromkeys(batch.order for batch in mine)]
        loop = Loop(engines.turns, instance, books, heard)
        while mine or loop.settle():
            passes.work(mine)
            mine = loop.next_round()
            everything += mine
            watcher.planned(mine)
        passes.finish()
    return summarise(storage, everything, heard.new_images, heard.problems, heard.model_seconds)


def _not_busy(planned: Sequence[Batch], storage: Storage, cleanup: ExitStack, heard: Heard) -> list[Batch]:
    """The batches whose order is ours until ``cleanup`` closes; who works on the others is a problem."""
    orders: dict[str, list[Batch]] = {}
    for batch in planned:
        orders.setdefault(batch.order, []).append(batch)
    mine: list[Batch] = []
    for batches in orders.values():
        try:
            cleanup.enter_context(order_lock(storage, batches))
        except BatchBusyError as error:
            heard.problem(one_line(error))
        else:
            mine += batches
    return mine
