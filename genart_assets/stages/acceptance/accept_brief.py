"""What every brief goes through before it is accepted, wherever it came from."""

from __future__ import annotations

from pathlib import Path

from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.studio import StudioLatitudes
from genart_assets.stages.acceptance.frozen import freeze_adapters
from genart_assets.stages.acceptance.licences import check_licences
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.installed import Installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.storage.root import Storage


def acceptable(
    text: str,
    storage: Storage,
    *,
    source: str,
    studio: StudioLatitudes,
    folder: Path | None = None,
    known: Installed | None = None,
    fetch: bool = True,
) -> tuple[Brief, str]:
    """Read a brief, hold it against its models and the studio's latitudes, and freeze its weights.

    Gives the brief and the snapshot id of its model, for `catalogue.accept`. ``storage`` holds the LoRAs of styles.
    Names are held against the studio's before a model is fetched; without ``fetch`` none is. ``known`` is by default
    what is installed now. The other arguments are those of `read_brief`.

    Raises:
        InputError: the brief is wrong, or asks for more than the studio allows; every problem is named.
        InputError, ModelError: a name leads to no usable files, or to others than the brief gives the hash of.
    """

    def check(brief: Brief) -> list[tuple[str, str]]:
        problems = check_model(brief, storage, fetch=fetch)
        return problems or (check_licences(brief, studio.licences, storage) if studio.licences else [])

    brief = read_brief(
        text,
        source=source,
        folder=folder,
        known=known or installed(),
        studio=studio,
        check_model=check,
    )
    return freeze_adapters(brief, storage), take_snapshot(brief.model).snapshot_id
