"""Feast itself, in the process that the package starts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from genart_assets.errors import FeatureStoreError, InputError
from genart_assets.features.feast_process import FeastProcess, feast_python
from genart_assets.features.feast_store import FeastStore, feast_store
from genart_assets.features.moments import moments_of
from genart_assets.features.tables import feature_tables
from genart_assets.features.training_set import KEYS, features_of, known_to_the_gate, training_set
from genart_assets.features.views import EVENT_TIME, HISTORIES
from genart_assets.storage.root import Storage
from genart_assets_tests.features.oracle import lines, plain_store
from genart_assets_tests.features.samples import START, at, decision, feedback_of, record, records_of, undo

IMAGES = [
    *(record(0, slot, 0, passed=slot > 0) for slot in range(3)),
    *(record(1, slot, 10, move="new_seed") for slot in range(2)),
    record(2, 0, 11, brief="tools"),
]
SAID = [
    decision(IMAGES[1], 1, 20),
    decision(IMAGES[2], 2, 21, "reject"),
    undo(IMAGES[1], 3, 22, undoes=1),
    decision(IMAGES[3], 4, 23),
]
TABLE, WORDS = records_of(IMAGES), feedback_of(SAID)
MOMENTS = moments_of(TABLE)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return Storage.open(str(tmp_path_factory.mktemp("features")))


@pytest.mark.usefixtures("feast")
def test_feast_knows_at_each_moment_what_a_look_at_every_row_finds(storage: Storage) -> None:
    made = feature_tables(TABLE, WORDS, START)
    plain = plain_store(TABLE, WORDS)
    with feast_store(storage) as store:
        diff = store.apply(made.tables)
        assert diff.added == tuple(sorted(view.name for view in made.tables))
        assert store.registered() == plain.registered()
        moments = [
            at(seconds) + timedelta(milliseconds=more) for seconds in (-1, 0, 3, 12, 20, 22, 23) for more in (0, 1, 2)
        ]
        asked = pd.concat([MOMENTS[list(KEYS)].assign(**{EVENT_TIME: moment}) for moment in reversed(moments)])
        asked[EVENT_TIME] = asked[EVENT_TIME].astype("datetime64[us, UTC]")
        every = features_of(store, [view.name for view in made.tables])
        found = store.historical(asked, every)
        assert list(found.index) == list(asked.index), "every line comes back, in its order"
        assert lines(found) == lines(plain.historical(asked, every))
        assert lines(known_to_the_gate(store, MOMENTS)) == lines(known_to_the_gate(plain, MOMENTS))
        as_of = at(21)
        assert lines(training_set(store, MOMENTS, WORDS, as_of)) == lines(training_set(plain, MOMENTS, WORDS, as_of))


@pytest.mark.usefixtures("feast")
def test_the_latest_features_are_online_once_materialised(storage: Storage) -> None:
    history = HISTORIES[1]
    with feast_store(storage) as store:
        store.apply(feature_tables(TABLE, WORDS, START).tables)
        store.materialise(at(100))
        found = store.online([{"brief": "fruit"}, {"brief": "none"}], history.references)
    assert list(found["brief"]) == ["fruit", "none"]
    assert list(found["brief_history__images"].astype(object).where(found["brief_history__images"].notna(), None)) == [
        5,
        None,
    ]
    assert (found["brief_history__reviewed"][0], found["brief_history__accepted"][0]) == (2, 1)


@pytest.mark.usefixtures("feast")
def test_the_registry_tells_what_changed_also_after_the_folder_has_moved(storage: Storage, tmp_path: Path) -> None:
    made = feature_tables(TABLE, WORDS, START)
    other = {**IMAGES[0], "scores": IMAGES[0]["scores"].replace('"version": "1"', '"version": "2"')}
    with feast_store(storage) as store:
        store.apply(made.tables)
        assert store.apply(made.tables).markdown() == "no change"
    moved = Path(storage.root).rename(tmp_path / "moved")
    with feast_store(Storage.open(str(moved))) as store:
        assert lines(known_to_the_gate(store, MOMENTS)) == lines(known_to_the_gate(plain_store(TABLE, WORDS), MOMENTS))
        diff = store.apply(feature_tables(records_of([other]), feedback_of([]), START).tables)
        assert (diff.added, diff.removed) == (("scores:sharpness_v2",), ("scores:sharpness_v1",))
        with pytest.raises(InputError, match="no feature 'scores:sharpness_v1'"):
            store.historical(MOMENTS, ["scores:sharpness_v1"])
    moved.rename(storage.root)


@pytest.mark.usefixtures("feast")
def test_what_feast_refuses_is_told(tmp_path: Path) -> None:
    with FeastProcess(tmp_path, feast_python()) as process:
        with pytest.raises(FeatureStoreError, match="Feast cannot materialise: ValueError") as refused:
            process.ask("materialise", until="tomorrow")
        assert refused.value.remedy
        assert FeastStore(tmp_path, process).registered() == (), "the process goes on"


@pytest.mark.usefixtures("feast")
def test_features_in_s3_are_found_by_another_machine(
    s3_root: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage.open(s3_root)
    with feast_store(storage) as store:
        store.apply(feature_tables(TABLE, WORDS, START).tables)
    assert {"registry.db", "scores.parquet"} <= set(storage.names("features"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with feast_store(storage) as store:
        assert lines(known_to_the_gate(store, MOMENTS)) == lines(known_to_the_gate(plain_store(TABLE, WORDS), MOMENTS))
