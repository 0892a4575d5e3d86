from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from genart_assets.models.clip import load_clip
from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief
from genart_assets.records.decision import Reviewed
from genart_assets.records.plan import Batch
from genart_assets.records.streams import MicroBatch, RowStream
from genart_assets.runner.index_selected import index_stored
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.judging.selected_before import SelectedBefore, join_accepted, selected_before
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.plan import frame_of, plan_batch
from genart_assets.starter.shipped import SHIPPED_CLIP
from genart_assets.storage.embedding_log import EmbeddingLog
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets.storage.tensors import TensorStore
from genart_assets_tests.storage.embedded import Clusters
from genart_assets_tests.storage.roots import moto_address, moto_root, root, storage

__all__ = ["moto_address", "moto_root", "root", "storage"]

MAY, JUNE = "market.0123456789", "market.abcdef0123"
SHOP = "shop.0123456789"
VECTORS = Clusters(16, 0.5).draw(6)
ANOTHER_PROCESS = """
import sys
import numpy as np
from genart_assets.stages.judging.selected_before import SelectedBefore
from genart_assets.storage.root import Storage
before = SelectedBefore(Storage.open(sys.argv[1]), "clip", "zoo.0123456789.r0.0000", {"z": 0})
(found,) = before.nearest(["z"], np.array([[float(x) for x in sys.argv[2:]]], np.float32), "catalogue", 0.9)
print(found.recipe_id)
"""


def before(storage: Storage, batch: str, **slots: int) -> SelectedBefore:
    return SelectedBefore(storage, "clip", batch, slots)


def select(storage: Storage, batch: str, rows: dict[str, int], vectors: np.ndarray) -> None:
    assert before(storage, batch, **rows).joins(list(rows), vectors)


def ids(found):
    return [neighbour and neighbour.recipe_id for neighbour in found]


def test_selected_images_are_found_after_a_restart(storage: Storage) -> None:
    select(storage, f"{MAY}.r0.0000", {"a": 0, "b": 1}, VECTORS[:2])
    select(storage, f"{MAY}.r0.0001", {"c": 2}, VECTORS[2:3])
    fresh = before(Storage.open(storage.root), f"{SHOP}.r0.0000", x=0, y=1, z=2)
    found = fresh.nearest(["x", "y", "z"], VECTORS[[2, 0, 5]], "catalogue", 0.95)
    assert ids(found) == ["c", "a", None]
    assert found[0].cosine == pytest.approx(1, abs=1e-6)


def test_another_process_finds_them(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path / "storage"))
    select(storage, f"{MAY}.r0.0000", {"a": 0, "b": 1}, VECTORS[:2])
    command = [sys.executable, "-c", ANOTHER_PROCESS, storage.root, *map(str, VECTORS[1].tolist())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "b", done.stderr


def test_a_brief_looks_among_its_own_and_the_catalogue_among_all(storage: Storage) -> None:
    select(storage, f"{SHOP}.r0.0000", {"theirs": 0}, VECTORS[:1])
    select(storage, f"{MAY}.r0.0000", {"ours": 0}, VECTORS[1:2])
    looking = before(storage, f"{MAY}.r0.0001", x=7, y=8)
    assert ids(looking.nearest(["x", "y"], VECTORS[:2], "catalogue", 0.99)) == ["theirs", "ours"]
    assert ids(looking.nearest(["x", "y"], VECTORS[:2], "brief", 0.99)) == [None, "ours"]


def test_another_snapshot_is_another_catalogue(storage: Storage) -> None:
    select(storage, f"{SHOP}.r0.0000", {"theirs": 0}, VECTORS[:1])
    looking = SelectedBefore(storage, "another clip", f"{MAY}.r0.0001", {"x": 7})
    assert looking.nearest(["x"], VECTORS[:1], "catalogue", 0.5) == [None]


def test_attempts_of_the_same_slot_do_not_count(storage: Storage) -> None:
    """A retry may resemble the attempt before it, which a person rejected after it had passed."""
    select(storage, f"{MAY}.r0.0000", {"parent": 3, "sibling": 4}, np.repeat(VECTORS[:1], 2, axis=0))
    retry = before(storage, f"{MAY}.r1.0000", same=3, other=5)
    found = retry.nearest(["same", "other"], np.repeat(VECTORS[:1], 2, axis=0), "brief", 0.9)
    assert ids(found) == ["sibling", "parent"]
    theirs = before(storage, f"{SHOP}.r0.0000", same=3)
    assert ids(theirs.nearest(["same"], VECTORS[:1], "catalogue", 0.9)) == ["parent"], "slot 3 of another brief"


def test_the_batch_itself_does_not_count(storage: Storage) -> None:
    key = f"{MAY}.r0.0000"
    select(storage, key, {"a": 0, "b": 1}, np.repeat(VECTORS[:1], 2, axis=0))
    assert before(storage, key, a=0, b=1).nearest(["a", "b"], VECTORS[[0, 0]], "catalogue", 0.5) == [None, None]


def test_another_version_of_the_brief_does_not_count(storage: Storage) -> None:
    select(storage, f"{MAY}.r0.0000", {"old": 0}, VECTORS[:1])
    looking = before(storage, f"{JUNE}.r0.0000", new=1)
    assert looking.nearest(["new"], VECTORS[:1], "catalogue", 0.5) == [None]


def test_who_joins_later_is_told_to_look_again(storage: Storage) -> None:
    first, second = before(storage, f"{MAY}.r0.0000", a=0), before(storage, f"{SHOP}.r0.0000", b=0)
    assert first.nearest(["a"], VECTORS[:1], "catalogue", 0.5) == [None]
    assert second.nearest(["b"], VECTORS[:1], "catalogue", 0.5) == [None]
    assert second.joins(["b"], VECTORS[:1])
    assert not first.joins(["a"], VECTORS[:1])
    assert ids(first.nearest(["a"], VECTORS[:1], "catalogue", 0.5)) == ["b"]
    assert first.joins([], VECTORS[:0])


def test_a_batch_joins_once_and_sees_what_it_saw(storage: Storage) -> None:
    select(storage, f"{MAY}.r0.0000", {"a": 0}, VECTORS[:1])
    select(storage, f"{SHOP}.r0.0000", {"b": 0}, VECTORS[:1])
    again = before(storage, f"{MAY}.r0.0000", a=0)
    assert again.nearest(["a"], VECTORS[:1], "catalogue", 0.5) == [None], "b was selected later"
    assert again.joins(["a"], VECTORS[:1])
    assert EmbeddingLog(storage, "clip").count() == 2


Market = tuple[Storage, Brief, list[Batch], pd.DataFrame, np.ndarray]


@pytest.fixture
def market(tmp_path: Path) -> Market:
    """Two batches of two; the first is judged: slot 0 failed, slot 1 passed. Its plan, and its embeddings."""
    storage = Storage.open(str(tmp_path / "storage"))
    text = 'brief: market\nprompt: "{subject}"\nvary: {subject: [lemon, panda, frog, fox]}\nsampler: {steps: 2}\n'
    brief = read_brief(text, source="brief.yaml", known=installed())
    batches = accept(storage, brief, text, take_snapshot("starter").snapshot_id, 2)
    assert index_stored(storage) == 0, "nothing is judged"
    vectors = load_clip().embed_images(np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3), dtype=np.uint8))
    plan = frame_of(plan_batch(brief, batches[0], schedule_of("starter", brief.sampler)))
    store_judged(storage, batches[0].key, plan, vectors, passed=[False, True])
    return storage, brief, batches, plan, vectors


def test_what_is_stored_can_be_indexed_anew(market: Market) -> None:
    storage, _, (_, second), plan, vectors = market
    assert index_stored(storage) == 1
    assert index_stored(storage) == 0, "once"
    looking = selected_before(storage, "starter", second, {"x": 2, "y": 3})
    assert ids(looking.nearest(["x", "y"], vectors, "brief", 0.999)) == [None, plan["recipe_id"][1]]

    log = EmbeddingLog(storage, take_snapshot("starter", SHIPPED_CLIP).snapshot_id)
    storage.delete(f"{log.folder}/00000000.safetensors")
    assert index_stored(storage) == 1
    looking = selected_before(storage, "starter", second, {"x": 2, "y": 3})
    assert ids(looking.nearest(["x", "y"], vectors, "brief", 0.999)) == [None, plan["recipe_id"][1]]


def test_what_people_accepted_may_not_be_repeated_either(market: Market) -> None:
    storage, brief, (first, second), plan, vectors = market
    accepted = Reviewed(recipe_id=str(plan["recipe_id"][0]), slot_index=0, batch=first.key, reviewer="ada")
    assert join_accepted(storage, brief, f"{first.order}.v0", [accepted])
    assert not join_accepted(storage, brief, f"{first.order}.v0", [accepted]), "once"
    assert not join_accepted(storage, brief, f"{first.order}.v1", [])
    looking = selected_before(storage, "starter", second, {"x": 2, "y": 3})
    assert ids(looking.nearest(["x", "y"], vectors, "brief", 0.999)) == [plan["recipe_id"][0], None]


def store_judged(storage: Storage, batch: str, plan, vectors: np.ndarray, passed: list[bool]) -> None:
    import torch

    rows = tuple(plan["recipe_id"])
    TableStore(storage, "generation_plan", batch).write(plan)
    verdicts = pd.DataFrame({"recipe_id": rows, "passed": passed, "failed": "[]", "held": None})
    TableStore(storage, "verdicts", batch).write(verdicts)
    stream = RowStream(rows, lambda missing: iter([MicroBatch(rows, {"embedding": torch.from_numpy(vectors)})]))
    TensorStore(storage, "image_embeddings", batch).write(stream)
