from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from genart_assets.pictures.contact_sheet import FAILED, FRAME, GAP, MAX_BYTES, PASSED, contact_sheet
from genart_assets_tests.deliverables.samples import icon


def pixels(count: int, size: tuple[int, int] = (64, 64)) -> list[np.ndarray]:
    return [np.asarray(icon(k, size)) for k in range(count)]


def opened(sheet: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(sheet))
    assert image.format == "WEBP"
    return image.convert("RGB")


def near(image: Image.Image, at: tuple[int, int], colour: str) -> bool:
    wanted = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
    return np.abs(np.subtract(image.getpixel(at), wanted)).max() < 60


def test_a_sheet_of_128_with_captions_and_verdicts_is_small() -> None:
    captions = [f"classic icon of kiwi fruit {k}" for k in range(128)]
    sheet = contact_sheet(pixels(128), captions=captions, verdicts=[k % 5 > 0 for k in range(128)])
    assert len(sheet) < MAX_BYTES


def test_frames_tell_passed_from_failed_and_from_neither() -> None:
    image = opened(contact_sheet(pixels(3), columns=3, verdicts=[True, np.False_, None]))
    pitch, middle = 64 + 2 * FRAME + GAP, GAP + FRAME + 32
    assert near(image, (GAP + 1, middle), PASSED)
    assert near(image, (GAP + 1 + pitch, middle), FAILED)
    assert not near(image, (GAP + 1 + 2 * pitch, middle), PASSED)
    corner = GAP + FRAME + 62, GAP + FRAME + 2
    assert near(image, (corner[0] + pitch, corner[1]), FAILED)


def test_columns_are_as_asked_and_large_pictures_are_reduced() -> None:
    image = opened(contact_sheet(pixels(5, (256, 128)), columns=2))
    assert image.size == (2 * (64 + 2 * FRAME + GAP) + GAP, 3 * (64 + 2 * FRAME + GAP) + GAP)


def test_noise_gets_a_lower_quality_not_a_larger_sheet() -> None:
    noise = list(np.random.default_rng(0).integers(0, 256, (32, 64, 64, 3), dtype=np.uint8))
    assert len(contact_sheet(noise, max_bytes=60_000)) <= 60_000 < len(contact_sheet(noise, max_bytes=10**9))


def test_a_batch_without_pictures_still_has_a_sheet() -> None:
    assert opened(contact_sheet([])).width > 0


def test_equal_pictures_give_equal_sheets() -> None:
    assert contact_sheet(pixels(4), captions=list("abcd")) == contact_sheet(pixels(4), captions=list("abcd"))


@pytest.mark.parametrize("wrong", [{"captions": ["a"]}, {"verdicts": [True]}])
def test_a_caption_or_verdict_too_few_is_an_error(wrong: dict[str, list[object]]) -> None:
    with pytest.raises(ValueError, match=r"1 .* for 2 pictures"):
        contact_sheet(pixels(2), **wrong)  # type: ignore[arg-type]


def test_cells_are_wide_enough_for_their_captions() -> None:
    image = opened(contact_sheet(pixels(2), columns=2, captions=["prompt alignment 0.6 below 0.7"] * 2, narrowest=104))
    assert image.width == 2 * (104 + GAP) + GAP
    middle = GAP + FRAME + 32
    paper = image.getpixel((GAP + 5, middle))
    assert near(image, (GAP + 98, middle), "#{:02x}{:02x}{:02x}".format(*paper)), "the picture is in the middle"
