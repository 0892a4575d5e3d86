from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import boto3
import pandas as pd
import pytest
from moto.server import ThreadedMotoServer

from genart_assets.deliverables.read_back import read_recipe
from genart_assets.errors import GenartError, InputError, StorageError
from genart_assets.records.base import sha256_hex
from genart_assets.records.schemas import DELIVERIES
from genart_assets.records.streams import RowStream
from genart_assets.signing.own_certificate import own_identity
from genart_assets.signing.verify import verify
from genart_assets.stages.delivery.deliver import folder_of
from genart_assets.stages.delivery.delivery_manifest import DeliveryManifest
from genart_assets.storage.root import Storage
from genart_assets.storage.tables import TableStore
from genart_assets_tests.deliverables.test_formats import TIFF
from genart_assets_tests.stages.delivery.delivered import count_encodings, delivered_bytes, storage
from genart_assets_tests.stages.delivery.delivery_case import DeliveryCase, delivery_case
from genart_assets_tests.studio_package import StudioPackages, studio

__all__ = ["storage", "studio"]


def test_every_image_in_every_format_and_size_with_its_recipe_and_manifest(storage: Storage) -> None:
    case = delivery_case(storage)
    micro_batches = list(case.deliver(storage))
    assert [len(rows.ids) for rows in micro_batches] == [3, 1]
    assert [i for rows in micro_batches for i in rows.ids] == list(case.ids)
    frame = pd.concat([rows.data for rows in micro_batches])
    assert list(frame.columns) == DELIVERIES.names
    for planned in case.plan:
        lines = frame[frame["recipe_id"] == planned.recipe_id]
        assert Counter(zip(lines["format"], lines["size"], strict=True)) == Counter(
            [(name, side) for name in ("png", "webp", "avif", "jpeg") for side in (48, 96)] + [("svg", 64)]
        )
        for line in lines.to_dict("records"):
            data = storage.read(line["path"])
            assert (sha256_hex(data), len(data)) == (line["sha256"], line["bytes"])
            assert read_recipe(data) == json.loads(planned.recipe.canonical())
        manifest = DeliveryManifest.model_validate_json(storage.read(f"{folder_of(case.batch, planned)}/manifest.json"))
        assert manifest.recipe == planned.recipe
        assert [file.sha256 for file in manifest.files] == list(lines["sha256"])


def test_the_table_store_takes_the_stream_and_asks_for_the_missing_rows_only(storage: Storage) -> None:
    case = delivery_case(storage)
    store = TableStore(storage, "deliveries", case.batch.key)
    asked: list[int] = []

    def compute(ids: object) -> Iterator[object]:
        asked.append(len(ids))  # type: ignore[arg-type]
        return case.deliver(storage, ids)  # type: ignore[arg-type, return-value]

    for _ in range(2):
        store.write(RowStream(case.ids, compute))  # type: ignore[arg-type]
    assert asked in ([4], [4, 0])
    assert len(store.read()) == 4 * 9


def test_a_second_delivery_changes_no_byte_and_encodes_nothing(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = delivery_case(storage)
    first = pd.concat([rows.data for rows in case.deliver(storage, workers=1)])
    before = delivered_bytes(storage)
    seen = count_encodings(monkeypatch)
    again = pd.concat([rows.data for rows in case.deliver(storage, workers=4)])
    assert first.equals(again)
    assert delivered_bytes(storage) == before
    assert not seen


def test_two_deliveries_of_the_same_batch_elsewhere_are_the_same_bytes(storage: Storage, tmp_path: Path) -> None:
    other = Storage.open(str(tmp_path / "other"))
    list(delivery_case(storage).deliver(storage, workers=1, rows=1))
    list(delivery_case(other).deliver(other, workers=3, rows=16))
    assert delivered_bytes(storage) == delivered_bytes(other)


def test_a_deleted_file_is_made_again_with_the_same_bytes(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    case = delivery_case(storage)
    list(case.deliver(storage))
    before = delivered_bytes(storage)
    storage.delete(next(name for name in before if name.endswith(".avif")))
    seen = count_encodings(monkeypatch)
    list(case.deliver(storage))
    assert delivered_bytes(storage) == before
    assert list(seen) == [folder_of(case.batch, case.plan[0])]


@pytest.mark.parametrize("with_manifest", [True, False])
def test_a_file_with_other_bytes_is_named_and_left_and_the_others_are_delivered(
    storage: Storage, with_manifest: bool
) -> None:
    case = delivery_case(storage)
    folder = folder_of(case.batch, case.plan[1])
    tampered = f"{folder}/spring-market-000001-48.webp"
    if with_manifest:
        list(case.deliver(storage, case.ids[:2]))
    storage.replace(tampered, b"not what was delivered")
    settled: list[str] = []
    with pytest.raises(StorageError, match=r"spring-market-000001-48\.webp") as caught:
        settled.extend(i for rows in case.deliver(storage) for i in rows.settled)
    assert settled == [case.ids[0], case.ids[2], case.ids[3]]
    assert storage.read(tampered) == b"not what was delivered"
    assert caught.value.message.endswith("; nothing was overwritten")
    storage.delete(tampered)
    assert [i for rows in case.deliver(storage) for i in rows.ids] == list(case.ids)


def test_one_image_that_did_not_pass_stays_alone(storage: Storage) -> None:
    case = delivery_case(storage).with_failed(2)
    failures = {i: reason for rows in case.deliver(storage) for i, reason in rows.failures.items()}
    assert failures == {case.ids[2]: "not delivered: it did not pass sharpness"}
    assert not storage.names(folder_of(case.batch, case.plan[2]))
    assert storage.names(folder_of(case.batch, case.plan[3]))


def test_one_damaged_picture_stays_alone(storage: Storage) -> None:
    case = delivery_case(storage)
    storage.replace(case.selected["path"][0], b"\x89PNG\r\n\x1a\ndamaged")
    rows = list(case.deliver(storage, rows=4))
    assert rows[0].ids == case.ids[1:]
    assert "cannot be decoded" in rows[0].failures[case.ids[0]]


def test_a_recipe_too_long_for_jpeg_fails_its_image_and_leaves_no_file(storage: Storage) -> None:
    case = delivery_case(storage, 2)
    long = case.plan[0].model_copy(
        update={"recipe": case.plan[0].recipe.model_copy(update={"negative_prompt": "blurry " * 10_000})}
    )
    ids = {case.ids[0]: long.recipe_id}
    tables = {name: getattr(case, name).replace({"recipe_id": ids}) for name in ("selected", "verdicts", "scores")}
    longer = DeliveryCase(case.brief, case.batch, (long, case.plan[1]), **tables)
    (rows,) = longer.deliver(storage)
    assert "jpeg: the recipe's XMP packet has" in rows.failures[long.recipe_id]
    assert "take jpeg out of deliver.formats" in rows.failures[long.recipe_id]
    assert rows.ids == (case.ids[1],)
    assert not storage.names(folder_of(case.batch, long))


def test_an_image_that_was_not_selected_is_refused(storage: Storage) -> None:
    case = delivery_case(storage)
    with pytest.raises(GenartError, match="has not selected"):
        list(case.deliver(storage, ["ab" * 32]))


def test_an_unknown_format_is_refused_before_anything_is_written(storage: Storage) -> None:
    case = delivery_case(storage).with_deliver(formats=("png", "jxl"))
    with pytest.raises(InputError, match="'jxl'"):
        list(case.deliver(storage))
    assert not delivered_bytes(storage)


def test_a_batch_key_cannot_lead_out_of_the_storage(storage: Storage) -> None:
    case = delivery_case(storage)
    outside = case.batch.model_copy(update={"key": "../../outside"})
    moved = DeliveryCase(case.brief, outside, case.plan, case.selected, case.verdicts, case.scores)
    with pytest.raises(InputError):
        list(moved.deliver(storage))


@pytest.fixture
def s3_storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    boto3.client("s3").create_bucket(Bucket="studio")
    yield Storage.open("s3://studio/art")
    server.stop()


def test_s3_gets_the_same_bytes_and_keeps_them(s3_storage: Storage, storage: Storage) -> None:
    remote, local = delivery_case(s3_storage, 2), delivery_case(storage, 2)
    lines = [
        pd.concat([rows.data for rows in case.deliver(where)])
        for case, where in ((remote, s3_storage), (local, storage), (remote, s3_storage))
    ]
    assert lines[0].equals(lines[1])
    assert lines[0].equals(lines[2])
    assert {name: s3_storage.read(name) for name in delivered_bytes(storage)} == delivered_bytes(storage)


def test_a_format_that_cannot_be_signed_delivers_nothing_and_is_named(
    storage: Storage, tmp_path: Path, studio: StudioPackages
) -> None:
    studio.install("genart_assets.deliverables", "unsigned_tiff = studio_package:encode", TIFF % "False")
    case = delivery_case(storage, 2, formats=("png", "unsigned_tiff"))
    with pytest.raises(InputError, match="'unsigned_tiff' cannot be signed") as caught:
        list(case.deliver(storage, signer=own_identity(tmp_path / "home")))
    assert "deliver.formats" in caught.value.remedy
    assert not delivered_bytes(storage)
    (delivered,) = list(case.deliver(storage))
    assert set(delivered.data["format"]) == {"png", "unsigned_tiff"}


def test_a_format_of_another_package_is_signed(storage: Storage, tmp_path: Path, studio: StudioPackages) -> None:
    studio.install("genart_assets.deliverables", "signed_tiff = studio_package:encode", TIFF % "True")
    identity = own_identity(tmp_path / "home")
    (delivered,) = list(
        delivery_case(storage, 1, sizes=(48,), formats=("signed_tiff",)).deliver(storage, signer=identity)
    )
    found = verify(storage.read(str(delivered.data["path"][0])), identity.chain)
    assert found.proven, found.told
    assert found.record is not None
    assert found.record.format == "signed_tiff"
