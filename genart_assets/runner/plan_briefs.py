"""Brief files to accepted batches; a brief that is wrong is refused, and the others go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from genart_assets.errors import GenartError, InputError
from genart_assets.records.plan import Batch
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.acceptance.accept_brief import Accepted, accept_brief
from genart_assets.stages.briefs.read_briefs import read_text
from genart_assets.storage.root import Storage


@dataclass
class Plan:
    """What some brief files come to."""

    accepted: list[Accepted] = field(default_factory=list)
    """In the order given."""
    refused: dict[Path, GenartError] = field(default_factory=dict)

    @property
    def batches(self) -> list[Batch]:
        """Those of all accepted briefs, in the order given, each once."""
        return batches_in(self.accepted)

    @property
    def notes(self) -> list[str]:
        """What is worth knowing before the work begins."""
        return [note for one in self.accepted for note in one.notes]

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
    for path in dict.fromkeys(paths):
        try:
            text, folder = read_text(path), path.absolute().parent
            plan.accepted.append(
                accept_brief(storage, text, source=str(path), studio=studio, batch_rows=batch_rows, folder=folder)
            )
        except GenartError as error:
            plan.refused[path] = error
    return plan


def batches_in(accepted: Sequence[Accepted]) -> list[Batch]:
    """The batches of some briefs, each once."""
    return list({batch.key: batch for one in accepted for batch in one.batches}.values())
