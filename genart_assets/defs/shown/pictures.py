"""What people would rather look at than read: sheets, distributions, the report's link."""

import io
from collections.abc import Mapping, Sequence

import dagster as dg
from PIL import Image

from genart_assets.defs.frames import Frame
from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.quality.distributions import distributions
from genart_assets.quality.gate_result import GateResult
from genart_assets.quality.report import validation_report
from genart_assets.records.brief import Brief
from genart_assets.records.plan import PlannedImage
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.rendering.decode import Pictures
from genart_assets.storage.images import ImageStore, StoredImages
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

SHEET_PICTURES = 96
THUMBNAIL_SIDE = 96


def image_sheet(storage: Storage, batch: str) -> Mapping[str, dg.MetadataValue]:
    """The batch's first pictures as one picture."""
    stored = ImageStore(storage, batch).open()
    shown = _pictures(stored, stored.ids[:SHEET_PICTURES])
    return {"contact_sheet": _markdown(contact_sheet(list(shown.values())), f"{batch}: first {len(shown)} images")}


def verdict_sheet(batch: str, plan: Sequence[PlannedImage], verdicts: Frame, stored: StoredImages) -> dg.MetadataValue:
    """The batch's first pictures, each framed by its verdict, with what its slot varies below."""
    captions = {planned.recipe_id: ", ".join(planned.slot.values.values()) for planned in plan}
    passed = dict(zip(verdicts["recipe_id"], verdicts["passed"].astype(bool), strict=True))
    shown = _pictures(stored, stored.ids[:SHEET_PICTURES])
    sheet = contact_sheet(
        list(shown.values()), captions=[captions[i] for i in shown], verdicts=[passed[i] for i in shown]
    )
    return _markdown(sheet, f"{batch}: passed green, failed red")


def score_distributions(storage: Storage, batch: str, brief: Brief) -> Mapping[str, dg.MetadataValue]:
    """A histogram of each critic's scores, with the brief's bounds."""
    scores = TableStore(storage, "critic_scores", batch).read()
    return {"distributions": _markdown(distributions(brief, scores), f"{batch}: scores of each critic")}


def verdict_report(
    storage: Storage,
    batch: str,
    brief: Brief,
    plan: Sequence[PlannedImage],
    scores: Frame,
    verdicts: Frame,
    gate: GateResult,
    stored: StoredImages,
) -> dg.MetadataValue:
    """Writes the validation report as ``reports/{batch}.html`` and tells where it lies.

    A browser follows no ``file:`` link from Dagit's page, so it is a path to copy, and not a link.
    """
    failed = list(verdicts.loc[~verdicts["passed"].astype(bool), "recipe_id"])
    there = set(stored.ids)
    thumbnails = {i: _png(picture) for i, picture in _pictures(stored, [i for i in failed if i in there]).items()}
    page = validation_report(batch, brief, plan, scores, verdicts_of(verdicts), gate, thumbnails)
    storage.replace(f"reports/{batch}.html", page)
    return dg.MetadataValue.path(str(storage.path(f"reports/{batch}.html")))


def _pictures(stored: StoredImages, ids: list[str] | tuple[str, ...]) -> dict[str, Pictures]:
    return {i: picture for rows in stored.stream(ids) for i, picture in zip(rows.ids, rows.data, strict=True)}


def _png(picture: Pictures) -> bytes:
    image = Image.fromarray(picture)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _markdown(picture: bytes, alt: str) -> dg.MetadataValue:
    return dg.MetadataValue.md(markdown_picture(picture, alt))
