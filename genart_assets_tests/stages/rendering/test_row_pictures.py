"""Rows come with the pictures that their recipes name, in order; those that lack one are told apart."""

import numpy as np

from genart_assets.errors import StorageError
from genart_assets.records.recipe import RecipeStart
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.row_pictures import pictures_of
from genart_assets_tests.models.tiny_controls import disc, shipped_control
from genart_assets_tests.starter_plans import starter_plan

PICTURES = {str(radius): disc(radius) for radius in (5, 9, 14)}


def read(sha256):
    if sha256 not in PICTURES:
        raise StorageError(f"{sha256} is gone")
    return PICTURES[sha256]


def rows(*named):
    """Planned images, each with the hashes of its control image, start picture and mask."""
    return [
        planned.model_copy(
            update={
                "recipe": planned.recipe.model_copy(
                    update={
                        "control": shipped_control(image=control),
                        "start": RecipeStart(image=start, strength=0.5, mask=mask),
                    }
                )
            }
        )
        for planned, (control, start, mask) in zip(starter_plan(len(named)), named, strict=True)
    ]


def test_every_row_has_its_own_pictures_and_those_without_are_named():
    planned = rows(("5", "9", "14"), ("x", "9", "14"), ("5", "x", "14"), ("5", "9", "x"), ("14", "5", "9"))
    found = pictures_of(planned, Inputs(picture=read, start=read))
    assert found.rows == (planned[0], planned[4])
    for name, radii in (("control image", (5, 14)), ("start picture", (9, 5)), ("mask", (14, 9))):
        assert np.array_equal(found.pictures[name], np.stack([disc(radius) for radius in radii]))
    assert found.failures == {
        planned[1].recipe_id: "control image: x is gone",
        planned[2].recipe_id: "start picture: x is gone",
        planned[3].recipe_id: "mask: x is gone",
    }


def test_plain_rows_have_none():
    plain = starter_plan(2)
    found = pictures_of(plain, Inputs())
    assert (found.rows, dict(found.pictures), dict(found.failures)) == (tuple(plain), {}, {})
