"""The log of decisions: durable, each once, damage named; and what of it stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from genart_assets.errors import InputError, StorageError
from genart_assets.records.brief import Brief
from genart_assets.records.decision import Decision
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.reviewing.decisions import OUTCOMES, append, read_log, standing
from genart_assets.storage.root import Storage
from genart_assets_tests.storage.roots import moto_address, moto_root, root, storage

__all__ = ["moto_address", "moto_root", "root", "storage"]

ORDER = "fruit.0123456789"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
IMAGE, OTHER = "a" * 64, "b" * 64
SETTINGS = settings_of(Brief(brief="fruit", prompt="a pear"))


def decided(number: int, action: str = "accept", minute: float = 0, **fields: object) -> Decision:
    said = {"score": {"score": 4}, "tag": {"tags": ["blur"]}, "redo": {"settings": SETTINGS}}.get(action, {})
    own = {"id": f"{number:032x}", "order": ORDER, "recipe_id": IMAGE, "action": action, "reviewer": "Ada", **said}
    return Decision.model_validate({**own, "time": NOON + timedelta(minutes=minute), **fields})


def undone(number: int, decision: Decision, minute: float = 0) -> Decision:
    return decided(number, "undo", minute, undoes=decision.id, recipe_id=decision.recipe_id)


def test_a_decision_is_stored_and_read_back(storage: Storage) -> None:
    late, early = decided(1, minute=5), decided(2, "redo", minute=1)
    assert [append(storage, late), append(storage, early)] == [(late, True), (early, True)]
    assert read_log(storage, ORDER).decisions == (early, late)
    assert read_log(storage, "fruit.ffffffffff").decisions == ()


def test_the_same_decision_posted_again_is_one_and_keeps_its_time(storage: Storage) -> None:
    first = decided(1)
    append(storage, first)
    assert append(storage, decided(1, minute=3)) == (first, False)
    assert read_log(storage, ORDER).decisions == (first,)


@pytest.mark.parametrize("other", [{"recipe_id": OTHER}, {"reviewer": "Bob"}, {"action": "reject"}])
def test_the_same_id_with_other_content_is_refused(storage: Storage, other: dict[str, str]) -> None:
    first = decided(1)
    append(storage, first)
    with pytest.raises(InputError, match=f"decision {first.id} is taken: Ada chose accept"):
        append(storage, decided(1, **other))
    assert read_log(storage, ORDER).decisions == (first,)


def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path) -> None:
    storage = Storage.open(str(tmp_path))
    whole, cut, moved = decided(1), decided(2), decided(3)
    for decision in (whole, cut, moved):
        append(storage, decision)
    folder = tmp_path / "decisions" / ORDER
    (folder / f"{cut.id}.json").write_bytes(b'{"id": "00')
    (folder / f"{moved.id}.json").write_text(whole.canonical())
    (folder / "notes.txt").write_text("hello")
    log = read_log(storage, ORDER)
    assert log.decisions == (whole,)
    names = [f"decisions/{ORDER}/{name}" for name in (f"{cut.id}.json", f"{moved.id}.json", "notes.txt")]
    assert list(log.damaged) == names
    assert "it holds decision" in log.damaged[names[1]]
    with pytest.raises(StorageError, match=f"{cut.id}.json is damaged"):
        append(storage, cut)


def test_only_new_files_are_read_again(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = Storage.open(str(tmp_path))
    append(storage, decided(1))
    known = read_log(storage, ORDER)
    append(storage, decided(2, minute=1))
    read: list[str] = []
    monkeypatch.setattr(storage, "read", lambda rel, of=storage.read: (read.append(rel), of(rel))[1])
    assert [d.id for d in read_log(storage, ORDER, known).decisions] == [decided(1).id, decided(2).id]
    assert read == [f"decisions/{ORDER}/{decided(2).id}.json"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"id": "../../orders/x"}, "pattern"),
        ({"order": "../fruit.0123456789"}, "pattern"),
        ({"recipe_id": "short"}, "pattern"),
        ({"reviewer": " Ada"}, "printable"),
        ({"reviewer": "A\nda"}, "printable"),
        ({"reviewer": "x" * 65}, "64"),
        ({"action": "score"}, "score comes with score, not with nothing else"),
        ({"action": "score", "score": 6}, "5"),
        ({"action": "accept", "score": 3}, "accept comes with nothing else, not with score"),
        ({"action": "tag", "tags": ["ugly"]}, "anatomy"),
        ({"action": "undo"}, "undo comes with undoes"),
        ({"action": "redo", "undoes": "0" * 32}, "redo comes with settings"),
        ({"time": datetime(2026, 11, 20)}, "timezone"),
        ({"mood": "good"}, "Extra"),
    ],
)
def test_what_is_no_decision_is_refused(fields: dict[str, object], why: str) -> None:
    own = json.loads(decided(1).canonical())
    with pytest.raises(ValidationError, match=why):
        Decision.model_validate({**own, **fields})


def test_times_are_kept_in_utc() -> None:
    decision = decided(1, time=datetime(2026, 11, 20, 13, tzinfo=timezone(timedelta(hours=1))))
    assert decision == decided(1)
    assert '"time":"2026-11-20T12:00:00Z"' in decision.canonical()


def test_the_last_outcome_stands_and_an_undo_brings_the_one_before_back() -> None:
    log = [decided(1), decided(2, "reject", 1)]
    assert standing(log)[IMAGE].outcome == log[1]
    assert not standing(log)[IMAGE].disagreed, "one reviewer changed her mind"
    assert standing([*log, undone(3, log[1], 2)])[IMAGE].outcome == log[0]
    assert standing([log[0], undone(3, log[0], 2)])[IMAGE].outcome is None


def test_two_reviewers_who_disagree_are_both_kept_and_the_last_one_holds() -> None:
    ada, bob = decided(1), decided(2, "reject", 1, reviewer="Bob")
    held = standing([bob, ada])[IMAGE]
    assert (held.outcome, held.disagreed, held.outcomes) == (bob, True, (ada, bob))
    assert not standing([ada, decided(2, "accept", 1, reviewer="Bob")])[IMAGE].disagreed


def test_the_last_score_and_all_tags_count() -> None:
    first, last = decided(1, "score"), decided(2, "score", 1, score=2)
    tags = [decided(3, "tag", 2, tags=["text", "blur"]), decided(4, "tag", 3, tags=["anatomy"])]
    held = standing([first, last, *tags])[IMAGE]
    assert (held.score, held.tags, held.outcome) == (2, ("anatomy", "blur", "text"), None)
    held = standing([first, last, *tags, undone(5, last, 4), undone(6, tags[0], 5)])[IMAGE]
    assert (held.score, held.tags) == (4, ("anatomy",))


@st.composite
def logs(draw: st.DrawFn) -> list[Decision]:
    log: list[Decision] = []
    for number in range(draw(st.integers(0, 12))):
        action = draw(st.sampled_from(["accept", "reject", "redo", "score", "tag", *(["undo"] if log else [])]))
        who = {"reviewer": draw(st.sampled_from(["Ada", "Bob"])), "recipe_id": draw(st.sampled_from([IMAGE, OTHER]))}
        minute = draw(st.integers(0, 3))
        if action == "undo":
            log.append(undone(number, draw(st.sampled_from(log)), minute))
        else:
            log.append(decided(number, action, minute, **who))
    return log


@settings(deadline=None)
@given(logs(), st.randoms())
def test_what_stands_does_not_depend_on_the_order_of_reading(log: list[Decision], random) -> None:
    shuffled = list(log)
    random.shuffle(shuffled)
    assert standing(shuffled) == standing(log)


@settings(deadline=None)
@given(logs())
def test_what_stands_was_decided_and_not_taken_back(log: list[Decision]) -> None:
    gone = {d.undoes for d in log}
    for recipe_id, held in standing(log).items():
        own: Sequence[Decision] = [d for d in log if d.recipe_id == recipe_id and d.id not in gone]
        outcomes = [d for d in own if d.action in OUTCOMES]
        assert held.outcome == (max(outcomes, key=lambda d: (d.time, d.id)) if outcomes else None)
        assert {d.reviewer for d in held.outcomes} == {d.reviewer for d in outcomes}
        assert set(held.tags) == {tag for d in own for tag in d.tags}
