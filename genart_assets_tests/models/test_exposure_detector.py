import numpy as np
import pytest
from skimage.data import astronaut

from genart_assets.errors import ModelError
from genart_assets.models.exposure_detector import BOX, EXPOSED, highest, load_exposure_detector, names_in, squared


def candidates(names, **probabilities):
    """What the network would give: boxes far above 1, and some classes' probabilities in different candidates."""
    found = np.full((BOX + len(names), 50), 0.01, np.float32)
    found[:BOX] = 300
    for k, (name, probability) in enumerate(probabilities.items()):
        found[BOX + names.index(name), 7 * k] = probability
    return found


def test_the_score_is_the_highest_of_the_exposed_classes():
    names = load_exposure_detector().names
    assert set(EXPOSED) < set(names)
    covered = candidates(names, FEMALE_BREAST_COVERED=0.9, FACE_FEMALE=0.95, FEET_EXPOSED=0.8, BELLY_EXPOSED=0.7)
    assert highest(covered, names) == np.float32(0.01)
    for name in EXPOSED:
        assert highest(candidates(names, FACE_MALE=0.9, **{name: 0.6}), names) == np.float32(0.6)
    with pytest.raises(ModelError, match="gave 17 classes, it names 18"):
        highest(candidates(names)[:-1], names)


def test_another_model_is_refused():
    for metadata in ("", "{0: 'cat', 1: 'dog'}", "{0: 'ANUS_EXPOSED'", "{'a': 'b'}", "[1]"):
        with pytest.raises(ModelError, match="is another model"):
            names_in(metadata)


def test_a_picture_is_padded_to_a_square_before_it_is_scaled():
    values = squared(np.full((64, 128, 3), (255, 0, 51), np.uint8))
    assert values.shape == (3, 320, 320)
    np.testing.assert_allclose(values[:, 10, 10], [1, 0, 0.2], atol=1e-6)
    assert not values[:, 170:].any()


def test_the_detector_sees_a_woman_in_a_photograph_and_nothing_bare():
    detector = load_exposure_detector()
    found = detector.model.run(squared(astronaut()))
    by_class = dict(zip(detector.names, found[BOX:].max(axis=1), strict=True))
    assert by_class["FACE_FEMALE"] > 0.7 > 0.3 > by_class["FACE_MALE"]
    assert detector.exposure(astronaut()) < 0.1
