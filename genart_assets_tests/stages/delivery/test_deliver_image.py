from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genart_assets.deliverables.formats import DeliverableFormat, find_format
from genart_assets.deliverables.protocol import Encoded
from genart_assets.signing.own_certificate import own_identity
from genart_assets.stages.delivery.deliver import folder_of
from genart_assets.stages.delivery.deliver_image import (
    Conflict,
    ImageToDeliver,
    Undeliverable,
    deliver_image,
    read_picture,
    resized,
)
from genart_assets.stages.delivery.delivery_manifest import promise_of
from genart_assets.storage.pixels import encode_png
from genart_assets.storage.root import Storage
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.stages.delivery.delivery_case import DeliveryCase, delivery_case


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path))


def image_of(case: DeliveryCase, *formats: DeliverableFormat, **changes: str) -> ImageToDeliver:
    image = case.images[0]
    return ImageToDeliver(
        folder=folder_of(case.batch, image.planned),
        picture_path=changes.get("picture_path", str(image.path)),
        promise=promise_of(case.brief, case.batch, image),
        formats=formats or tuple(find_format(name) for name in case.brief.deliver.formats),
    )


def format_that(
    makes: Callable[[Image.Image], Encoded],
    name: str = "studio",
    *,
    media_type: str = "image/png",
    can_be_signed: bool = True,
) -> DeliverableFormat:
    declared = replace(find_format("png").declared, media_type=media_type, can_be_signed=can_be_signed)
    return DeliverableFormat(name, lambda picture, xmp, text: makes(picture), declared)


@pytest.mark.parametrize(
    ("size", "longest", "made"),
    [((64, 64), 64, (64, 64)), ((64, 48), 256, (256, 192)), ((48, 64), 32, (24, 32)), ((640, 8), 16, (16, 1))],
)
def test_the_longest_side_is_as_asked(size: tuple[int, int], longest: int, made: tuple[int, int]) -> None:
    assert resized(icon(size=size), longest).size == made


def test_without_sizes_a_picture_is_delivered_as_rendered(storage: Storage) -> None:
    case = delivery_case(storage, 1, sizes=(), formats=("png",), size=(64, 48))
    (file,) = deliver_image(storage, image_of(case))
    assert (file.name, file.width, file.height) == ("spring-market-000000-64.png", 64, 48)
    with storage.path(f"{folder_of(case.batch, case.plan[0])}/{file.name}").open("rb") as opened:
        assert np.array_equal(np.asarray(Image.open(opened)), np.asarray(icon(size=(64, 48))))


def test_a_size_asked_twice_is_one_file(storage: Storage) -> None:
    case = delivery_case(storage, 1, sizes=(32, 32), formats=("png",))
    assert len(deliver_image(storage, image_of(case))) == 1


def test_a_missing_picture_is_named(storage: Storage) -> None:
    case = delivery_case(storage, 1)
    storage.delete(str(case.selected["path"][0]))
    with pytest.raises(Undeliverable, match=r"picture pixels/.* is missing"):
        deliver_image(storage, image_of(case))


def test_another_picture_under_the_same_name_is_noticed(storage: Storage) -> None:
    case = delivery_case(storage, 1)
    storage.replace(str(case.selected["path"][0]), encode_png(np.asarray(icon(9))))
    with pytest.raises(Undeliverable, match="has changed"):
        read_picture(storage, image_of(case))


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "pixels/../../x", ""])
def test_a_picture_outside_the_storage_is_not_read(storage: Storage, path: str) -> None:
    with pytest.raises(Undeliverable, match="is not a name inside the storage"):
        read_picture(storage, image_of(delivery_case(storage, 1), picture_path=path))


@pytest.mark.parametrize("suffix", ["../../x", "", "PNG", "a/b", "p.g"])
def test_a_format_cannot_choose_another_folder(storage: Storage, suffix: str) -> None:
    case = delivery_case(storage, 1)
    with pytest.raises(Undeliverable, match="is not a suffix of a file name"):
        deliver_image(storage, image_of(case, format_that(lambda _: Encoded(b"data", suffix))))
    assert not storage.names(folder_of(case.batch, case.plan[0]))


def test_whatever_an_encoder_raises_is_the_images_reason(storage: Storage) -> None:
    case = delivery_case(storage, 1)
    with pytest.raises(Undeliverable, match="studio: ZeroDivisionError"):
        deliver_image(storage, image_of(case, find_format("png"), format_that(lambda _: Encoded(b"x" * (1 // 0), "x"))))
    assert not storage.names(folder_of(case.batch, case.plan[0]))


def test_two_formats_cannot_share_a_file_name(storage: Storage) -> None:
    twin = format_that(lambda _: Encoded(b"x", "png"))
    with pytest.raises(Undeliverable, match="formats png and studio both make"):
        deliver_image(storage, image_of(delivery_case(storage, 1), find_format("png"), twin))


def test_a_manifest_for_other_facts_is_a_conflict(storage: Storage) -> None:
    case = delivery_case(storage, 1, formats=("png",))
    deliver_image(storage, image_of(case))
    rescored = DeliveryCase(
        case.brief, case.batch, case.plan, case.selected, case.verdicts, case.scores.assign(version="9")
    )
    with pytest.raises(Conflict, match="written for another scores"):
        deliver_image(storage, image_of(rescored))
    with pytest.raises(Conflict, match="written for another deliver"):
        deliver_image(storage, image_of(case.with_deliver(sizes=(16,))))


def test_a_damaged_manifest_is_a_conflict(storage: Storage) -> None:
    case = delivery_case(storage, 1, formats=("png",))
    deliver_image(storage, image_of(case))
    storage.replace(f"{folder_of(case.batch, case.plan[0])}/manifest.json", b"{}")
    with pytest.raises(Conflict, match=r"manifest\.json is damaged"):
        deliver_image(storage, image_of(case))


def test_a_lost_file_that_other_encoders_would_change_is_a_conflict(storage: Storage) -> None:
    case = delivery_case(storage, 1, sizes=(32,))
    (file,) = deliver_image(storage, image_of(case, format_that(lambda _: Encoded(b"old encoder", "x"))))
    storage.delete(f"{folder_of(case.batch, case.plan[0])}/{file.name}")
    with pytest.raises(Conflict, match="cannot be made again"):
        deliver_image(storage, image_of(case, format_that(lambda _: Encoded(b"new encoder", "x"))))


@pytest.mark.parametrize(
    ("media_type", "can_be_signed", "why"),
    [
        ("image/bmp", False, r"no signature has a place in its files \(image/bmp\)"),
        ("image/bmp", True, "c2pa cannot sign files of image/bmp"),
    ],
)
def test_a_file_that_should_be_signed_and_cannot_does_not_go_out_unsigned(
    storage: Storage, tmp_path: Path, media_type: str, can_be_signed: bool, why: str
) -> None:
    case = delivery_case(storage, 1, sizes=(32,))
    bmp = format_that(lambda _: Encoded(b"BM", "bmp"), "bmp", media_type=media_type, can_be_signed=can_be_signed)
    signer = own_identity(tmp_path / "home")
    with pytest.raises(
        Undeliverable, match=f"'bmp' cannot be signed, and deliveries are signed here: .*{why}"
    ) as caught:
        deliver_image(storage, replace(image_of(case, find_format("png"), bmp), signer=signer))
    assert "take the format out of deliver.formats" in caught.value.remedy
    assert not storage.names(folder_of(case.batch, case.plan[0]))
    assert [file.name for file in deliver_image(storage, image_of(case, bmp))] == ["spring-market-000000-32.bmp"]
