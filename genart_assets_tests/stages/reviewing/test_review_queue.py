"""Which slots a person should see, and what reviewers made of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.records.brief import Brief
from genart_assets.records.decision import Decision
from genart_assets.records.retry import REDO
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.planning.review_sample import is_sampled
from genart_assets.stages.reviewing.decisions import standing
from genart_assets.stages.reviewing.review_queue import JudgedAttempt, QueueRow, SlotHistory, outcomes_of, review_queue

ORDER = "fruit.0123456789"
BLURRED = FailedExpectation(expectation="sharpness", value=3.0, min=15.0)
SAMPLED = [4, 47, 49, 57, 73, 78, 80, 86, 94, 98]
"""The slots below 100 of a tenth of this order: they never change."""
SETTINGS = settings_of(Brief(brief="fruit", prompt="a pear"))


def attempt(round_: int, *failed: FailedExpectation, move: str | None = None) -> JudgedAttempt:
    recipe_id = f"{round_:064x}"
    batch = f"{ORDER}.r{round_}.0000"
    return JudgedAttempt(
        recipe_id=recipe_id, batch=batch, round=round_, passed=not failed, failed=failed, move=move, reason=None
    )


def history(*attempts: JudgedAttempt, ended: bool = True) -> SlotHistory:
    return SlotHistory(attempts=attempts, ended=ended)


PASSED, FAILED = history(attempt(0)), history(attempt(0, BLURRED), attempt(1, BLURRED, move="more_guidance"))


def test_slots_that_failed_to_the_end_are_seen_with_all_their_attempts() -> None:
    open_ = history(*FAILED.attempts, ended=False)
    (row,) = review_queue(ORDER, {2: PASSED, 1: FAILED, 0: open_}, sample=0)
    assert (row.slot_index, row.why, [a.round for a in row.attempts]) == (1, "failed", [0, 1])


def test_all_and_none_are_the_ends_of_the_sample() -> None:
    slots = dict.fromkeys(range(200), PASSED)
    assert review_queue(ORDER, slots, 0) == []
    assert [row.slot_index for row in review_queue(ORDER, slots, 1)] == list(range(200))
    assert {row.why for row in review_queue(ORDER, slots, 1)} == {"sampled"}


def test_a_repaired_slot_may_be_sampled_too() -> None:
    repaired = history(attempt(0, BLURRED), attempt(1, move="more_guidance"))
    assert [row.why for row in review_queue(ORDER, {0: repaired}, 1)] == ["sampled"]


def test_what_a_reviewer_had_rendered_again_is_seen_again() -> None:
    again = {0: history(attempt(0), attempt(1, move=REDO)), 1: history(attempt(0), attempt(1, BLURRED, move=REDO))}
    assert [row.why for row in review_queue(ORDER, again, 0)] == ["redone", "redone"]


def test_the_sample_is_the_one_that_the_page_describes() -> None:
    assert [slot for slot in range(100) if is_sampled(ORDER, slot, 0.1)] == SAMPLED
    share = sum(is_sampled(ORDER, slot, 0.1) for slot in range(10_000)) / 10_000
    assert abs(share - 0.1) < 0.01
    assert [slot for slot in range(100) if is_sampled("fruit.ffffffffff", slot, 0.1)] != SAMPLED


@settings(deadline=None)
@given(slot=st.integers(0, 10**9), shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_larger_share_holds_the_smaller_one(slot: int, shares: tuple[float, float]) -> None:
    low, high = sorted(shares)
    assert not is_sampled(ORDER, slot, low) or is_sampled(ORDER, slot, high)
    assert is_sampled(ORDER, slot, 1)
    assert not is_sampled(ORDER, slot, 0)


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(0, 50), st.tuples(st.sampled_from([PASSED, FAILED]), st.booleans())), st.floats(0, 1)
)
def test_every_row_has_a_reason_and_no_ended_failure_is_left_out(
    slots: dict[int, tuple[SlotHistory, bool]], sample: float
) -> None:
    given_ = {slot: known.model_copy(update={"ended": ended}) for slot, (known, ended) in slots.items()}
    rows = review_queue(ORDER, given_, sample)
    assert [row.slot_index for row in rows] == sorted(row.slot_index for row in rows)
    for row in rows:
        assert given_[row.slot_index].ended
        assert (row.why == "failed") == (not row.last.passed)
    failures = {slot for slot, known in given_.items() if known.ended and not known.attempts[-1].passed}
    assert failures == {row.slot_index for row in rows if row.why == "failed"}


def decided(number: int, round_: int, action: str, reviewer: str = "Ada") -> Decision:
    return Decision(
        id=f"{number:032x}",
        order=ORDER,
        recipe_id=f"{round_:064x}",
        action=action,
        settings=SETTINGS if action == "redo" else None,
        reviewer=reviewer,
        time=datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=number),
    )


def made_of(attempts: int, *decisions: Decision) -> list[tuple[str, int]]:
    tries = tuple(attempt(round_, BLURRED) for round_ in range(attempts))
    row = QueueRow(slot_index=0, why="failed", attempts=tries)
    return [(d.action, int(d.recipe_id, 16)) for d in outcomes_of(row, standing(decisions))]


def test_any_attempt_can_be_accepted_and_the_last_word_holds() -> None:
    assert made_of(3) == []
    assert made_of(3, decided(1, 0, "accept")) == [("accept", 0)]
    assert made_of(3, decided(1, 0, "accept"), decided(2, 1, "accept")) == [("accept", 1)]
    assert made_of(3, decided(1, 0, "accept"), decided(2, 2, "reject", "Bob")) == [("accept", 0), ("reject", 2)]


def test_to_reject_an_earlier_attempt_leaves_the_slot_open() -> None:
    assert made_of(3, decided(1, 0, "reject")) == []
    assert made_of(3, decided(1, 2, "reject")) == [("reject", 2)]


def test_a_redo_that_was_rendered_opens_the_slot_again() -> None:
    before = [decided(1, 0, "accept", "Bob"), decided(2, 0, "redo")]
    assert made_of(1, *before) == [("accept", 0), ("redo", 0)]
    assert made_of(2, *before) == []
    assert made_of(2, *before, decided(3, 1, "accept")) == [("accept", 1)]
    assert made_of(2, *before, decided(3, 0, "accept", "Bob")) == [("accept", 0)]
