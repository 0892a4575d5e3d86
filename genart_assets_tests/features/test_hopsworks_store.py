"""The adapter asks Hopsworks' client for the right things. No server took part; see hopsworks_double.py."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from genart_assets.errors import FeatureStoreError
from genart_assets.features.hopsworks_store import HopsworksStore, hopsworks_store
from genart_assets.features.moments import moments_of
from genart_assets.features.tables import feature_tables
from genart_assets.features.training_set import known_to_the_gate, training_set
from genart_assets.features.views import HISTORIES
from genart_assets_tests.features.hopsworks_double import INSTALLED, Client, Column
from genart_assets_tests.features.oracle import lines, plain_store
from genart_assets_tests.features.samples import START, at, decision, feedback_of, record, records_of

IMAGES = [*(record(0, slot, 0, passed=slot > 0) for slot in range(3)), record(1, 0, 10, move="new_seed")]
TABLE, WORDS = records_of(IMAGES), feedback_of([decision(IMAGES[1], 1, 20), decision(IMAGES[2], 2, 21, "reject")])
MADE = feature_tables(TABLE, WORDS, START)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> HopsworksStore:
    if not INSTALLED:
        monkeypatch.setitem(sys.modules, "hsfs", SimpleNamespace())
        monkeypatch.setitem(sys.modules, "hsfs.feature", SimpleNamespace(Feature=Column))
    return HopsworksStore(Client(list(MADE.tables)))


def test_views_are_registered_and_their_changes_told(store: HopsworksStore) -> None:
    assert store.apply(MADE.tables).added == tuple(sorted(view.name for view in MADE.tables))
    assert store.registered() == plain_store(TABLE, WORDS).registered()
    assert store.apply(MADE.tables).markdown() == "no change"
    fewer = {view: table for view, table in MADE.tables.items() if view.name != "feedback"}
    assert store.apply(fewer).removed == ("feedback",)
    with pytest.raises(FeatureStoreError, match="no feature view genart_feedback"):
        store.historical(TABLE, ["feedback:outcome"])


def test_joins_are_those_of_the_protocol(store: HopsworksStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genart_assets.features.hopsworks_store.ROWS_AT_ONCE", 3)
    store.apply(MADE.tables)
    plain, moments = plain_store(TABLE, WORDS), moments_of(TABLE)
    assert lines(known_to_the_gate(store, moments)) == lines(known_to_the_gate(plain, moments))
    both = [training_set(one, moments, WORDS, at(30)) for one in (store, plain)]
    assert lines(both[0]) == lines(both[1])


def test_online_are_the_latest_up_to_the_time_of_materialisation(store: HopsworksStore) -> None:
    store.apply(MADE.tables)
    store.materialise(at(20.5))
    found = store.online([{"brief": "fruit"}, {"brief": "none"}], HISTORIES[1].references)
    assert lines(found[["brief", "brief_history__images", "brief_history__reviewed"]]) == [
        {"brief": "fruit", "brief_history__images": 4, "brief_history__reviewed": 1},
        {"brief": "none", "brief_history__images": None, "brief_history__reviewed": None},
    ]


@pytest.mark.skipif(INSTALLED, reason="the client is there")
def test_without_the_client_the_installation_is_told() -> None:
    with pytest.raises(FeatureStoreError, match="pip install genart-assets 'hopsworks"):
        hopsworks_store()
