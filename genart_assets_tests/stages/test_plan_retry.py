from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.records import MOVES, Attempt, Brief, ControlUse, FailedExpectation, LoraUse, Settings
from genart_assets.stages.latitudes import outside, settings_of
from genart_assets.stages.plan_retry import plan_retry

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


def rounds(brief: Brief, count: int, *failed: FailedExpectation) -> list[Attempt]:
    """The attempts of a slot that fails in the same way every time."""
    attempts = [attempt(settings_of(brief), *failed)]
    for round_ in range(1, count):
        (retry,) = plan_retry(brief, {0: attempts}).retries
        assert retry.origin.parent == attempts[-1].recipe_id
        attempts.append(attempt(retry.settings, *failed, move=retry.origin.move, round_=round_))
    return attempts


def test_each_round_makes_another_move_that_answers_the_failure():
    attempts = rounds(BRIEF, 7, WRONG)
    assert [a.move for a in attempts] == [
        None,
        "more_guidance",
        "next_prompt",
        "less_guidance",
        "more_steps",
        "stronger_negative",
        "more_guidance",
    ]
    assert attempts[1].settings.guidance == 7
    assert attempts[2].settings.prompt == "one {subject}"
    assert attempts[3].settings.guidance == 5
    assert attempts[4].settings.steps == 30
    assert attempts[5].settings.negative_prompt == "blurry"
    assert attempts[6].settings.guidance == 7  # half of the way again, where every move was made once


def test_a_retry_says_which_expectation_it_answers_with_value_and_bound():
    first = [attempt(settings_of(BRIEF), BLURRED, WRONG)]
    (retry,) = plan_retry(BRIEF, {7: first}).retries
    assert (retry.slot_index, retry.origin.move) == (7, "more_guidance")
    assert retry.origin.reason == "prompt_alignment 0.413 below 0.7"
    missing = FailedExpectation(expectation="rendered", value=None, reason="latents are not finite")
    (retry,) = plan_retry(BRIEF, {7: [attempt(settings_of(BRIEF), missing)]}).retries
    assert retry.origin.reason == "rendered: latents are not finite"


def test_a_move_goes_on_from_the_attempt_that_came_nearest():
    first = attempt(settings_of(BRIEF), BLURRED)
    worse = attempt(first.settings.model_copy(update={"guidance": 7.0}), BLURRED, WRONG, move="more_guidance", round_=1)
    (retry,) = plan_retry(BRIEF, {0: [first, worse]}).retries
    assert retry.origin.move == "next_prompt"
    assert retry.settings.guidance == first.settings.guidance


@pytest.mark.parametrize(("score", "guidance"), [(0.39, 5.0), (0.45, 7.0)])
def test_a_move_that_made_the_score_worse_is_not_built_upon(score, guidance):
    first = attempt(settings_of(BRIEF), WRONG)
    moved = first.settings.model_copy(update={"guidance": 7.0})
    after = attempt(moved, WRONG.model_copy(update={"value": score}), move="more_guidance", round_=1)
    (retry,) = plan_retry(BRIEF, {0: [first, after]}).retries
    assert (retry.origin.move, retry.settings.guidance) == ("next_prompt", guidance)


def test_without_latitudes_only_the_seed_changes():
    bare = BRIEF.model_copy(update={"latitudes": {}})
    assert [a.move for a in rounds(bare, 4, WRONG)] == [None, "new_seed", "new_seed", "new_seed"]


def test_a_brief_says_which_moves_are_made_and_in_which_order():
    brief = BRIEF.model_copy(update={"retry": {"rounds": 3, "moves": ["more_steps", "more_guidance"]}})
    assert [a.move for a in rounds(brief, 3, WRONG)] == [None, "more_steps", "more_guidance"]
    unanswered = FailedExpectation(expectation="unsafe", value=0.9, max=0.2)
    plan = plan_retry(brief, {3: [attempt(settings_of(brief), unanswered)]})
    assert (plan.retries, plan.exhausted) == ([], [3])


def test_loras_and_the_control_image_move_too():
    brief = BRIEF.model_copy(
        update={
            "loras": (LoraUse(name="ink", scale=0.5),),
            "control": ControlUse(kind="silhouette", image="{subject}.png", scale=0.5),
            "latitudes": {"lora_scale": [0, 1], "control_scale": [0, 1]},
        }
    )
    style = FailedExpectation(expectation="style_adherence", value=0.1, min=0.5)
    attempts = rounds(brief, 3, style)
    assert [a.move for a in attempts] == [None, "more_lora", "more_control"]
    assert attempts[1].settings.lora_scales == (0.75,)
    assert attempts[2].settings.control_scale == 0.75


@dataclass(frozen=True)
class Wild:
    name: str = "wild"
    repairs: frozenset[str] = frozenset({"*"})

    def propose(self, brief, attempts):
        return settings_of(brief).model_copy(update={"guidance": 49.0})


def test_a_move_that_would_leave_the_latitudes_is_refused_and_named():
    from genart_assets.moves.registry import find_move

    brief = BRIEF.model_copy(update={"retry": {"rounds": 1, "moves": ["wild", "new_seed"]}})
    first = {0: [attempt(settings_of(brief), WRONG)]}
    plan = plan_retry(brief, first, lambda name: Wild() if name == "wild" else find_move(name))
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
        assert outside(brief, now) == ""
    assert plan_retry(brief, {0: attempts}) == plan_retry(brief, {0: attempts})
