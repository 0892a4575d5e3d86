"""The inbox: a brief dropped there becomes batches and runs; a malformed one is put aside with the reason."""

import json
import time

import dagster as dg

from genart_assets.catalogue import accept
from genart_assets.defs.jobs import render
from genart_assets.defs.partitions import add_batches
from genart_assets.errors import GenartError
from genart_assets.models.checks import check_model
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records import Batch, sha256_hex
from genart_assets.resources.storage import StorageResource
from genart_assets.stages.read_briefs import decode_brief, read_brief
from genart_assets.storage.root import Storage

INBOX = "inbox"
RUNS_PER_TICK = 20
"""A run request costs the daemon about half a second; a long brief is spread over ticks."""
SETTLED_SECONDS = 1.0
"""A file that changed more recently may still be in the middle of being copied."""


@dg.sensor(job=render, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def inbox_sensor(context: dg.SensorEvaluationContext, store: StorageResource) -> dg.SensorResult:
    """Briefs in `inbox/` become partitions of `batches` and one render run a batch.

    The cursor maps each brief that is still in the inbox to the number of its runs already requested. A brief leaves
    the inbox one tick after its last run was requested, so a daemon that dies in between asks again, and the run keys
    drop what is double.
    """
    storage = store.storage
    before: dict[str, int] = json.loads(context.cursor or "{}")
    after: dict[str, int] = {}
    requests: list[dg.RunRequest] = []
    rejected: list[str] = []
    for name in storage.names(INBOX):
        if not name.endswith((".yaml", ".yml")) or not _settled(storage, name):
            continue
        try:
            planned = _accept(storage, name)
        except GenartError as error:
            _reject(storage, name, str(error))
            rejected.append(name)
            continue
        token = f"{name}:{planned[0].key}"
        asked = before.get(token, 0)
        if asked >= len(planned):
            storage.delete(f"{INBOX}/{name}")
            continue
        now = planned[asked : asked + RUNS_PER_TICK - len(requests)]
        add_batches(context.instance, [batch.key for batch in now])
        requests += [
            dg.RunRequest(run_key=f"render:{b.key}", partition_key=b.key, tags={"genart/brief": b.brief}) for b in now
        ]
        after[token] = asked + len(now)
    reason = f"rejected {', '.join(rejected)}: see {INBOX}/rejected/" if rejected else None
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else reason or "no new brief",
        cursor=json.dumps(after, sort_keys=True),
    )


def _settled(storage: Storage, name: str) -> bool:
    return time.time() - storage.path(f"{INBOX}/{name}").stat().st_mtime >= SETTLED_SECONDS


def _accept(storage: Storage, name: str) -> list[Batch]:
    text = decode_brief(storage.read(f"{INBOX}/{name}"), source=name)
    brief = read_brief(text, source=name, folder=None, check_model=check_model)
    return accept(storage, brief, text, take_snapshot(brief.model).snapshot_id)


def _reject(storage: Storage, name: str, why: str) -> None:
    """Moves the brief aside, the reason beside it. Another brief that was rejected under that name stays."""
    data = storage.read(f"{INBOX}/{name}")
    aside = f"{INBOX}/rejected/{name}"
    if not storage.write_once(aside, data) and storage.read(aside) != data:
        aside = f"{INBOX}/rejected/{sha256_hex(data)[:8]}-{name}"
        storage.write_once(aside, data)
    storage.replace(f"{aside}.reason.txt", f"{why}\n".encode())
    storage.delete(f"{INBOX}/{name}")
