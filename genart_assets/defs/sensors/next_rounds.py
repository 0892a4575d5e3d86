"""Verdicts start the loop's turns: a judged round is looked at, and what failed becomes the runs of the next."""

import dagster as dg
from pydantic import Field

from genart_assets.defs.jobs import render, take_turn
from genart_assets.defs.partitions import add_batches, add_rounds
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.resources.tags import DRIVER, FOREGROUND
from genart_assets.errors import GenartError
from genart_assets.records.base import Record
from genart_assets.records.plan import order_of
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.storage.root import Storage

RUNS_PER_TICK = 20
EVENTS_PER_TICK = 500
VERDICTS, OUTCOMES, FEEDBACK = map(dg.AssetKey, ("verdicts", "round_outcomes", "human_feedback"))


class Turn(Record):
    """How far the loop of an order has come."""

    round: int = Field(default=0, description="the round that is being judged")
    asked: int = Field(default=0, description="its batches whose run was requested")


class Seen(Record):
    """The sensor's cursor."""

    event: int = Field(default=0, description="storage id of the last verdicts that were looked at")
    open: dict[str, Turn] = Field(default_factory=dict, description="orders whose loop has not ended")


@dg.sensor(jobs=[render, take_turn], minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def retry_sensor(context: dg.SensorEvaluationContext, store: StorageResource) -> dg.SensorResult:
    """A round whose batches all have verdicts becomes a run of `take_turn`, and the round that this plans becomes
    partitions of `batches` and render runs.

    Orders that a `genart run` in the foreground works on are left to it. The cursor keeps the orders whose loop is
    open, so a tick costs nothing for those that have ended; run keys drop what is asked for twice.
    """
    instance, storage = context.instance, store.storage
    seen = Seen.model_validate_json(context.cursor or "{}")
    event, touched = _touched(instance, seen.event)
    open_ = {**{key: Turn() for key in touched}, **seen.open}
    judged = instance.get_materialized_partitions(VERDICTS) if open_ else set()
    turned = instance.get_materialized_partitions(OUTCOMES) if open_ else set()
    requests: list[dg.RunRequest] = []
    left: dict[str, Turn] = {}
    for key, turn in open_.items():
        now: Turn | None = turn
        try:
            now, more = _go_on(instance, storage, key, turn, judged, turned, RUNS_PER_TICK - len(requests))
            requests += more
        except GenartError as error:
            context.log.warning(f"the loop of {key} waits: {error}")
        if now is not None:
            left[key] = now
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else f"{len(left)} loops open, nothing to ask for",
        cursor=Seen(event=event, open=left).canonical(),
    )


def _touched(instance: dg.DagsterInstance, event: int) -> tuple[int, list[str]]:
    """The last event looked at, and the orders that got verdicts or a settlement since ``event``."""
    found = sorted(
        (
            record
            for asset in (VERDICTS, FEEDBACK)
            for record in instance.fetch_materializations(
                dg.AssetRecordsFilter(asset_key=asset, after_storage_id=event), limit=EVENTS_PER_TICK, ascending=True
            ).records
        ),
        key=lambda record: record.storage_id,
    )[:EVENTS_PER_TICK]
    runs = instance.get_runs(dg.RunsFilter(run_ids=list({record.run_id for record in found}))) if found else []
    foreground = {run.run_id for run in runs if run.tags.get(DRIVER) == FOREGROUND}
    keys = [_order_in(r.partition_key) for r in found if r.partition_key and r.run_id not in foreground]
    return (found[-1].storage_id if found else event), list(dict.fromkeys(keys))


def _order_in(partition: str) -> str:
    """The order that a batch or a settlement is of."""
    return partition.rpartition(".v")[0] or order_of(partition)


def _go_on(
    instance: dg.DagsterInstance,
    storage: Storage,
    key: str,
    turn: Turn,
    judged: set[str],
    turned: set[str],
    at_most: int,
) -> tuple[Turn | None, list[dg.RunRequest]]:
    """The next step of an order's loop; None as its turn when it has ended."""
    book = OrderBook.open(storage, key)
    if not book.brief.loops and not book.last_round:
        return None, []
    while (partition := f"{key}.r{turn.round}") in turned:
        turn = Turn(round=turn.round + 1)
    batches = book.batches(turn.round)
    if not batches:
        return None, []
    requests: list[dg.RunRequest] = []
    if turn.round and turn.asked < len(batches):
        some = batches[turn.asked : turn.asked + at_most]
        add_batches(instance, [batch.key for batch in some])
        tags = {"genart/brief": book.brief.brief, "genart/round": str(turn.round)}
        requests = [
            dg.RunRequest(f"render:{batch.key}", partition_key=batch.key, job_name=render.name, tags=tags)
            for batch in some
        ]
        turn = turn.model_copy(update={"asked": turn.asked + len(some)})
    elif at_most and all(batch.key in judged for batch in batches):
        add_rounds(instance, [partition])
        run_key = f"turn:{partition}"
        requests = [dg.RunRequest(run_key, partition_key=partition, job_name=take_turn.name)]
    return turn, requests
