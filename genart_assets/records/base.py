"""Defines the frozen record, its canonical JSON and its hash; every typed record of the platform is one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, JsonValue

BRIEF_ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"


ORDER_KEY_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}\.[0-9a-f]{10}$"


def canonical_json(value: JsonValue) -> str:
    """JSON with sorted keys, no spaces, UTF-8 kept, floats in Python's shortest round-trip form; NaN is refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())

    def canonical(self) -> str:
        """The record as canonical JSON: equal records give equal text."""
        return canonical_json(self.model_dump(mode="json"))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy, validated; it carries no hash that was cached for the old content."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**fields, **(update or {})})
