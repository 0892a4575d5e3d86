"""Outside of a mask an image has the start picture's own pixels, bit by bit."""

import numpy as np
import pytest

from genart_assets.errors import StorageError
from genart_assets.records.recipe import RecipeStart
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.keep_outside import kept_outside
from genart_assets_tests.starter_plans import starter_plan

SHAPE = (64, 64, 3)
RANDOM = np.random.default_rng(1)
START, DECODED = (RANDOM.integers(0, 256, SHAPE, np.uint8) for _ in range(2))
MASK = np.zeros(SHAPE, np.uint8)
MASK[:, 20:40], MASK[:, 40:] = 102, 255


def finish(start, inputs):
    (planned,) = starter_plan(1)
    planned = planned.model_copy(update={"recipe": planned.recipe.model_copy(update={"start": start})})
    return kept_outside([planned], inputs)(planned.recipe_id, DECODED)


def test_black_is_kept_white_is_repainted_and_grey_is_a_mean():
    found = finish(RecipeStart(image="a", strength=0.5, mask="b"), Inputs(start={"a": START, "b": MASK}.__getitem__))
    assert found.dtype == np.uint8
    assert np.array_equal(found[:, :20], START[:, :20])
    assert np.array_equal(found[:, 40:], DECODED[:, 40:])
    mean = 0.6 * START[:, 20:40] + 0.4 * DECODED[:, 20:40]
    assert np.abs(found[:, 20:40] - mean).max() <= 0.5


def test_without_a_mask_nothing_is_read_or_changed():
    assert finish(None, Inputs()) is DECODED
    assert finish(RecipeStart(image="a", strength=0.5), Inputs()) is DECODED


def test_no_storage_is_an_error():
    with pytest.raises(StorageError, match="no storage is at hand"):
        finish(RecipeStart(image="a", strength=0.5, mask="b"), Inputs())
