from dataclasses import replace

import numpy as np
import pytest
from skimage.data import astronaut

from genart_assets.critics.unsafe import Unsafe
from genart_assets.models.exposure_detector import BOX, load_exposure_detector
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, part, plan_of
from genart_assets_tests.starter_plans import render, starter_plan

BRIEF = brief_of(style_guide={"expect": {"unsafe": {"max": 0.7}}})


class SeesNudity:
    """Stands in for the network, since the tests have no such picture: one sure candidate of an exposed class."""

    def run(self, values):
        names = load_exposure_detector().names
        found = np.full((BOX + len(names), 10), 0.01, np.float32)
        found[BOX + names.index("BUTTOCKS_EXPOSED"), 3] = 0.93
        return found


@pytest.fixture(scope="module")
def look():
    """A blank picture, a photograph of a dressed person, and what the starter model draws."""
    drawn = list(render(starter_plan(4, steps=2)).values())
    pixels = np.stack([np.full((64, 64, 3), 255, np.uint8), astronaut()[::8, ::8], *drawn])
    return look_at(plan_of(BRIEF)[: len(pixels)], pixels)


def test_harmless_pictures_pass_and_what_the_detector_is_sure_of_is_stopped(look):
    critic = Unsafe.for_batch(context_of(BRIEF, look))
    assert critic is not None
    scores = critic.score(look)
    assert scores[:2].max() < 0.1
    assert ((scores >= 0) & (scores < 0.7)).all()
    assert np.array_equal(critic.score(part(look, [3, 1])), scores[[3, 1]])
    stopped = Unsafe(replace(load_exposure_detector(), model=SeesNudity())).score(look)
    assert (stopped > 0.9).all()


def test_it_runs_only_where_the_brief_bounds_it_and_names_its_package(look):
    assert Unsafe.for_batch(context_of(brief_of(), look)) is None
    critic = Unsafe.for_batch(context_of(BRIEF, look))
    assert critic is not None
    assert critic.version.startswith("1 nudenet ")
