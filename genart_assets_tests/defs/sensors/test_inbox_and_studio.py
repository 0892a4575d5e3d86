"""A brief in the inbox is held against the studio's latitudes."""

from pathlib import Path

from genart_assets.stages.planning.catalogue import orders, studio_of
from genart_assets_tests.defs.sensors.inbox_folder import _files_are_settled, folder, named, names
from genart_assets_tests.defs.studio import BRIEF, Studio
from genart_assets_tests.defs.ticks import run_keys, tick

__all__ = ["_files_are_settled", "folder"]


def test_a_brief_beyond_the_studios_latitudes_is_rejected_with_the_bound(housed: Studio, folder: Path) -> None:
    studio_file(folder).write_text("forbidden_words: [spring]\nlicences: [Apache-2.0]\nmost_images: 4\n")
    (folder / "beyond.yaml").write_text(named("a") + "retry: {rounds: 1}\n")
    (folder / "good.yaml").write_text(named("b"))
    assert [key.split(":")[1].split(".")[0] for key in run_keys(tick(housed, "inbox_sensor"))] == ["b"]
    reason = (folder / "rejected" / "beyond.yaml.reason.txt").read_text()
    assert "field 'vary': 4 slots, each tried up to 2 times, are 8 images; studio.yaml allows 4 a brief" in reason
    [order] = orders(housed.storage, "b")
    assert studio_of(housed.storage, order).most_images == 4


def test_a_licence_that_the_studio_does_not_allow_is_rejected(housed: Studio, folder: Path) -> None:
    studio_file(folder).write_text("licences: [MIT]\n")
    (folder / "brief.yaml").write_text(BRIEF)
    tick(housed, "inbox_sensor")
    reason = (folder / "rejected" / "brief.yaml.reason.txt").read_text()
    assert "field 'model': has the licence 'Apache-2.0'; studio.yaml allows MIT" in reason


def test_while_the_studios_latitudes_cannot_be_read_all_briefs_wait(housed: Studio, folder: Path) -> None:
    studio_file(folder).write_text("most_images: many\n")
    (folder / "brief.yaml").write_text(BRIEF)
    told = tick(housed, "inbox_sensor")
    assert (run_keys(told), names(folder)) == ([], ["brief.yaml"])
    assert "the briefs stay in inbox/: " in str(told.skip_message)
    assert "field 'most_images': given 'many'" in str(told.skip_message)
    studio_file(folder).unlink()
    assert len(run_keys(tick(housed, "inbox_sensor", told.cursor))) == 1


def studio_file(folder: Path) -> Path:
    return folder.parents[1] / "studio.yaml"
