"""The asset `briefs` tells what a batch was ordered by, and what the studio allowed then."""

from __future__ import annotations

from genart_assets.defs.partitions import add_batches
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.planning.catalogue import accept
from genart_assets_tests.defs.studio import BRIEF, Studio


def shown(studio: Studio, allowed: StudioLatitudes) -> dict[str, object]:
    brief = studio.brief()
    [batch] = accept(studio.storage, brief, BRIEF, take_snapshot("starter").snapshot_id, studio=allowed)
    add_batches(studio.instance, [batch.key])
    [made] = studio.run("render", batch, ["briefs"]).get_asset_materialization_events()
    return {name: value.value for name, value in made.materialization.metadata.items()}


def test_the_studios_latitudes_are_shown_with_the_brief(studio: Studio) -> None:
    assert shown(studio, StudioLatitudes(steps=(1, 4)))["studio_latitudes"] == {"steps": [1, 4]}


def test_where_the_studio_has_none_nothing_is_shown(studio: Studio) -> None:
    assert "studio_latitudes" not in shown(studio, UNBOUND)
