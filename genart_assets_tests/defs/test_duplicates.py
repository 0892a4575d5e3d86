"""The catalogue's duplicates in the real graph: a brief that draws what another drew does not pass its gate."""

from genart_assets.records.verdict import verdicts_of
from genart_assets_tests.defs.studio import BRIEF, Studio

BOUNDED = BRIEF.replace("market", "shop") + "style_guide: {expect: {catalogue_duplicate: {max: 0.5}}}\n"


def test_a_later_brief_may_not_repeat_an_earlier_one(studio: Studio) -> None:
    (market,) = studio.order()
    (shop,) = studio.order(BOUNDED)
    assert studio.run("render", market).success
    assert studio.run("render", shop).success
    verdicts = verdicts_of(studio.table("verdicts", shop).read())
    assert {unmet.expectation for verdict in verdicts for unmet in verdict.failed} == {"catalogue_duplicate"}
    selected = studio.table("selected_images", shop).read()
    assert len(selected) == sum(verdict.passed for verdict in verdicts) < 4

    assert studio.run("render", market).success, "judged again, it is not in its own way"
    assert studio.run("render", shop).success
