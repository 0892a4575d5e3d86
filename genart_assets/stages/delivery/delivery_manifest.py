"""The manifest of one delivered image: its commit marker, and all that a person may ask about it."""

from __future__ import annotations

import json

from pydantic import Field

from genart_assets.deliverables.embedded import Embedded
from genart_assets.errors import GenartError
from genart_assets.records.base import Record
from genart_assets.records.brief import Brief, Deliver
from genart_assets.records.judged import JudgedImage, Score
from genart_assets.records.plan import Batch, Slot
from genart_assets.records.recipe import Recipe
from genart_assets.records.verdict import Verdict

MANIFEST = "manifest.json"


def delivery_folder(brief: str, batch: str, slot: int, recipe_id: str) -> str:
    """Where the files of one image and their manifest lie, relative to the storage root."""
    return f"deliveries/{brief}/{batch}/{slot:06d}-{recipe_id[:12]}"


class DeliveredFile(Record):
    name: str = Field(description="in the image's folder")
    format: str
    width: int = Field(description="px; the nominal size of a format without pixels")
    height: int = Field(description="px; the nominal size of a format without pixels")
    sha256: str
    bytes: int

    @property
    def size(self) -> int:
        """Longest side in px."""
        return max(self.width, self.height)


class DeliveryManifest(Record):
    """Written last: with it the image is delivered.

    It names neither date nor version of this package, so that an upgrade that changes no file changes no manifest.
    """

    brief: str
    brief_hash: str
    batch: str = Field(description="Dagster partition key")
    slot: Slot
    round: int
    model: str = Field(description="as the brief names it")
    recipe_id: str
    recipe: Recipe
    pixel_sha256: str = Field(description="hash of the picture as rendered")
    verdict: Verdict
    scores: tuple[Score, ...] = Field(description="in the critics' order")
    accepted_by: str | None = Field(
        default=None, description="the reviewer who accepted the image; None where its verdict alone delivered it"
    )
    deliver: Deliver = Field(description="what the brief asked for")
    files: tuple[DeliveredFile, ...] = ()

    @property
    def promise(self) -> DeliveryManifest:
        """All but the files: known before anything is encoded."""
        return self.model_copy(update={"files": ()})

    @property
    def embedded(self) -> Embedded:
        """What each of the files says about itself."""
        return Embedded(
            brief=self.brief,
            brief_hash=self.brief_hash,
            batch=self.batch,
            slot=self.slot.index,
            round=self.round,
            model=self.model,
            model_snapshot=self.recipe.model_snapshot,
            prompt=self.recipe.prompt,
            recipe_id=self.recipe_id,
            recipe=self.recipe.canonical(),
        )

    def text(self) -> str:
        """Indented JSON with sorted keys: equal manifests give equal text."""
        record = self.model_dump(mode="json", exclude={"accepted_by"} if self.accepted_by is None else None)
        return json.dumps(record, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def promise_of(brief: Brief, batch: Batch, image: JudgedImage) -> DeliveryManifest:
    """The manifest of an image that is to be delivered, without its files.

    Raises:
        GenartError: the image has no picture.
    """
    if image.pixel_sha256 is None:
        raise GenartError(
            f"image {image.recipe_id} of batch {batch.key} has no picture",
            remedy="materialise images of this batch again, then deliver it",
        )
    planned = image.planned
    return DeliveryManifest(
        brief=brief.brief,
        brief_hash=batch.brief_hash,
        batch=batch.key,
        slot=planned.slot,
        round=planned.round,
        model=batch.model,
        recipe_id=planned.recipe_id,
        recipe=planned.recipe,
        pixel_sha256=image.pixel_sha256,
        verdict=image.verdict,
        scores=image.scores,
        accepted_by=image.accepted_by,
        deliver=brief.deliver,
    )
