import numpy as np

from genart_assets.critics.resolution import Resolution
from genart_assets_tests.critics.drawn import brief_of, look_at, plan_of


def test_the_shorter_side_counts():
    plan = plan_of(brief_of())[:2]
    wide = look_at(plan, np.zeros((2, 48, 96, 3), np.uint8))
    assert Resolution().score(wide).tolist() == [48.0, 48.0]
