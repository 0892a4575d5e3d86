"""Reads stored records: each of them whole, or an error that names the file, the field and the remedy."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from genart_assets.errors import StorageError
from genart_assets.storage.root import Storage

Kind = TypeVar("Kind", bound=BaseModel)


class DamagedRecord(StorageError):
    """A stored file does not hold what was stored in it; ``why`` says what is wrong, without the path."""

    def __init__(self, message: str, *, remedy: str, why: str) -> None:
        super().__init__(message, remedy=remedy)
        self.why = why


def read_record(storage: Storage, path: str, kind: type[Kind], *, remedy: str) -> Kind:
    """The record of a kind that lies at a path.

    Raises:
        DamagedRecord: the file holds another thing; ``remedy`` is what a person does about it.
        StorageError: the file is missing, or the storage refuses.
    """
    try:
        return kind.model_validate_json(storage.read(path))
    except ValidationError as error:
        raise damaged(storage, path, reason_of(error), remedy=remedy) from error


def damaged(storage: Storage, path: str, why: str, *, remedy: str) -> DamagedRecord:
    """The error for a file whose content is wrong, for whoever looks at more than its fields."""
    return DamagedRecord(f"{storage.root}/{path} is damaged: {why}", remedy=remedy, why=why)


def reason_of(error: ValidationError) -> str:
    """The first thing that is wrong with a record, with its field."""
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    return f"{field}: {first['msg']}" if field else first["msg"]
