from collections import Counter
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.moves.scales import towards
from genart_assets.records.brief import MOVES, Brief, ControlUse, LoraUse, StartUse
from genart_assets.records.plan import Change, Settings
from genart_assets.records.retry import Attempt
from genart_assets.records.studio import StudioLatitudes
from genart_assets.records.verdict import FailedExpectation
from genart_assets.stages.planning.latitudes import changed, settings_of
from genart_assets.stages.retrying.plan_retry import plan_retry
from genart_assets.stages.retrying.round_outcome import Repair

BRIEF = Brief.model_validate(
    {
        "brief": "fruit",
        "prompt": "a {subject}",
        "vary": {"subject": ["pear", "fig"]},
        "latitudes": {
            "guidance": [3, 9],
            "steps": [12, 40],
            "alternative_prompts": ["one {subject}", "the {subject}"],
            "negative_prompts": ["blurry"],
        },
        "retry": {"rounds": 4},
    }
)
BLURRED = FailedExpectation(expectation="sharpness", value=3.0, min=15.0)
WRONG = FailedExpectation(expectation="prompt_alignment", value=0.413, min=0.7)


def attempt(settings: Settings, *failed: FailedExpectation, move: str | None = None, round_: int = 0) -> Attempt:
    return Attempt(round=round_, recipe_id=f"r{round_}", settings=settings, move=move, failed=failed)


def only(*moves: str) -> Brief:
    """The brief, with some moves alone."""
    return BRIEF.model_copy(update={"retry": BRIEF.retry.model_copy(update={"moves": moves})})


def rounds(brief: Brief, count: int, *failed: FailedExpectation) -> list[Attempt]:
    """The attempts of a slot that fails in the same way every time."""
    attempts = [attempt(settings_of(brief), *failed)]
    for round_ in range(1, count):
        (retry,) = plan_retry(brief, {0: attempts}).retries
        assert retry.origin.parent == attempts[-1].recipe_id
        attempts.append(attempt(retry.settings, *failed, move=retry.origin.move, round_=round_))
    return attempts


def moves_of(brief: Brief, *record: Repair, slots: int = 1_000) -> Counter[str]:
    """How often each move is planned for slots that all missed their prompt once."""
    failing = {slot: [attempt(settings_of(brief), WRONG)] for slot in range(slots)}
    return Counter(retry.origin.move for retry in plan_retry(brief, failing, record).retries)


def repair(move: str, images: int, passed: int) -> Repair:
    return Repair(move=move, expectation="prompt_alignment", images=images, passed=passed)


@pytest.mark.parametrize(
    ("move", "field", "values"),
    [
        ("more_guidance", "guidance", [5, 7, 8, 8.5]),
        ("less_guidance", "guidance", [5, 4, 3.5, 3.5]),
        ("more_steps", "steps", [20, 30, 35, 38]),
        ("next_prompt", "prompt", ["a {subject}", "one {subject}", "the {subject}"]),
        ("stronger_negative", "negative_prompt", ["", "blurry"]),
    ],
)
def test_a_move_goes_further_every_time(move, field, values):
    attempts = rounds(only(move), len(values), WRONG) if move != "less_guidance" else rounds(only(move), 3, WRONG)
    assert [getattr(a.settings, field) for a in attempts] == values[: len(attempts)]


@given(st.floats(0, 4), st.floats(0, 4), st.floats(0, 1), st.booleans())
def test_a_step_along_a_latitude_goes_the_way_that_it_says_and_stays_inside(one, other, share, up):
    low, high = sorted((one, other))
    value = min(max(low + share * (high - low), low), high)
    moved = towards(value, (low, high), up=up)
    if moved is not None:
        assert low <= moved <= high
        assert moved > value if up else moved < value


def test_a_step_along_a_narrow_latitude_is_not_rounded_away():
    assert towards(0.5, (0.5, 0.504), up=True) == pytest.approx(0.502)
    assert towards(0.504, (0.5, 0.504), up=False) == pytest.approx(0.502)
    assert towards(0.5, (0.5, 0.5), up=True) is None


def test_while_nothing_is_known_every_move_is_tried_and_the_first_ones_most():
    planned = moves_of(BRIEF)
    assert set(planned) == {
        "more_guidance",
        "next_prompt",
        "less_guidance",
        "more_steps",
        "stronger_negative",
        "new_seed",
    }
    assert planned["less_guidance"] > 1.5 * planned["new_seed"]
    assert min(planned.values()) > 50


def test_what_repaired_most_is_made_most():
    record = [repair("more_steps", 60, 40), repair("new_seed", 60, 6), repair("more_guidance", 60, 2)]
    planned = moves_of(BRIEF, *record, repair("next_prompt", 60, 0), repair("less_guidance", 60, 0))
    assert planned["more_steps"] > 700
    assert moves_of(only("new_seed", "more_steps"), *record).most_common(1)[0][0] == "more_steps"


def test_the_record_of_another_expectation_does_not_count():
    other = Repair(move="more_steps", expectation="sharpness", images=60, passed=60)
    assert moves_of(BRIEF, other) == moves_of(BRIEF)


def test_settings_that_were_tried_are_tried_again_only_where_nothing_else_is_left():
    brief = only("more_guidance", "more_steps")
    first = attempt(settings_of(brief), WRONG)
    worse = WRONG.model_copy(update={"value": 0.1})
    seven = attempt(first.settings.model_copy(update={"guidance": 7.0}), worse, move="more_guidance", round_=1)
    thirty = attempt(first.settings.model_copy(update={"steps": 30}), worse, move="more_steps", round_=2)
    for slot in range(20):
        (retry,) = plan_retry(brief, {slot: [first, seven]}).retries
        assert (retry.origin.move, retry.settings.steps) == ("more_steps", 30)
        (retry,) = plan_retry(brief, {slot: [first, seven, thirty]}).retries
        assert retry.settings in (seven.settings, thirty.settings)


def test_a_retry_says_which_expectation_it_answers_with_value_and_bound():
    first = [attempt(settings_of(BRIEF), BLURRED, WRONG)]
    (retry,) = plan_retry(only("more_guidance"), {7: first}).retries
    assert retry.slot_index == 7
    assert retry.origin.reason == "prompt_alignment 0.413 below 0.7"
    missing = FailedExpectation(expectation="rendered", value=None, reason="latents are not finite")
    (retry,) = plan_retry(BRIEF, {7: [attempt(settings_of(BRIEF), missing)]}).retries
    assert retry.origin.reason == "rendered: latents are not finite"


def test_a_move_goes_on_from_the_attempt_that_came_nearest():
    first = attempt(settings_of(BRIEF), BLURRED)
    worse = attempt(first.settings.model_copy(update={"guidance": 7.0}), BLURRED, WRONG, move="more_guidance", round_=1)
    (retry,) = plan_retry(only("more_steps"), {0: [first, worse]}).retries
    assert (retry.settings.guidance, retry.settings.steps) == (first.settings.guidance, 30)


@pytest.mark.parametrize(("score", "guidance"), [(0.39, 5.0), (0.45, 7.0)])
def test_a_move_that_made_the_score_worse_is_not_built_upon(score, guidance):
    first = attempt(settings_of(BRIEF), WRONG)
    moved = first.settings.model_copy(update={"guidance": 7.0})
    after = attempt(moved, WRONG.model_copy(update={"value": score}), move="more_guidance", round_=1)
    (retry,) = plan_retry(only("more_steps"), {0: [first, after]}).retries
    assert retry.settings.guidance == guidance


def test_without_latitudes_only_the_seed_changes():
    bare = BRIEF.model_copy(update={"latitudes": {}})
    assert [a.move for a in rounds(bare, 4, WRONG)] == [None, "new_seed", "new_seed", "new_seed"]


def test_a_brief_says_which_moves_are_made():
    brief = only("more_steps", "more_guidance")
    assert set(moves_of(brief)) == {"more_steps", "more_guidance"}
    unanswered = FailedExpectation(expectation="unsafe", value=0.9, max=0.2)
    plan = plan_retry(brief, {3: [attempt(settings_of(brief), unanswered)]})
    assert (plan.retries, plan.exhausted) == ([], [3])


@pytest.mark.parametrize(
    ("move", "field", "value"),
    [
        ("more_lora", "lora_scales", (0.75,)),
        ("more_control", "control_scale", 0.75),
        ("more_strength", "strength", 0.7),
    ],
)
def test_loras_the_control_image_and_the_strength_move_too(move, field, value):
    brief = only(move).model_copy(
        update={
            "loras": (LoraUse(name="ink", scale=0.5),),
            "control": ControlUse(kind="silhouette", image="{subject}.png", scale=0.5),
            "start": StartUse(image="{subject}.png", strength=0.5),
            "latitudes": {"lora_scale": [0, 1], "control_scale": [0, 1], "strength": [0.2, 0.9]},
        }
    )
    style = FailedExpectation(expectation="style_adherence", value=0.1, min=0.5)
    (retry,) = plan_retry(brief, {0: [attempt(settings_of(brief), style)]}).retries
    assert getattr(retry.settings, field) == value


@dataclass(frozen=True)
class Wild:
    name: str = "wild"
    answers: Literal["*"] = "*"

    def propose(self, brief, attempts):
        return Change(guidance=49.0)


def test_a_move_that_would_leave_the_latitudes_is_refused_and_named():
    from genart_assets.moves.protocol import RETRY_MOVES

    brief = BRIEF.model_copy(update={"retry": {"rounds": 1, "moves": ["wild", "new_seed"]}})
    first = {0: [attempt(settings_of(brief), WRONG)]}
    plan = plan_retry(brief, first, find=lambda name: Wild() if name == "wild" else RETRY_MOVES.find(name))
    assert plan.refused == {"wild": "guidance is 49, outside [3, 9]"}
    assert plan.retries[0].origin.move == "new_seed"


def test_an_unknown_move_is_an_error_that_tells_the_known_ones():
    brief = BRIEF.model_copy(update={"retry": {"rounds": 1, "moves": ["more_guidence"]}})
    with pytest.raises(InputError, match=r"'more_guidence'; known: .*more_guidance"):
        plan_retry(brief, {})


def test_the_shipped_moves_are_the_default_ones():
    from importlib.metadata import entry_points

    assert {entry.name for entry in entry_points(group="genart_assets.moves")} == set(MOVES)


expectations = st.sampled_from(["prompt_alignment", "sharpness", "palette_distance", "exposure", "rendered", "unsafe"])


@settings(deadline=None)
@given(
    low=st.floats(1, 5),
    high=st.floats(5, 20),
    failing=st.lists(st.lists(expectations, min_size=1, max_size=3, unique=True), min_size=1, max_size=6),
)
def test_no_plan_leaves_the_latitudes(low, high, failing):
    brief = BRIEF.model_copy(update={"latitudes": {"guidance": [low, high], "alternative_prompts": ["it"]}})
    attempts: list[Attempt] = []
    now, move = settings_of(brief), None
    for round_, names in enumerate(failing):
        failed = [FailedExpectation(expectation=name, value=1.0, min=2.0) for name in names]
        attempts.append(attempt(now, *failed, move=move, round_=round_))
        plan = plan_retry(brief, {0: attempts})
        assert not plan.refused
        (retry,) = plan.retries
        now, move = retry.settings, retry.origin.move
        assert changed(brief, settings_of(brief), Change(**now.model_dump())) == now
    assert plan_retry(brief, {0: attempts}) == plan_retry(brief, {0: attempts})


def test_the_studios_bound_is_named_where_a_move_would_leave_it():
    brief = BRIEF.model_copy(update={"retry": {"rounds": 1, "moves": ["wild"]}})
    first = {0: [attempt(settings_of(brief), WRONG)]}
    plan = plan_retry(brief, first, find=lambda name: Wild(), studio=StudioLatitudes(guidance=(1, 12)))
    assert plan.refused == {"wild": "guidance is 49, outside the studio's [1, 12]"}
    assert plan.exhausted == [0]
