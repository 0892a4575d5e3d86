from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pytest

from genart_assets.errors import StorageError
from genart_assets.records import schemas
from genart_assets.storage.frames import decode_frame, describe_frame, empty_frame, encode_frame
from genart_assets.storage.parts import Contents

SCHEMA = pa.schema({"name": pa.string(), "n": pa.int32(), "x": pa.float64(), "ok": pa.bool_(), "raw": pa.binary()})
CONTENTS = Contents(ids=("a",), failures={"b": "poison"})


def frame(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({"name": ["a"], "n": [1], "x": [0.5], "ok": [True], "raw": [b"\x00\xff"]} | columns)


def test_a_file_tells_its_rows_and_keeps_its_values() -> None:
    data = encode_frame("t", SCHEMA, frame(), CONTENTS)
    assert describe_frame(data) == CONTENTS
    assert decode_frame("t", SCHEMA, data).to_dict("records") == frame().to_dict("records")
    assert data == encode_frame("t", SCHEMA, frame(), CONTENTS)


def test_whole_numbers_may_stand_for_floats_and_null_for_anything() -> None:
    data = encode_frame("t", SCHEMA, frame(x=[2], name=[None]), CONTENTS)
    found = decode_frame("t", SCHEMA, data)
    assert found["x"].tolist() == [2.0]
    assert found["name"].isna().all()


@pytest.mark.parametrize(
    "columns", [{"n": [1.0]}, {"n": ["1"]}, {"n": [True]}, {"x": ["0.5"]}, {"x": [True]}, {"ok": [1]}, {"raw": ["a"]}]
)
def test_nothing_is_rounded_or_parsed(columns: dict[str, list]) -> None:
    (name,) = columns
    with pytest.raises(StorageError, match=f"table t, column {name}: expected"):
        encode_frame("t", SCHEMA, frame(**columns), CONTENTS)


def test_an_empty_frame_has_the_columns() -> None:
    assert list(empty_frame(SCHEMA).columns) == SCHEMA.names
    data = encode_frame("t", SCHEMA, frame().head(0), Contents(ids=(), failures={}))
    assert len(decode_frame("t", SCHEMA, data)) == 0


def test_a_table_of_an_earlier_release_lacks_what_was_added_later() -> None:
    old = pa.schema([field for field in schemas.VERDICTS if field.name != "held"])
    rows = pd.DataFrame({"recipe_id": ["a"], "passed": [True], "failed": ["[]"]})
    data = encode_frame("verdicts", old, rows, Contents(ids=("a",), failures={}))
    found = decode_frame("verdicts", schemas.VERDICTS, data)
    assert list(found.columns) == schemas.VERDICTS.names
    assert found["held"].isna().all()
