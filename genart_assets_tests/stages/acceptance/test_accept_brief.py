"""A brief is accepted in one step, and the step tells what it replaced and what is worth knowing."""

from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.errors import InputError
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.studio import UNBOUND
from genart_assets.stages.acceptance import accept_brief as module
from genart_assets.stages.acceptance.accept_brief import Accepted, accept_brief
from genart_assets.stages.acceptance.current import current_content, set_current
from genart_assets.stages.planning.catalogue import order_at, order_keys
from genart_assets.stages.planning.order_book import batch_of
from genart_assets.storage.root import Storage

TEXT = "brief: market\nprompt: icon of {subject}\nvary: {subject: [pear, fig, plum]}\n"
OTHER = TEXT.replace("plum", "lemon")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path))


def accepted(storage: Storage, text: str = TEXT) -> Accepted:
    return accept_brief(storage, text, source="brief.yaml", studio=UNBOUND, batch_rows=2)


def test_an_accepted_brief_is_an_order_with_its_batches(storage: Storage) -> None:
    made = accepted(storage)
    assert order_at(storage, made.order.key) == made.order
    assert [batch.rows for batch in made.batches] == [2, 1]
    assert [batch_of(storage, batch.key) for batch in made.batches] == list(made.batches)
    assert {batch.order for batch in made.batches} == {made.order.key}
    assert (made.replaced, made.notes) == (None, ())
    assert accepted(storage) == made


def test_the_first_of_an_id_is_current_at_once_and_a_later_one_tells_what_it_replaces(storage: Storage) -> None:
    first = accepted(storage)
    assert current_content(storage, "market") == first.brief.brief_hash
    for _ in range(2):
        assert accepted(storage, OTHER).replaced == first.brief.brief_hash, "until Dagster was told"
    assert current_content(storage, "market") == first.brief.brief_hash
    set_current(storage, accepted(storage, OTHER).brief)
    assert accepted(storage, OTHER).replaced is None
    assert accepted(storage).replaced == accepted(storage, OTHER).brief.brief_hash, "the old brief comes back"


def test_other_weights_are_another_order_with_a_note(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    old = accepted(storage)
    other = take_snapshot("starter").model_copy(update={"snapshot_id": "5" * 64})
    monkeypatch.setattr(module, "take_snapshot", lambda _: other)
    new = accepted(storage)
    assert new.order.key != old.order.key
    assert new.replaced is None, "the content is the same"
    (note,) = new.notes
    assert note.startswith("brief.yaml: model 'starter' has changed since this brief was accepted, from snapshot ")
    assert f"{old.order.model_snapshot[:12]} to 555555555555" in note
    assert accepted(storage).notes == (), "it is known from now on"


def test_what_is_refused_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(InputError, match=r"brief\.yaml"):
        accepted(storage, TEXT.replace("{subject}", "{subjects}"))
    assert order_keys(storage) == []
    assert current_content(storage, "market") is None
