"""What the records cost: ``python -m genart_assets_tests.provenance.record_cost HOME``.

HOME is a home that has rendered batches. One line of JSON: the share of the steps' time in `render` runs that the asset
`provenance` took, and the bytes of everything that is kept for it, an image.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import dagster as dg

from genart_assets.instance.home import Home
from genart_assets.provenance.index import provenance_index
from genart_assets.storage.root import Storage

KEPT = ("assets/provenance", "renderings", "environments", "models")


def measured(folder: Path) -> dict[str, float | int]:
    home = Home.open(folder)
    storage = Storage.open(home.storage_root)
    whole = ours = 0.0
    with home.instance() as instance:
        filters = dg.RunsFilter(job_name="render", statuses=[dg.DagsterRunStatus.SUCCESS])
        for run in instance.get_runs(filters):
            for step in instance.get_run_step_stats(run.run_id):
                spent = (step.end_time or 0.0) - (step.start_time or 0.0)
                whole += spent
                ours += spent if step.step_key == "provenance" else 0.0
    with provenance_index(storage) as index:
        images = len(index.table())
    kept = sum(file.stat().st_size for part in KEPT for file in Path(storage.path(part)).rglob("*") if file.is_file())
    return {
        "images": images,
        "step_seconds": round(whole, 1),
        "provenance_seconds": round(ours, 1),
        "share_percent": round(100 * ours / whole, 2),
        "bytes_an_image": round(kept / images),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    print(json.dumps(measured(parser.parse_args().home)))
