"""How long it takes to look 256 embeddings up in a million: ``python -m genart_assets_tests.storage.bench_nearest``.

Half of the queries are near copies (cosine 0.9 to 1), half are new. Options: ``--rows``, ``--width``, ``--decay`` (0 is
white noise, the worst case), ``--floor``.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

from genart_assets.storage.coarse import COLUMNS
from genart_assets.storage.nearest import nearest
from genart_assets_tests.storage.embedded import Clusters, in_memory

QUERIES = 256
REPEATS = 5
BLOCK = 16_384


def measured(rows: int, width: int, decay: float, floor: float) -> dict[str, float | int | bool]:
    """Seconds of the search and of the whole float32 product, the least of some; recall against the whole product."""
    clusters = Clusters(width, decay)
    vectors = np.empty((rows, width), np.float32)
    for first in range(0, rows, BLOCK):
        vectors[first : first + BLOCK] = clusters.draw(min(BLOCK, rows - first))
    chosen = np.linspace(0, rows - 1, QUERIES // 2).astype(int)
    queries = np.concatenate([clusters.near_copies(vectors[chosen]), clusters.draw(QUERIES // 2)])
    stored = in_memory(vectors)
    ours, whole, ours_cpu, whole_cpu = [], [], [], []
    for _ in range(REPEATS):
        began, cpu = time.perf_counter(), time.process_time()
        found = nearest(queries, stored, [(0, rows)], floor)
        ours.append(time.perf_counter() - began)
        ours_cpu.append(time.process_time() - cpu)
        began, cpu = time.perf_counter(), time.process_time()
        best = np.full(QUERIES, -1, np.float32)
        for first in range(0, rows, BLOCK):
            best = np.maximum(best, (vectors[first : first + BLOCK] @ queries.T).max(axis=0))
        whole.append(time.perf_counter() - began)
        whole_cpu.append(time.process_time() - cpu)
    near = best >= floor
    right = sum(bool(neighbour and abs(neighbour.cosine - best[k]) < 1e-5) for k, neighbour in enumerate(found))
    return {
        "rows": rows,
        "width": width,
        "decay": decay,
        "floor": floor,
        "seconds": round(min(ours), 2),
        "cpu_seconds": round(min(ours_cpu), 2),
        "whole_product_seconds": round(min(whole), 2),
        "whole_product_cpu_seconds": round(min(whole_cpu), 2),
        "near_copies": int(near.sum()),
        "recall": right / max(1, int(near.sum())),
        "coarse_megabytes": round(rows * COLUMNS * 4 / 1e6),
        "vector_megabytes": round(rows * width * 4 / 1e6),
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--width", type=int, default=512)
    options.add_argument("--decay", type=float, default=0.5)
    options.add_argument("--floor", type=float, default=0.9)
    print(json.dumps(measured(**vars(options.parse_args()))))
