"""`genart run`: every batch of some briefs, from plan to delivered files, in one process with the model loaded once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import dagster as dg

from genart_assets.catalogue import accept
from genart_assets.defs.partitions import add_batches
from genart_assets.errors import BatchBusyError
from genart_assets.instance.home import Home
from genart_assets.instance.orphans import sweep
from genart_assets.models.checks import check_model
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records import Batch
from genart_assets.runner.delivery_pass import DeliveryPass
from genart_assets.runner.execute import execute_batch
from genart_assets.runner.summary import Summary, summarise
from genart_assets.stages.read_briefs import read_brief_file
from genart_assets.storage.locks import batch_lock
from genart_assets.storage.root import Storage

Finished = Callable[[str, str, str | None], None]
"""Called with the pass (render, deliver), the batch's key, and the problem or None."""


def plan_briefs(paths: Sequence[Path], storage: Storage, batch_rows: int) -> list[Batch]:
    """Read, check and accept briefs; all of them are read before the first is accepted.

    Raises:
        InputError: a brief is wrong; nothing is accepted then.
    """
    from genart_assets.stages.read_briefs import read_text

    briefs = [(read_brief_file(path, check_model=check_model), read_text(path)) for path in paths]
    planned: dict[str, Batch] = {}
    for brief, text in briefs:
        for batch in accept(storage, brief, text, take_snapshot(brief.model).snapshot_id, batch_rows):
            planned.setdefault(batch.key, batch)
    return list(planned.values())


def run_batches(home: Home, storage: Storage, planned: Sequence[Batch], finished: Finished) -> Summary:
    """Render and deliver batches that are accepted, going on where an earlier run of them stopped.

    Rendering stays in this process; delivery runs beside it in another. A batch that fails is named in the summary's
    problems and the others go on.
    """
    began = time.monotonic()
    problems: list[str] = []

    def delivered(key: str, problem: str | None) -> None:
        problems.extend([problem] if problem else [])
        finished("deliver", key, problem)

    with home.instance() as instance, ExitStack() as cleanup:
        sweep(instance)
        add_batches(instance, [batch.key for batch in planned])
        rendered = _materialised(instance, "selected_images")
        done = _materialised(instance, "deliveries")
        delivery = DeliveryPass(home.environment, delivered)
        cleanup.callback(delivery.stop)
        for batch in planned:
            problem = None if batch.key in rendered else _render(batch, storage, instance)
            finished("render", batch.key, problem)
            if problem:
                problems.append(problem)
            elif batch.key in done:
                finished("deliver", batch.key, None)
            else:
                delivery.send(batch.key)
        delivery.finish()
    return summarise(storage, list(planned), time.monotonic() - began, problems)


def _render(batch: Batch, storage: Storage, instance: dg.DagsterInstance) -> str | None:
    try:
        with batch_lock(storage, batch.key):
            return execute_batch("render", batch.key, instance)
    except BatchBusyError as error:
        return str(error)


def _materialised(instance: dg.DagsterInstance, asset: str) -> set[str]:
    return instance.get_materialized_partitions(dg.AssetKey(asset))
