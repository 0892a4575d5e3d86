"""A storage to deliver into, and the bytes that were delivered, for the tests of deliveries."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from genart_assets.stages.delivery import deliver_image
from genart_assets.storage.root import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path / "storage"))


def delivered_bytes(storage: Storage) -> dict[str, bytes]:
    root = Path(storage.root)
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.glob("deliveries/**/*")) if p.is_file()}


def count_encodings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts images that are encoded, by slot; encoding itself is untouched."""
    seen: Counter[str] = Counter()
    encode = deliver_image.encode

    def counted(image: deliver_image.ImageToDeliver, *rest: object) -> object:
        seen[image.folder] += 1
        return encode(image, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(deliver_image, "encode", counted)
    return seen
