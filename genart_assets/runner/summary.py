"""What a run of briefs has come to, counted from what is stored."""

from __future__ import annotations

from pydantic import Field

from genart_assets import schemas
from genart_assets.models.busy import model_seconds
from genart_assets.records import Batch, Record
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


class Round(Record):
    round: int
    rendered: int = Field(description="images")
    passed: int = Field(description="images")


class Summary(Record):
    slots: int
    rendered: int = Field(description="images that are stored, of this run and of runs that it resumed")
    passed: int = Field(description="slots with a selected image")
    failed: int = Field(description="slots without one")
    delivered: int = Field(description="images whose files are all delivered")
    files: int = Field(description="delivered files")
    rounds: tuple[Round, ...]
    seconds: float = Field(description="wall time of this command")
    storage: str
    model_seconds: dict[str, float] = Field(
        default_factory=dict, description="seconds of this command inside model calls: encode, denoise, decode, critic"
    )
    problems: tuple[str, ...] = Field((), description="what failed, one line each")


def summarise(storage: Storage, planned: list[Batch], seconds: float, problems: list[str]) -> Summary:
    """Count the images of some batches through the stages; a batch that is not finished counts as far as it came."""
    rounds: dict[int, list[int]] = {}
    delivered = files = 0
    for batch in planned:
        count = rounds.setdefault(batch.round, [0, 0])
        images = ImageStore(storage, batch.key)
        count[0] += len(images.open().ids) if images.sealed() else 0
        selected = TableStore(storage, "selected_images", batch.key, schemas.SELECTED_IMAGES)
        count[1] += len(selected.read()) if selected.sealed() else 0
        deliveries = TableStore(storage, "deliveries", batch.key, schemas.DELIVERIES)
        if deliveries.sealed():
            table = deliveries.read()
            delivered += table["recipe_id"].nunique()
            files += len(table)
    slots = sum(batch.rows for batch in planned if batch.round == 0)
    passed = sum(passed for _, passed in rounds.values())
    return Summary(
        slots=slots,
        rendered=sum(rendered for rendered, _ in rounds.values()),
        passed=passed,
        failed=slots - passed,
        delivered=delivered,
        files=files,
        rounds=tuple(Round(round=r, rendered=n, passed=p) for r, (n, p) in sorted(rounds.items())),
        seconds=round(seconds, 3),
        storage=storage.root,
        model_seconds={kind: round(spent, 3) for kind, spent in model_seconds().items()},
        problems=tuple(problems),
    )
