"""The cost of an image is that of the process that draws it."""

import resource

import numpy as np
import pytest

from genart_assets.starter.shipped import SHIPPED
from genart_assets.starter_training.cost import measure_cost


@pytest.mark.slow
def test_peak_is_the_fresh_process_own_and_not_its_parents() -> None:
    ballast = np.ones((1 << 30) * 3 // 8)  # 3 GiB
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found = measure_cost(SHIPPED["starter"])
    del ballast
    assert ours > 3
    assert 0.2 < found["peak_gib"] < 2
    assert found["load_seconds"] > 0
    assert found["seconds_per_image"] > 0
