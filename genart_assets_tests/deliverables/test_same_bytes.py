"""The same picture and metadata give the same bytes: again, in threads, and in another process."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from genart_assets.deliverables.embedded import text_chunks
from genart_assets.deliverables.formats import find_format
from genart_assets.deliverables.xmp import packet_of
from genart_assets.records.base import sha256_hex
from genart_assets_tests.deliverables.samples import FORMATS, embedded, icon, recipe


def hashes(_: object = None) -> dict[str, str]:
    made = recipe()
    facts = embedded(made)
    return {
        f"{name} {side}": sha256_hex(
            find_format(name).encode(icon(size=(side, side)), packet_of(facts), text_chunks(facts, made)).data
        )
        for name in FORMATS
        for side in (64, 320)
    }


def test_threads_and_another_process_encode_the_same_bytes() -> None:
    here = hashes()
    with ThreadPoolExecutor(4) as pool:
        assert all(found == here for found in pool.map(hashes, range(4)))
    program = f"import json; from {__name__} import hashes; print(json.dumps(hashes()))"
    for seed in ("1", "2"):  # of Python's own hash function
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "TZ": "Asia/Tokyo"},
            capture_output=True,
            check=True,
            timeout=120,
        )
        assert json.loads(done.stdout) == here
