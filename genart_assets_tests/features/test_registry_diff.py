"""What changes when views are registered anew."""

from genart_assets.features.registry_diff import RegistryDiff, registry_diff
from genart_assets.features.views import FEEDBACK, IMAGE, RECIPES, SLOT, VERDICTS, Feature, scores_view


def test_added_changed_and_removed_views_and_features_are_named() -> None:
    before = [scores_view({"sharpness_v1": "variance", "noise_v1": "levels"}), VERDICTS, FEEDBACK]
    after = [scores_view({"sharpness_v1": "levels", "noise_v2": "levels"}), FEEDBACK, RECIPES]
    diff = registry_diff(before, after)
    assert diff.added == ("recipes", "scores:noise_v2")
    assert diff.removed == ("scores:noise_v1", "verdicts")
    assert diff.changed == ("scores:sharpness_v1: float64 'variance', now float64 'levels'",)
    assert "- removed `verdicts`" in diff.markdown()


def test_an_entity_a_kind_and_a_description_are_changes() -> None:
    view = VERDICTS.model_copy(update={"entity": SLOT, "description": "other"})
    wider = VERDICTS.model_copy(update={"features": (Feature(name="passed", kind="string"),)})
    assert registry_diff([VERDICTS], [view]).changed[0].startswith("verdicts: 'what the gate decided")
    assert f"verdicts: of image by {IMAGE.key}, now slot by slot" in registry_diff([VERDICTS], [view]).changed
    assert registry_diff([VERDICTS], [wider]).changed[0].startswith("verdicts:passed: bool")


def test_the_same_views_are_no_change() -> None:
    assert registry_diff([RECIPES], [RECIPES]) == RegistryDiff()
    assert RegistryDiff().markdown() == "no change"
