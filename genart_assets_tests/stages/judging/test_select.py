import pandas as pd
import pyarrow as pa
import pytest

from genart_assets.errors import GenartError
from genart_assets.records import schemas
from genart_assets.stages.judging.select import select
from genart_assets_tests.critics.drawn import brief_of, plan_of

PLAN = plan_of(brief_of())
IDS = [planned.recipe_id for planned in PLAN]
INDEX = pd.DataFrame(
    {
        "recipe_id": IDS[::-1],
        "pixel_sha256": [f"{k:064x}" for k in range(9)],
        "path": [f"pixels/{k:02x}.png" for k in range(9)],
        "width": 64,
        "height": 64,
        "bytes": 100,
    }
)


def verdicts(passed, held=None):
    return pd.DataFrame({"recipe_id": IDS, "passed": passed, "failed": "[]", "held": held})


def test_what_passed_goes_on_in_plan_order():
    selected = select("fruit.0123456789", 0, PLAN, verdicts([True, False, True] * 3), INDEX)
    assert selected["slot_index"].tolist() == [0, 2, 3, 5, 6, 8]
    assert selected["recipe_id"].tolist() == [IDS[k] for k in selected["slot_index"]]
    assert selected["path"].iloc[0] == "pixels/08.png"
    table = pa.Table.from_pandas(selected, schema=schemas.SELECTED_IMAGES, preserve_index=False)
    assert table.num_rows == 6


def test_nothing_passes_through_when_nothing_passed():
    selected = select("fruit.0123456789", 0, PLAN, verdicts([False] * 9), INDEX)
    assert pa.Table.from_pandas(selected, schema=schemas.SELECTED_IMAGES, preserve_index=False).num_rows == 0


def test_nothing_of_a_held_batch_goes_on():
    assert len(select("fruit.0123456789", 0, PLAN, verdicts([True] * 9, held="yield ≥ 0.5: 0.1"), INDEX)) == 0


def test_a_passed_image_that_is_not_stored_is_an_error():
    with pytest.raises(GenartError, match="1 images passed their gate and are not planned or not stored"):
        select("fruit.0123456789", 0, PLAN, verdicts([True] * 9), INDEX.iloc[1:])
