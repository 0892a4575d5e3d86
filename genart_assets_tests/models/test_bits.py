"""Law 1: an image's bits depend on its recipe alone."""

import hashlib
import json
import random
import subprocess
from collections.abc import Mapping

import numpy as np
import pytest

from genart_assets_tests.starter_plans import render, starter_plan
from genart_assets_tests.warm.python import warm_python

IMAGES = 24


def digests(pictures: Mapping[str, np.ndarray]) -> dict[str, str]:
    return {recipe_id: hashlib.sha256(picture.tobytes()).hexdigest() for recipe_id, picture in pictures.items()}


@pytest.fixture(scope="module")
def plan():
    return starter_plan(IMAGES, steps=2)


@pytest.fixture(scope="module")
def whole(plan):
    return digests(render(plan))


def test_every_recipe_gives_another_picture(whole):
    assert len(set(whole.values())) == IMAGES


def test_rendered_alone_an_image_has_the_same_bits(plan, whole):
    for planned in plan[::3]:
        assert digests(render([planned])) == {planned.recipe_id: whole[planned.recipe_id]}


@pytest.mark.parametrize("batch_rows", [5, 16, 23, 64])
def test_shuffled_into_other_batches_images_have_the_same_bits(plan, whole, batch_rows):
    shuffled = random.Random(batch_rows).sample(plan, len(plan))
    found: dict[str, str] = {}
    for start in range(0, len(shuffled), batch_rows):
        found |= digests(render(shuffled[start : start + batch_rows]))
    assert found == whole


def test_another_process_gives_the_same_bits(whole):
    script = """
import json
from genart_assets_tests.models.test_bits import IMAGES, digests
from genart_assets_tests.starter_plans import render, starter_plan
print(json.dumps(digests(render(starter_plan(IMAGES, steps=2)[14:21]))))
"""
    done = subprocess.run([warm_python(), "-c", script], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == 7
    assert found.items() <= whole.items()


def test_neighbours_with_other_settings_change_nothing(plan, whole):
    mixed = [*plan[:5], *starter_plan(8, guidance=8.0, steps=2), *plan[5:9], *starter_plan(3, sampler="euler", steps=3)]
    assert digests(render(plan[:9])).items() <= digests(render(mixed)).items()


@pytest.mark.parametrize("sampler", ["ddim", "euler", "dpm++", "unipc"])
def test_each_sampler_gives_the_same_bits_alone_and_together(sampler):
    plan = starter_plan(6, sampler=sampler)
    together = digests(render(plan))
    alone = digests(render(plan[3:4]))
    assert alone.items() <= together.items()
