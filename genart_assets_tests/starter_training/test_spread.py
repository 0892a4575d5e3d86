from hypothesis import given
from hypothesis import strategies as st

from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.vocabulary import vocabulary


@given(st.lists(st.integers(), max_size=200), st.integers(1, 60))
def test_it_takes_no_more_than_asked_and_keeps_the_order(rows, count):
    some = spread(list(enumerate(rows)), count)
    assert len(some) <= count
    assert some == sorted(some, key=lambda row: row[0])
    assert bool(some) == bool(rows)


def test_pairs_in_a_grid_show_all_styles():
    assert {pair.style for pair in spread(vocabulary().pairs, 48)} == {*vocabulary().styles}
