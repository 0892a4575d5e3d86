from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genart_assets.errors import InputError, StorageError
from genart_assets.records.brief import Brief
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.briefs.references import stored_references
from genart_assets.stages.planning.catalogue import accept, order_at, orders, studio_of
from genart_assets.stages.planning.order_book import OrderBook, batch_of
from genart_assets.storage.root import Storage

TEXT = (
    'brief: fruit\nprompt: "{subject} on {background}"\nvary: {subject: [pear, plum, fig], background: [teal, navy]}\n'
)
SNAPSHOT = "5" * 64


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path))


def brief_in(text: str) -> Brief:
    return read_brief(text, source="b.yaml", folder=None, known=installed())


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_an_accepted_brief_is_found_by_the_keys_of_its_batches(storage: Storage) -> None:
    brief = brief_in(TEXT)
    batches = accept(storage, brief, TEXT, SNAPSHOT, batch_rows=4)
    assert [batch.rows for batch in batches] == [4, 2]
    for batch in batches:
        assert batch_of(storage, batch.key) == batch
        assert OrderBook.of_batch(storage, batch.key).brief == brief
        assert list(OrderBook.of_batch(storage, batch.key).brief.vary) == ["subject", "background"]
    assert storage.read(f"briefs/fruit/{brief.brief_hash}.yaml") == TEXT.encode()


def test_the_same_brief_twice_is_one_order(storage: Storage, tmp_path: Path) -> None:
    first = accept(storage, brief_in(TEXT), TEXT, SNAPSHOT)
    held = files(tmp_path)
    other_layout = f"# again\n{TEXT}"
    assert accept(storage, brief_in(other_layout), other_layout, SNAPSHOT) == first
    assert files(tmp_path) == held
    assert len(orders(storage, "fruit")) == 1


def test_an_accepted_brief_keeps_its_reference_pictures(storage: Storage, tmp_path: Path) -> None:
    folder = tmp_path / "briefs"
    folder.mkdir()
    picture = Image.radial_gradient("L").convert("RGB")
    picture.save(folder / "a.png")
    text = TEXT + "style_guide: {references: [a.png]}\n"
    brief = read_brief(text, source="b.yaml", folder=folder, known=installed())
    batch = accept(storage, brief, text, SNAPSHOT)[0]
    (folder / "a.png").unlink()
    [kept] = stored_references(storage, OrderBook.of_batch(storage, batch.key).brief.style_guide.references)
    assert np.array_equal(kept, np.asarray(picture))
    assert accept(storage, OrderBook.of_batch(storage, batch.key).brief, text, SNAPSHOT)[0] == batch


def test_a_reference_picture_that_changed_is_not_accepted(storage: Storage, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    text = TEXT + "style_guide: {references: [a.png]}\n"
    brief = read_brief(text, source="b.yaml", folder=tmp_path, known=installed())
    Image.new("RGB", (8, 8), "blue").save(tmp_path / "a.png")
    with pytest.raises(InputError, match="has changed since it was read"):
        accept(storage, brief, text, SNAPSHOT)
    assert orders(storage, "fruit") == []


def test_a_changed_brief_or_model_is_another_order(storage: Storage) -> None:
    changed = TEXT + "repeats: 2\n"
    keys = {
        accept(storage, brief_in(TEXT), TEXT, SNAPSHOT)[0].key,
        accept(storage, brief_in(changed), changed, SNAPSHOT)[0].key,
        accept(storage, brief_in(TEXT), TEXT, "6" * 64)[0].key,
        accept(storage, brief_in(TEXT), TEXT, SNAPSHOT, batch_rows=2)[0].key,
    }
    assert len(keys) == 4
    assert {order.key for order in orders(storage, "fruit")} == {key.removesuffix(".r0.0000") for key in keys}
    assert all(batch_of(storage, key).key == key for key in keys)


def test_orders_are_those_of_the_brief_asked_for(storage: Storage) -> None:
    longer = TEXT.replace("fruit", "fruit-bowl")
    accept(storage, brief_in(TEXT), TEXT, SNAPSHOT)
    accept(storage, brief_in(longer), longer, SNAPSHOT)
    assert [order.brief for order in orders(storage, "fruit")] == ["fruit"]
    assert orders(storage, "bowl") == []


def test_a_crash_before_the_order_is_written_leaves_no_order(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    write_once = storage.write_once

    def dying(rel: str, data: bytes) -> bool:
        if rel.startswith("orders/"):
            raise StorageError("killed")
        return write_once(rel, data)

    with monkeypatch.context() as patched:
        patched.setattr(storage, "write_once", dying)
        with pytest.raises(StorageError, match="killed"):
            accept(storage, brief_in(TEXT), TEXT, SNAPSHOT)
    assert orders(storage, "fruit") == []
    assert len(accept(storage, brief_in(TEXT), TEXT, SNAPSHOT)) == 1
    assert len(orders(storage, "fruit")) == 1


@pytest.mark.parametrize(
    "key", ["", "fruit", "../fruit.0123456789.r0.0000", "fruit.0123456789.r0.0000/..", "fruit.r0.0"]
)
def test_no_batch_key(storage: Storage, key: str) -> None:
    with pytest.raises(InputError, match="is not a batch key"):
        batch_of(storage, key)


def test_a_batch_that_was_never_ordered(storage: Storage) -> None:
    with pytest.raises(InputError, match="no brief was accepted"):
        batch_of(storage, "fruit.0123456789.r0.0000")
    key = accept(storage, brief_in(TEXT), TEXT, SNAPSHOT, batch_rows=4)[0].key
    for wrong in (key.replace("r0.0000", "r0.0002"), key.replace("r0.0000", "r0.00000"), key.replace("r0", "r1")):
        with pytest.raises(InputError, match=r"has no batch"):
            batch_of(storage, wrong)


def test_damage_is_named(storage: Storage, tmp_path: Path) -> None:
    brief = brief_in(TEXT)
    batch = accept(storage, brief, TEXT, SNAPSHOT)[0]
    path = tmp_path / "briefs" / "fruit" / f"{brief.brief_hash}.json"
    whole = path.read_bytes()
    for damage in (whole[:-5], whole.replace(b"plum", b"plug")):
        path.write_bytes(damage)
        with pytest.raises(StorageError, match="is damaged"):
            OrderBook.of_batch(storage, batch.key)
    path.write_bytes(whole)
    order = next((tmp_path / "orders").iterdir())
    order.write_bytes(order.read_bytes().replace(b'"batch_rows":128', b'"batch_rows":127'))
    with pytest.raises(StorageError, match="is damaged: it holds the order"):
        batch_of(storage, batch.key)


def test_a_key_that_a_later_release_adds_leaves_old_hashes_alone() -> None:
    class LaterBrief(Brief):
        mood: str = "neutral"

    written = {"brief": "spring", "prompt": "{subject}", "vary": {"subject": ["apple"]}, "sampler": {"steps": 12}}
    older, later = Brief.model_validate(written), LaterBrief.model_validate(written)
    assert later.brief_hash == older.brief_hash
    assert LaterBrief.model_validate_json(older.canonical()) == later
    assert LaterBrief.model_validate({**written, "mood": "calm"}).brief_hash != older.brief_hash


def test_an_order_keeps_the_studios_latitudes_that_it_was_first_accepted_under(
    storage: Storage, tmp_path: Path
) -> None:
    brief, first = brief_in(TEXT), StudioLatitudes(guidance=(1, 9), forbidden_words=("gun",))
    (batch,) = accept(storage, brief, TEXT, SNAPSHOT, studio=first)
    order = order_at(storage, batch.order)
    assert studio_of(storage, order) == first
    held = files(tmp_path)
    assert accept(storage, brief, TEXT, SNAPSHOT, studio=StudioLatitudes(steps=(1, 30))) == [batch]
    assert accept(storage, brief, TEXT, SNAPSHOT) == [batch]
    assert files(tmp_path) == held
    storage.replace(f"briefs/fruit/{brief.brief_hash}.studio.json", b"{")
    with pytest.raises(StorageError, match="is damaged"):
        studio_of(storage, order)


def test_without_the_studios_latitudes_nothing_of_an_order_is_other_than_it_was(
    storage: Storage, tmp_path: Path
) -> None:
    (batch,) = accept(storage, brief_in(TEXT), TEXT, SNAPSHOT)
    assert studio_of(storage, order_at(storage, batch.order)) == UNBOUND
    assert not list(tmp_path.rglob("*studio*"))
    (bounded,) = accept(storage, brief_in(TEXT), TEXT, SNAPSHOT, studio=StudioLatitudes(most_images=6))
    assert bounded == batch
    assert studio_of(storage, order_at(storage, batch.order)) == UNBOUND, "as it was first accepted"
