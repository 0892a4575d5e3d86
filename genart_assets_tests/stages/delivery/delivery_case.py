"""A batch of selected images, ready to be delivered, for tests in this process and in others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from genart_assets.records.base import canonical_json
from genart_assets.records.brief import Brief, Deliver
from genart_assets.records.judged import JudgedImage
from genart_assets.records.plan import Batch, PlannedImage, Slot
from genart_assets.records.streams import MicroBatch
from genart_assets.records.verdict import FailedExpectation
from genart_assets.signing.identity import SigningIdentity
from genart_assets.stages.delivery.deliver import deliver
from genart_assets.stages.judging.judged_images import judged_images
from genart_assets.storage.pixels import encode_png, pixel_path, pixel_sha256
from genart_assets.storage.root import Storage
from genart_assets_tests.deliverables.samples import icon, recipe

FORMATS = ("png", "webp", "avif", "jpeg", "svg")
SIZES = (48, 96)


@dataclass(frozen=True)
class DeliveryCase:
    brief: Brief
    batch: Batch
    plan: tuple[PlannedImage, ...]
    selected: pd.DataFrame
    verdicts: pd.DataFrame
    scores: pd.DataFrame

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(row.recipe_id for row in self.plan)

    @property
    def images(self) -> list[JudgedImage]:
        selected = set(self.selected["recipe_id"])
        return list(judged_images(self.plan, self.verdicts, self.scores, self.selected, selected))

    def deliver(
        self,
        storage: Storage,
        ids: Sequence[str] | None = None,
        *,
        rows: int = 3,
        workers: int = 2,
        signer: SigningIdentity | None = None,
    ) -> Iterator[MicroBatch[pd.DataFrame]]:
        return deliver(
            storage,
            self.brief,
            self.batch,
            self.images,
            self.ids if ids is None else ids,
            rows=rows,
            workers=workers,
            signer=signer,
        )

    def with_deliver(self, **changes: object) -> DeliveryCase:
        asked = Deliver.model_validate({**self.brief.deliver.model_dump(), **changes})
        return replace(self, brief=self.brief.model_copy(update={"deliver": asked}))

    def with_failed(self, k: int) -> DeliveryCase:
        """Image ``k`` did not pass its gate."""
        unmet = FailedExpectation(expectation="sharpness", value=3.0, min=30.0)
        verdicts = self.verdicts.copy()
        unmet_json = canonical_json([unmet.model_dump(mode="json")])
        verdicts.loc[k, ["passed", "failed"]] = [False, unmet_json]
        return replace(self, verdicts=verdicts)


def delivery_case(
    storage: Storage,
    images: int = 4,
    *,
    formats: tuple[str, ...] = FORMATS,
    sizes: tuple[int, ...] = SIZES,
    size: tuple[int, int] = (64, 64),
) -> DeliveryCase:
    """Stores ``images`` pictures and tells all about them."""
    names = tuple(f"fruit {k}" for k in range(images))
    brief = Brief(
        brief="spring-market",
        prompt="icon of {subject}",
        vary={"subject": names},
        deliver=Deliver(formats=formats, sizes=sizes),
    )
    plan = tuple(
        PlannedImage(
            slot=Slot(brief=brief.brief, index=k, values={"subject": name}, repeat=0),
            round=0,
            recipe=recipe(f"icon of {name}", seed=2**63 + k, width=size[0], height=size[1]),
        )
        for k, name in enumerate(names)
    )
    hashes: list[str] = []
    for k in range(images):
        pixels = np.asarray(icon(k, size))
        hashes.append(pixel_sha256(pixels))
        storage.write_once(pixel_path(hashes[-1]), encode_png(pixels))
    ids = [row.recipe_id for row in plan]
    batch = Batch(
        key=f"spring-market.{brief.brief_hash[:10]}.r0.0000",
        brief=brief.brief,
        brief_hash=brief.brief_hash,
        model="starter",
        model_snapshot=plan[0].recipe.model_snapshot,
        round=0,
        index=0,
        first_row=0,
        rows=images,
    )
    scores = [
        line
        for recipe_id in ids
        for line in (
            (recipe_id, "sharpness", 31.25, "Laplacian variance", "higher", "1", ""),
            (recipe_id, "palette_distance", None, "ΔE2000", "lower", "2", "no background"),
        )
    ]
    return DeliveryCase(
        brief=brief,
        batch=batch,
        plan=plan,
        selected=pd.DataFrame(
            {
                "recipe_id": ids,
                "slot_index": range(images),
                "pixel_sha256": hashes,
                "path": [pixel_path(sha256) for sha256 in hashes],
            }
        ),
        verdicts=pd.DataFrame({"recipe_id": ids, "passed": [True] * images, "failed": ["[]"] * images, "held": None}),
        scores=pd.DataFrame(
            scores, columns=["recipe_id", "critic", "score", "unit", "direction", "version", "reason"]
        ).astype({"score": "float64"}),
    )
