from __future__ import annotations

import hashlib

import numpy as np
import pytest

from genart_assets.extend.kit import SIZES, trial_pictures


@pytest.mark.parametrize("size", SIZES)
def test_the_pictures_have_their_size_and_are_the_same_every_time(size: tuple[int, int]) -> None:
    pictures, again = trial_pictures(size), trial_pictures(size)
    assert {(picture.shape, picture.dtype.name) for picture in pictures.values()} == {((size[1], size[0], 3), "uint8")}
    assert all(np.array_equal(pictures[name], again[name]) for name in pictures)
    assert len({picture.tobytes() for picture in pictures.values()}) == len(pictures)


def test_their_pixels_do_not_change_with_a_release() -> None:
    every = b"".join(picture.tobytes() for size in SIZES for picture in trial_pictures(size).values())
    assert hashlib.sha256(every).hexdigest()[:16] == "41bf3a177652c234"


def test_they_are_what_they_are_called() -> None:
    pictures = trial_pictures()
    assert len(np.unique(pictures["white"])) == len(np.unique(pictures["black"])) == 1
    assert len(np.unique(pictures["steps"])) == 8
    assert np.all(np.diff(pictures["gradient"][0, :, 0].astype(int)) > 0)
    red = [np.all(pictures[name] == (220, 30, 30), axis=-1).sum() for name in ("disc", "two discs")]
    assert red[1] == pytest.approx(2 * red[0], rel=0.1)
