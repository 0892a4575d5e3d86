"""Decisions start settlements: what reviewers accepted is delivered, what they sent back becomes a round."""

import dagster as dg
from pydantic import Field

from genart_assets.defs.jobs import settle
from genart_assets.defs.partitions import add_reviews
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.errors import GenartError
from genart_assets.records.base import Record
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.settlements import is_due, settlement_key, settlements_of

RUNS_PER_TICK = 20


class Heard(Record):
    """The sensor's cursor."""

    seen: dict[str, int] = Field(default_factory=dict, description="order key to decisions that lay there last time")
    asked: dict[str, int] = Field(default_factory=dict, description="order key to decisions that a run was asked for")


@dg.sensor(job=settle, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def review_sensor(context: dg.SensorEvaluationContext, store: StorageResource) -> dg.SensorResult:
    """A settlement for every order about which people have decided something and fell silent for one tick.

    An order whose rounds are still under way is asked again later. Only the names of decisions are looked at, until
    there are more of them than at the last request.
    """
    storage = store.storage
    heard = Heard.model_validate_json(context.cursor or "{}")
    seen: dict[str, int] = {}
    asked = dict(heard.asked)
    requests: list[dg.RunRequest] = []
    for order_key in order_keys(storage):
        seen[order_key] = len(storage.names(f"decisions/{order_key}"))
        silent = heard.seen.get(order_key) == seen[order_key]
        if (
            not seen[order_key]
            or not silent
            or asked.get(order_key) == seen[order_key]
            or len(requests) == RUNS_PER_TICK
        ):
            continue
        try:
            if is_due(OrderBook.open(storage, order_key)):
                partition = settlement_key(order_key, len(settlements_of(storage, order_key)))
                add_reviews(context.instance, [partition])
                requests.append(dg.RunRequest(f"settle:{partition}", partition_key=partition))
                asked[order_key] = seen[order_key]
        except GenartError as error:
            context.log.warning(f"the review of {order_key} waits: {error}")
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else "no new decisions",
        cursor=Heard(seen=seen, asked=asked).canonical(),
    )
