"""The inbox: a brief dropped there becomes batches and runs; a malformed one is put aside with the reason."""

import logging

import dagster as dg
from pydantic import Field, TypeAdapter

from genart_assets.defs.jobs import render
from genart_assets.defs.partitions import add_batches
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.defs.sensors import inbox_files
from genart_assets.defs.sensors.inbox_files import INBOX
from genart_assets.defs.superseded import make_current
from genart_assets.errors import GenartError, InputError, ModelError
from genart_assets.instance.home import home_path
from genart_assets.records.base import Record, sha256_hex
from genart_assets.records.studio import UNBOUND
from genart_assets.stages.acceptance.accept_brief import Accepted, accept_brief
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import decode_brief
from genart_assets.stages.briefs.read_studio import read_studio
from genart_assets.storage.root import Storage

RUNS_PER_TICK = 20
"""A run request costs the daemon about half a second; a long brief is spread over ticks."""
BRIEFS_PER_TICK = 40
"""Briefs that one tick reads and checks; the others wait for the next."""


class Asked(Record):
    """How far a brief that is still in the inbox has come."""

    content: str = Field(description="SHA-256 of the file")
    first: str = Field(description="key of its first batch")
    batches: int
    runs: int = Field(description="batches whose run was requested")

    @property
    def complete(self) -> bool:
        return self.runs >= self.batches


_CURSOR = TypeAdapter(dict[str, Asked])


@dg.sensor(job=render, minimum_interval_seconds=5, default_status=dg.DefaultSensorStatus.RUNNING)
def inbox_sensor(context: dg.SensorEvaluationContext, store: StorageResource) -> dg.SensorResult:
    """Briefs in `inbox/` become partitions of `batches` and one render run a batch.

    A brief that is wrong, or asks for more than `studio.yaml` allows, moves to `inbox/rejected/` with the reason beside
    it; one that the storage does not let us read or accept now stays. A brief leaves the inbox one tick after its last
    run was requested, so a daemon that dies in between asks again, and the run keys drop what is double.
    """
    tick = _Tick(context.instance, store.storage, context.log, context.cursor)
    tick.look()
    return dg.SensorResult(
        run_requests=list(tick.requests.values()),
        skip_reason=None if tick.requests else "; ".join(tick.notes) or "no new brief",
        cursor=_CURSOR.dump_json(tick.asked).decode(),
    )


class _Tick:
    """One look at the inbox: what is asked for, what is refused, what has to wait."""

    def __init__(self, instance: dg.DagsterInstance, storage: Storage, log: logging.Logger, cursor: str | None) -> None:
        self._instance, self._storage, self._log = instance, storage, log
        self._installed = installed()
        self._studio = UNBOUND
        self._looked_at = 0
        self.asked = _CURSOR.validate_json(cursor or "{}")
        self.requests: dict[str, dg.RunRequest] = {}
        """By run key: the same brief under two names is one."""
        self.notes: list[str] = []

    def look(self) -> None:
        """Those with the fewest runs so far come first, so that a long brief holds up no short one.

        While the studio's latitudes cannot be read, all briefs wait.
        """
        try:
            self._studio = read_studio(home_path())
        except InputError as error:
            self._note(f"the briefs stay in {INBOX}/: {error}")
            return
        there = inbox_files.briefs_in(self._storage)
        self.asked = {name: self.asked[name] for name in there if name in self.asked}
        for name in sorted(there, key=self._place):
            try:
                self._look_at(name)
            except GenartError as error:
                self._note(f"{name} stays in {INBOX}/: {error}")
            except Exception:  # noqa: BLE001 - a raise would hold up every other brief of the tick, for ever
                self._log.exception(f"{name} stays in {INBOX}/")
                self.notes.append(f"{name} stays in {INBOX}/, see the log of this tick")
        add_batches(self._instance, [str(request.partition_key) for request in self.requests.values()])

    def _place(self, name: str) -> tuple[int, str]:
        asked = self.asked.get(name)
        return (-1 if asked.complete else asked.runs, name) if asked else (0, name)

    def _look_at(self, name: str) -> None:
        before = self.asked.get(name)
        full = len(self.requests) >= RUNS_PER_TICK or self._looked_at >= BRIEFS_PER_TICK
        if full and not (before and before.complete):
            return
        if not inbox_files.is_settled(self._storage, name):
            self._note(f"{name} is still being written")
            return
        data = None
        try:
            data = inbox_files.read(self._storage, name)
            content = sha256_hex(data)
            if before and before.complete and before.content == content:
                self._storage.delete(f"{INBOX}/{name}")
                del self.asked[name]
                return
            self._looked_at += 1
            accepted = self._accept(name, data)
        except (InputError, ModelError) as error:
            aside = inbox_files.reject(self._storage, name, str(error), data)
            self.asked.pop(name, None)
            self._note(f"{name} is rejected, see {aside}.reason.txt")
            return
        if before is None or before.content != content:
            make_current(self._instance, self._storage, accepted)
            for note in accepted.notes:
                self._note(note)
        planned = accepted.batches
        runs = before.runs if before and before.first == planned[0].key else 0
        now = planned[runs : runs + RUNS_PER_TICK - len(self.requests)]
        for batch in now:
            run_key = f"render:{batch.key}"
            self.requests[run_key] = dg.RunRequest(run_key, partition_key=batch.key, tags={"genart/brief": batch.brief})
        self.asked[name] = Asked(content=content, first=planned[0].key, batches=len(planned), runs=runs + len(now))

    def _accept(self, name: str, data: bytes) -> Accepted:
        return accept_brief(
            self._storage,
            decode_brief(data, source=name),
            source=name,
            studio=self._studio,
            known=self._installed,
            fetch=False,  # a download would outlast the tick
        )

    def _note(self, note: str) -> None:
        self._log.warning(note)
        self.notes.append(note)
