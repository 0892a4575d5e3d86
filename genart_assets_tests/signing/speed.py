"""What signing costs: ``python -m genart_assets_tests.signing.speed``.

One line of JSON: for each format, milliseconds to sign a picture of 1024 px (the least and the median of some), the
bytes that this adds, and milliseconds a file when two threads sign at once; every file is verified afterwards, which
c2pa's own reader does.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from genart_assets.signing.identity import SigningIdentity
from genart_assets.signing.own_certificate import own_chain, own_identity
from genart_assets.signing.sign import signed
from genart_assets.signing.signed_record import SignedRecord
from genart_assets.signing.verify import verify
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.signing.test_sign_and_verify import FORMATS, RECIPES, record_of, unsigned

FILES = 20
SIDE = 1024


def timed(data: bytes, media_type: str, record: SignedRecord, identity: SigningIdentity, _: int) -> tuple[float, bytes]:
    """Seconds, and the signed file."""
    began = time.perf_counter()
    made = signed(data, media_type, record, identity)
    return time.perf_counter() - began, made


def measured() -> dict[str, dict[str, float | int]]:
    picture = icon(size=(SIDE, SIDE))
    found: dict[str, dict[str, float | int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        identity = own_identity(Path(folder))
        chain = own_chain(Path(folder))
        assert chain
        for form in FORMATS:
            data, name, media_type = unsigned(form, RECIPES[0], picture)
            record = record_of(RECIPES[0], name)

            def sign(
                _: int = 0, data: bytes = data, media_type: str = media_type, record=record
            ) -> tuple[float, bytes]:
                began = time.perf_counter()
                made = signed(data, media_type, record, identity)
                return time.perf_counter() - began, made

            alone = [sign() for _ in range(FILES)]
            began = time.perf_counter()
            with ThreadPoolExecutor(2) as pool:
                both = list(pool.map(sign, range(FILES)))
            together = time.perf_counter() - began
            for _, made in (*alone, *both):
                assert verify(made, "", test_signers=chain).proven
            found[form] = {
                "least_ms": round(1000 * min(spent for spent, _ in alone), 1),
                "median_ms": round(1000 * statistics.median(spent for spent, _ in alone), 1),
                "two_threads_ms_a_file": round(1000 * together / FILES, 1),
                "bytes_added": len(alone[0][1]) - len(data),
            }
    return found


if __name__ == "__main__":
    print(json.dumps(measured()))
