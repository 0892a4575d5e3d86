from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.storage import nearest as nearest_file
from genart_assets.storage.coarse import coarse_of, fit_basis
from genart_assets.storage.nearest import nearest, row_cosines
from genart_assets_tests.storage.embedded import Clusters, in_memory, unit


def brute_force(queries, stored, spans, floor, hidden=None):
    """Cosine and id of the nearest, by all float64 products."""
    rows = np.concatenate([np.arange(first, end) for first, end in spans]) if spans else np.zeros(0, int)
    found = []
    for k, query in enumerate(queries):
        cosines = row_cosines(stored.vectors[rows], np.repeat(query[None], len(rows), axis=0))
        kept = [
            (-c, stored.ids[row].decode())
            for c, row in zip(cosines, rows, strict=True)
            if c >= floor and not (hidden is not None and hidden(np.array([row]))[0, k])
        ]
        found.append(None if not kept else (-min(kept)[0], min(kept)[1]))
    return found


def told(found):
    return [None if neighbour is None else (neighbour.cosine, neighbour.recipe_id) for neighbour in found]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_it_finds_what_brute_force_finds(data):
    d = data.draw(st.sampled_from([3, 100, 160]), label="d")
    random = np.random.default_rng(data.draw(st.integers(0, 2**32), label="seed"))
    n, q = data.draw(st.integers(1, 60), label="n"), data.draw(st.integers(1, 7), label="q")
    vectors = unit(random.standard_normal((n, d)) + data.draw(st.sampled_from([0, 0.3]), label="common"))
    copies = data.draw(st.lists(st.integers(0, n - 1), max_size=5), label="copies")
    vectors = np.concatenate([vectors, vectors[copies]])
    queries = np.concatenate([vectors[: q // 2], unit(random.standard_normal((q, d)))])
    stored = in_memory(vectors, coarse=d > 96)
    cut = sorted(data.draw(st.tuples(*[st.integers(0, len(vectors))] * 4), label="spans"))
    spans = [(cut[0], cut[1]), (cut[2], cut[3])]
    floor = data.draw(st.sampled_from([-1.0, 0.0, 0.5, 0.9, 0.999]), label="floor")
    groups = random.integers(0, 3, len(vectors))
    own = random.integers(0, 3, len(queries))
    hidden = data.draw(st.sampled_from([None, lambda rows: groups[rows][:, None] == own]), label="hidden")
    found = nearest(queries, stored, spans, floor, hidden or (lambda _: None))
    assert told(found) == brute_force(queries, stored, spans, floor, hidden)


def test_many_queries_and_small_blocks_change_no_bit(monkeypatch):
    clusters = Clusters(160, 0.5, clusters=50)
    vectors = clusters.draw(700)
    stored, queries = in_memory(vectors), clusters.near_copies(vectors[:40])
    whole = nearest(queries, stored, [(0, 700)], 0.5)
    monkeypatch.setattr(nearest_file, "BLOCK", 64)
    monkeypatch.setattr(nearest_file, "QUERIES", 7)
    monkeypatch.setattr(nearest_file, "PAIRS", 3)
    assert nearest(queries, stored, [(0, 350), (350, 700)], 0.5) == whole
    assert all(found is not None for found in whole)
    assert [nearest(query[None], stored, [(0, 700)], 0.5)[0] for query in queries] == whole


def test_of_equal_cosines_the_smallest_id_counts():
    vectors = np.repeat(unit(np.random.default_rng(0).standard_normal((1, 8))), 5, axis=0)
    stored = in_memory(vectors, ("d", "b", "e", "a", "c"), coarse=False)
    assert nearest(vectors[:1], stored, [(0, 5)], 0.9)[0].recipe_id == "a"
    assert nearest(vectors[:1], stored, [(0, 3)], 0.9)[0].recipe_id == "b"


def test_the_floor_is_inclusive():
    vectors = Clusters(12, 0.5).draw(2)
    (cosine,) = row_cosines(vectors[:1], vectors[1:])
    stored = in_memory(vectors[1:], coarse=False)
    assert nearest(vectors[:1], stored, [(0, 1)], float(cosine))[0].cosine == cosine
    assert nearest(vectors[:1], stored, [(0, 1)], float(np.nextafter(cosine, 2))) == [None]


def test_nothing_is_near_in_nothing():
    stored = in_memory(np.zeros((0, 0), np.float32), coarse=False)
    assert nearest(Clusters(8, 0.5).draw(3), stored, [], 0.9) == [None] * 3
    assert nearest(np.zeros((0, 8), np.float32), in_memory(Clusters(8, 0.5).draw(4), coarse=False), [(0, 4)], 0) == []


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
def test_the_coarse_form_is_never_below_a_cosine(decay):
    clusters = Clusters(512, decay)
    a, b = clusters.draw(300), clusters.draw(300)
    basis = fit_basis(a)
    assert np.allclose(basis.T @ basis, np.eye(95), atol=1e-5)
    above = coarse_of(a, basis) @ coarse_of(b, basis).T - a.astype(np.float64) @ b.T.astype(np.float64)
    assert above.min() > -nearest_file.MARGIN / 10
    assert above.min() < 0.3, "a bound that bounds nothing is no use"


@pytest.mark.parametrize("d", [512, 768])
def test_it_looks_at_few_rows_and_takes_less_time_than_the_whole_product(d):
    clusters = Clusters(d, 0.5)
    vectors = clusters.draw(60_000)
    stored = in_memory(vectors)
    queries = np.concatenate([clusters.near_copies(vectors[:128]), clusters.draw(128)])
    search = nearest_file._Search(queries, stored, 0.9)
    assert sum(map(len, search.near([(0, 60_000)]))) < 0.05 * len(vectors)

    found = nearest(queries, stored, [(0, 60_000)], 0.9)
    best = np.max([(vectors[k : k + 20_000] @ queries.T).max(axis=0) for k in range(0, 60_000, 20_000)], axis=0)
    assert np.array_equal(best >= 0.9, [neighbour is not None for neighbour in found])
    assert all(abs(neighbour.cosine - best[k]) < 1e-5 for k, neighbour in enumerate(found) if neighbour)

    ours = _seconds(lambda: nearest(queries, stored, [(0, 60_000)], 0.9))
    whole = _seconds(lambda: vectors @ queries.T)
    assert ours < whole, f"{ours:.3f} s, the whole product {whole:.3f} s"


def _seconds(call):
    """Processor seconds, the least of five: a busy machine takes longer, and works no more."""
    taken = []
    for _ in range(5):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken)
