"""Frames of a declared schema, to parquet bytes and back. The same frame gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from genart_assets.errors import StorageError
from genart_assets.records.schemas import ADDED
from genart_assets.storage.parts import Contents

if TYPE_CHECKING:
    import pandas as pd

SUFFIX = ".parquet"
_KEY = b"genart"


def encode_frame(table: str, schema: pa.Schema, frame: pd.DataFrame, contents: Contents) -> bytes:
    """Parquet (zstd) with ``contents`` in its metadata. StorageError if the frame does not fit the schema."""
    if list(frame.columns) != schema.names:
        missing = [name for name in schema.names if name not in frame.columns]
        surplus = [str(name) for name in frame.columns if name not in schema.names]
        raise StorageError(
            f"table {table} has wrong columns: missing {missing}, unknown {surplus}",
            remedy=f"give exactly these columns, in this order: {', '.join(schema.names)}",
        )
    columns = [_column(table, field, frame[field.name]) for field in schema]
    arrow = pa.Table.from_arrays(columns, schema=schema.with_metadata({_KEY: contents.canonical().encode()}))
    buffer = io.BytesIO()
    pq.write_table(arrow, buffer, compression="zstd", compression_level=3)
    return buffer.getvalue()


def decode_frame(table: str, schema: pa.Schema, data: bytes) -> pd.DataFrame:
    """The frame that parquet bytes hold; a column that a later release added is null.

    Raises:
        StorageError: a column is missing or of another type.
    """
    arrow = pq.read_table(io.BytesIO(data))
    for field in schema:
        if field.name not in arrow.schema.names and field.metadata == ADDED:
            arrow = arrow.append_column(field, pa.nulls(len(arrow), field.type))
        found = arrow.schema.field(field.name).type if field.name in arrow.schema.names else "nothing"
        if found != field.type:
            raise _mismatch(table, field, str(found))
    return arrow.select(schema.names).to_pandas()


def describe_frame(data: bytes) -> Contents:
    metadata = pq.read_schema(io.BytesIO(data)).metadata
    return Contents.model_validate_json(metadata[_KEY])


def empty_frame(schema: pa.Schema) -> pd.DataFrame:
    return schema.empty_table().to_pandas()


def _column(table: str, field: pa.Field, column: pd.Series) -> pa.Array:
    if column.isna().all():
        return pa.nulls(len(column), field.type)
    if not _fits(field.type)(column):
        raise _mismatch(table, field, _found(column))
    try:
        return pa.array(column, type=field.type, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError) as error:
        raise _mismatch(table, field, f"{_found(column)} ({error})") from error


def _fits(expected: pa.DataType) -> Callable[[pd.Series], bool]:
    """Which pandas columns may become ``expected``: the same kind of value, nothing rounded, parsed or printed."""
    from pandas.api import types as kinds

    if pa.types.is_boolean(expected):
        return kinds.is_bool_dtype
    if pa.types.is_integer(expected):
        return kinds.is_integer_dtype
    if pa.types.is_floating(expected):
        return lambda column: kinds.is_float_dtype(column) or kinds.is_integer_dtype(column)
    kind = "bytes" if pa.types.is_binary(expected) else "string"
    return lambda column: kinds.infer_dtype(column, skipna=True) == kind


def _found(column: pd.Series) -> str:
    from pandas.api import types as kinds

    return f"{column.dtype} of {kinds.infer_dtype(column, skipna=True)}"


def _mismatch(table: str, field: pa.Field, found: str) -> StorageError:
    return StorageError(
        f"table {table}, column {field.name}: expected {field.type}, found {found}",
        remedy=f"make the column {field.type} before it is stored, as genart_assets/records/schemas.py declares it",
    )
