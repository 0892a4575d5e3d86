"""Brief files to accepted batches; a brief that is wrong is refused, and the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genart_assets.errors import GenartError, InputError
from genart_assets.records.plan import Batch
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.acceptance.accept_brief import acceptable
from genart_assets.stages.briefs.read_briefs import read_text
from genart_assets.stages.planning.catalogue import accept, orders
from genart_assets.storage.root import Storage


@dataclass
class Plan:
    """What some brief files come to."""

    batches: list[Batch] = field(default_factory=list)
    """Those of all accepted briefs, in the order given, each once."""
    refused: dict[Path, GenartError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What is worth knowing before the work begins."""

    @property
    def exit_code(self) -> int:
        """0 if every brief was accepted, 2 if the input is wrong, 1 if something else stood in the way."""
        return max((error.exit_code for error in self.refused.values()), default=0)

    def refusal(self) -> GenartError:
        """All refusals as one error, for when there is nothing left to do."""
        errors = list(self.refused.values())
        if len(errors) == 1:
            return errors[0]
        kind = InputError if self.exit_code == InputError.exit_code else GenartError
        return kind("\n".join(str(error) for error in errors), remedy="no brief was accepted: see above")


def plan_briefs(paths: Sequence[Path], storage: Storage, batch_rows: int, studio: StudioLatitudes) -> Plan:
    """Read, check and accept briefs; a brief that is read is accepted at once, whatever the others hold.

    One that asks for more than ``studio`` allows is refused as one that is wrong.
    """
    plan = Plan()
    planned: dict[str, Batch] = {}
    for path in dict.fromkeys(paths):
        try:
            for batch in _accepted(path, storage, batch_rows, studio, plan.notes):
                planned.setdefault(batch.key, batch)
        except GenartError as error:
            plan.refused[path] = error
    plan.batches = list(planned.values())
    return plan


def _accepted(path: Path, storage: Storage, batch_rows: int, studio: StudioLatitudes, notes: list[str]) -> list[Batch]:
    text = read_text(path)
    brief, snapshot_id = acceptable(text, storage, source=str(path), folder=path.absolute().parent, studio=studio)
    before = [order for order in orders(storage, brief.brief) if order.brief_hash == brief.brief_hash]
    batches = accept(storage, brief, text, snapshot_id, batch_rows, studio)
    known = {order.model_snapshot for order in before}
    if known and snapshot_id not in known:
        old = ", ".join(sorted(digest[:12] for digest in known))
        notes.append(
            f"{path}: model {brief.model!r} has changed since this brief was accepted, from snapshot {old} to "
            f"{snapshot_id[:12]}: its images are planned anew; put the old weights back to resume the old ones"
        )
    return batches
