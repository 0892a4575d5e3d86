"""How fast one record is found among a million: ``python -m genart_assets_tests.provenance.bench_index``.

One line of JSON: seconds to make the index, to open it again, to find an image by the beginning of its id, to find
what a picture looks like, and for a grouped query over the index and over the parquet files as any DuckDB reads them;
bytes of a record on disk. The rows are a real plan's, of the real schema, with ids, hashes, likenesses and scores
drawn at random. Option: ``--records``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from genart_assets.models.schedules import schedule_of
from genart_assets.models.snapshot import take_snapshot
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.likeness import BYTES
from genart_assets.records import schemas
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import accept
from genart_assets.stages.planning.plan import plan_batch
from genart_assets.stages.planning.plan_table import row_of
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore

ROWS = 500
TEXT = """\
brief: million
prompt: "{{style}} icon of {{subject}}"
vary: {{subject: [pear, fig, plum, lemon, lime], style: [classic, glossy]}}
repeats: {repeats}
"""
CRITICS = ("prompt_alignment", "sharpness", "exposure", "contrast", "near_duplicate")
HASHES = ("noise_sha256", "latents_sha256", "pixel_sha256")
GROUPED = "SELECT model, failed, count(*), avg(passed::INT), avg(denoise_seconds) FROM {} GROUP BY model, failed"


def stored(folder: Path, records: int) -> Storage:
    """A storage with the records of one order, as the asset `provenance` stores them."""
    storage = Storage.open(str(folder))
    text = TEXT.format(repeats=records // 10)
    brief = read_brief(text, source="million.yaml", known=installed())
    batches = accept(storage, brief, text, take_snapshot("starter").snapshot_id, ROWS)
    rows = [row_of(image) for image in plan_batch(brief, batches[0], schedule_of(brief.model, brief.sampler))]
    random = np.random.default_rng(0)
    for batch in batches:
        first = pd.DataFrame(rows[: batch.rows])
        n = len(first)
        ids = {name: [random.bytes(32).hex() for _ in range(n)] for name in ("recipe_id", *HASHES)}
        drawn = {critic: random.random(n) for critic in CRITICS}
        table = first.assign(
            **ids,
            brief=batch.brief,
            brief_hash=batch.brief_hash,
            batch=batch.key,
            slot_index=range(batch.first_row, batch.first_row + n),
            model=batch.model,
            prompt_id="a" * 64,
            negative_prompt_id="b" * 64,
            path=[f"pixels/{sha256[:2]}/{sha256}.png" for sha256 in ids["pixel_sha256"]],
            likeness=[random.bytes(BYTES) for _ in range(n)],
            denoised_in="c" * 64,
            decoded_in="c" * 64,
            run_id="d" * 36,
            micro_batch_rows=16,
            denoise_seconds=random.random(n),
            began="2026-11-26T12:00:00+00:00",
            version="0.1.0",
            critic_snapshot="e" * 64,
            scores=[
                json.dumps([{"critic": c, "version": "1", "unit": "cosine", "score": drawn[c][k]} for c in CRITICS])
                for k in range(n)
            ],
            passed=random.random(n) > 0.2,
            failed=random.choice(
                ["[]", *(json.dumps([{"expectation": critic, "value": 0.1}]) for critic in CRITICS)], n
            ),
            held=None,
            selected=True,
        )[schemas.PROVENANCE.names]
        TableStore(storage, "provenance", batch.key).write(table)
    return storage


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 3)


def measured(folder: Path, records: int) -> dict[str, float | int]:
    storage = stored(folder, records)
    tables = Path(storage.root) / "assets" / "provenance"
    on_disk = sum(file.stat().st_size for file in tables.rglob("*") if file.is_file())

    def opened() -> None:
        with provenance_index(storage):
            pass

    first, again = timed(opened), timed(opened)
    files = f"'{tables}/*/*.parquet'"
    with provenance_index(storage) as index:
        (wanted,) = index.sample(1)
        seen = index.likeness(wanted)
        assert seen
        assert index.nearest(seen)[0][0] == wanted
        assert index.find(wanted.recipe_id[:12]) == [wanted]
        by_id = timed(lambda: index.find(wanted.recipe_id[:12]))
        slot = timed(lambda: index.attempts(wanted.order, wanted.slot_index))
        nearest = timed(lambda: index.nearest(seen))
        grouped = timed(lambda: index._connection.sql(GROUPED.format("records")).fetchall())
    return {
        "records": records,
        "bytes_a_record": round(on_disk / records),
        "index_made_seconds": first,
        "index_opened_seconds": again,
        "find_seconds": by_id,
        "attempts_seconds": slot,
        "nearest_seconds": nearest,
        "grouped_index_seconds": grouped,
        "grouped_parquet_seconds": timed(lambda: duckdb.sql(GROUPED.format(files)).fetchall()),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    with tempfile.TemporaryDirectory() as temporary:
        print(json.dumps(measured(Path(temporary), parser.parse_args().records)))
