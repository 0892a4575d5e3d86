from genart_assets.stages.retrying.move_odds import MoveOdds
from genart_assets.stages.retrying.round_outcome import Repair

RECORD = [
    Repair(move="more_steps", expectation="sharpness", images=40, passed=30),
    Repair(move="more_steps", expectation="noise", images=40, passed=0),
    Repair(move="more_steps", expectation="noise", images=40, passed=0),
]


def mean(odds: MoveOdds, *unmet: str, place: int = 0) -> float:
    return sum(odds.draw("more_steps", unmet, place) for _ in range(500)) / 500


def test_odds_follow_what_a_move_did_for_the_same_unmet_expectations():
    odds = MoveOdds("fruit", 2, RECORD)
    assert abs(mean(odds, "sharpness") - 31 / 42) < 0.03
    assert abs(mean(odds, "noise") - 1 / 82) < 0.01
    assert abs(mean(odds, "sharpness", "noise") - 31 / 122) < 0.03
    assert abs(mean(odds, "contrast") - 1 / 2) < 0.05
    assert abs(mean(odds, "contrast", place=4) - 1 / 3) < 0.05


def test_the_same_round_of_the_same_brief_draws_the_same():
    def drawn(brief: str, round_: int) -> list[float]:
        odds = MoveOdds(brief, round_, RECORD)
        return [odds.draw("more_steps", ["sharpness"], 0) for _ in range(3)]

    assert drawn("fruit", 1) == drawn("fruit", 1)
    assert drawn("fruit", 1) != drawn("fruit", 2)
    assert drawn("fruit", 1) != drawn("nuts", 1)
