"""The whole story of one image: what was ordered, every attempt, what people said, where its files are."""

from __future__ import annotations

from pydantic import Field

from genart_assets.provenance.environment import Environment, stored_environment
from genart_assets.provenance.index import ProvenanceIndex
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.weights import stored_snapshot
from genart_assets.provenance.which import Found
from genart_assets.records.base import Record
from genart_assets.records.decision import Decision
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.stages.reviewing.decisions import read_log
from genart_assets.stages.reviewing.settlements import settlement_key, settlements_of
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore


class StoredFile(Record):
    path: str = Field(description="relative to the storage root")
    sha256: str
    there: bool = Field(description="whether it still lies there")


class Story(Record):
    image: ProvenanceRecord
    found: Found = Field(description="how the image was identified")
    attempts: tuple[ProvenanceRecord, ...] = Field(description="of its slot, oldest first, itself among them")
    siblings: tuple[ProvenanceRecord, ...] = Field(description="of the slots beside it in its batch")
    weights: ModelSnapshot | None = Field(description="None if an older release stored none")
    adapters: tuple[ModelSnapshot, ...] = Field(default=(), description="of its LoRAs and its ControlNet")
    environment: Environment | None = Field(description="that denoised it; None as for weights")
    decisions: tuple[Decision, ...] = Field(description="about this image, oldest first, taken back ones included")
    files: tuple[StoredFile, ...] = Field(description="delivered of this image")

    @property
    def ancestors(self) -> tuple[ProvenanceRecord, ...]:
        """The attempts that it goes back to, oldest first."""
        by_id = {record.recipe_id: record for record in self.attempts}
        found: list[ProvenanceRecord] = []
        parent = self.image.parent
        while parent in by_id and by_id[parent] not in found:
            found.insert(0, by_id[parent])
            parent = by_id[parent].parent
        return tuple(found)


def story_of(storage: Storage, index: ProvenanceIndex, image: ProvenanceRecord, found: Found) -> Story:
    """Everything that the storage knows of an image.

    Raises:
        StorageError: one of the files that tell is damaged.
    """
    decisions = read_log(storage, image.order).decisions
    return Story(
        image=image,
        found=found,
        attempts=tuple(index.attempts(image.order, image.slot_index)),
        siblings=tuple(index.siblings(image)),
        weights=stored_snapshot(storage, image.model_snapshot),
        adapters=tuple(kept for id in image.adapter_snapshots if (kept := stored_snapshot(storage, id))),
        environment=stored_environment(storage, image.denoised_in) if image.denoised_in else None,
        decisions=tuple(decision for decision in decisions if decision.recipe_id == image.recipe_id),
        files=tuple(_files(storage, image)),
    )


def _files(storage: Storage, image: ProvenanceRecord) -> list[StoredFile]:
    settled = range(len(settlements_of(storage, image.order)))
    tables = [
        TableStore(storage, "deliveries", image.batch),
        *(TableStore(storage, "accepted_deliveries", settlement_key(image.order, number)) for number in settled),
    ]
    lines = [
        line
        for table in tables
        if table.sealed()
        for line in table.read().to_dict("records")
        if line["recipe_id"] == image.recipe_id
    ]
    return [StoredFile(path=line["path"], sha256=line["sha256"], there=storage.exists(line["path"])) for line in lines]
