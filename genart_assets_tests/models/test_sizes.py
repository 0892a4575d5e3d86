from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.models.families.installed import family_for
from genart_assets.models.families.sides import Sides
from genart_assets.models.sizes import nearest_size

STARTER = Sides(best=64, step=8)


def test_the_starter_tells_its_sides() -> None:
    assert family_for("starter").sides("starter") == STARTER
    assert (STARTER.shortest, STARTER.longest) == (32, 128)


@pytest.mark.parametrize(
    ("size", "nearest"),
    [
        ((64, 64), (64, 64)),
        ((96, 64), (96, 64)),
        ((1024, 768), (128, 96)),
        ((512, 768), (88, 128)),
        ((16, 8), (64, 32)),
        ((4096, 64), (128, 32)),
        ((65, 70), (64, 72)),
    ],
)
def test_the_shape_is_kept_as_far_as_the_model_goes(size: tuple[int, int], nearest: tuple[int, int]) -> None:
    assert nearest_size(size, STARTER) == nearest


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
    st.none() | st.builds(Sides, best=st.sampled_from([8, 20, 64, 100, 512, 1024]), step=st.sampled_from([1, 4, 8])),
)
def test_a_brief_and_the_model_allow_it(size: tuple[int, int], sides: Sides | None) -> None:
    for side in nearest_size(size, sides):
        assert side % 8 == 0
        assert 8 <= side <= 8192
        assert sides is None or sides.shortest <= side <= sides.longest
