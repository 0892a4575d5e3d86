import numpy as np
import pytest

from genart_assets.starter_training.control_evaluation import foreground, iou


def test_the_foreground_is_what_differs_from_the_background():
    picture = np.full((64, 64, 3), (30, 148, 149), np.uint8)
    picture[16:32, 16:48] = (255, 255, 0)
    found = foreground(picture, (30, 148, 149))
    assert found.sum() == 16 * 32
    assert found[16:32, 16:48].all()


def test_iou_is_one_for_the_same_half_for_half_and_zero_for_another_place():
    square = np.zeros((8, 8), bool)
    square[:4] = True
    assert iou(square, square) == 1.0
    assert iou(square, square & (np.arange(8) < 4)) == pytest.approx(0.5)
    assert iou(square, ~square) == 0.0
