"""Draws the sample of passing images that a person sees."""

from __future__ import annotations

import hashlib

from genart_assets.records.base import canonical_json


def is_sampled(order_key: str, slot: int, share: float) -> bool:
    """Whether a slot is in the sample: always the same answer, and a larger share holds the smaller one.

    The first 8 bytes, big-endian, of the SHA-256 of the canonical JSON of ``["genart-review-v1", order key, slot]``
    are compared with ``share`` of 2**64; ``share`` is 0 to 1.
    """
    text = canonical_json(["genart-review-v1", order_key, slot])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") < share * 2**64
