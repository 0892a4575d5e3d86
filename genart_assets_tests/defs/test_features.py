"""The asset: what is stored becomes features, and Dagit shows what changed in the registry."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.defs.features import feature_store
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.errors import FeatureStoreError
from genart_assets.features.feast_process import PYTHON_VARIABLE
from genart_assets.features.feast_store import feast_store
from genart_assets.features.moments import moments_of
from genart_assets.features.training_set import known_to_the_gate
from genart_assets.instance.home import Home
from genart_assets.provenance.index import provenance_index
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import answer, genart, write_brief


@pytest.mark.usefixtures("feast")
@pytest.mark.slow
def test_a_brief_that_ran_is_in_the_feature_store_and_tells_what_its_gate_knew(tmp_path: Path) -> None:
    style_guide = {"expect": {"prompt_alignment": {"min": 2}}}
    retried = {"latitudes": {"guidance": [3, 9]}, "retry": {"rounds": 1, "moves": ["more_guidance"]}}
    brief = write_brief(tmp_path, "failing", 2, style_guide=style_guide, **retried)
    answer(genart(tmp_path / "home", "run", brief, "--json"))
    storage = Storage.open(Home.open(tmp_path / "home").storage_root)
    told = [_materialised(storage) for _ in range(2)]
    assert "- added `scores`" in str(told[0]["registry_diff"].value)
    assert told[1]["registry_diff"].value == "no change"
    assert (told[0]["rows_recipes"].value, told[0]["rows_feedback"].value, told[0]["images_without_time"].value) == (
        4,
        0,
        0,
    )
    with provenance_index(storage) as index:
        records = index.table()
    with feast_store(storage) as store:
        known = known_to_the_gate(store, moments_of(records))
    assert list(known["recipes__guidance"]) == list(records["guidance"])
    judged_before = known["slot_history__images"].groupby(known["recipes__round"]).sum()
    assert list(judged_before) == [0, 2], "the gate of round 1 knew both attempts of round 0, and nothing of its own"
    first = [json.loads(scores)[0] for scores in records["scores"]]
    assert [known[f"scores__{one['critic']}_v1"][k] for k, one in enumerate(first)] == [one["score"] for one in first]


def test_without_feast_the_asset_fails_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PYTHON_VARIABLE, str(tmp_path / "python"))
    with pytest.raises(FeatureStoreError, match="remedy: python -m venv feast"):
        _materialised(Storage.open(str(tmp_path / "storage")))


def _materialised(storage: Storage) -> dict[str, dg.MetadataValue]:
    done = dg.materialize([feature_store], resources={"store": StorageResource(root=storage.root)})
    return dict(done.asset_materializations_for_node("feature_store")[0].metadata)
