"""A person reviews by keyboard in Chromium, and the log has what was decided."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from genart_assets.records.decision import Decision
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.reviewing.decisions import read_log, standing
from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.orders import TEXT, store_batch, store_order
from genart_assets_tests.review_page.pages import ReviewServer, review_server
from genart_assets_tests.servers.waiting import until
from genart_assets_tests.warm.python import warm_python

PLACEHOLDERS = "[...document.querySelectorAll('#stage img')].filter((image) => image.naturalWidth === 320).length"


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """Four slots; 0 and 2 failed twice."""
    storage = Storage.open(str(tmp_path / "home" / "storage"))
    store_order(storage, failing={0, 2})
    return storage


@pytest.fixture
def server(storage: Storage, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ReviewServer]:
    with review_server(tmp_path / "home", getattr(request, "param", warm_python())) as running:
        yield running


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context() as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, server: ReviewServer) -> Page:
    return opened(context, server)


def opened(context: BrowserContext, server: ReviewServer) -> Page:
    """The page; that it complains of nothing and asks nobody else is checked while it is open."""
    page = context.new_page()

    def check(text: str, holds: bool) -> None:
        assert holds, text

    page.on("pageerror", lambda error: check(str(error), False))
    page.on("request", lambda request: check(request.url, f"//127.0.0.1:{server.port}/" in request.url))
    page.goto(server.address)
    return page


def log(storage: Storage) -> list[Decision]:
    return [decision for key in order_keys(storage) for decision in read_log(storage, key).decisions]


def slot_shown(page: Page, slot: int) -> None:
    expect(page.locator("#stage h2")).to_contain_text(f"slot {slot}")


def saved(page: Page) -> None:
    expect(page.locator("#link")).to_have_text("everything is saved")


def test_a_person_decides_by_keyboard(page: Page, storage: Storage) -> None:
    assert "token" not in page.url
    expect(page.locator(".tile:visible")).to_have_count(4)
    page.keyboard.press("Enter")
    slot_shown(page, 0)
    expect(page.locator(".attempt")).to_have_count(2)
    page.keyboard.press("ArrowUp")  # the first attempt
    page.keyboard.press("4")
    page.keyboard.press("t")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.keyboard.press("a")
    slot_shown(page, 1)
    page.keyboard.press("r")
    slot_shown(page, 2)
    page.keyboard.press("e")
    page.fill("#redo input[name=guidance]", "7.5")
    page.select_option("#redo select[name=prompt]", "a <b>{subject}</b>")
    page.keyboard.press("Enter")
    slot_shown(page, 3)
    page.keyboard.press("a")
    expect(page.locator("#nothing")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(".tile:visible")).to_have_count(1)
    saved(page)

    told = log(storage)
    assert [d.action for d in told] == ["score", "tag", "accept", "reject", "redo", "accept", "undo"]
    assert {d.reviewer for d in told} == {"Ada"}
    score, tag, accept, _, redo, last, undo = told
    assert (score.score, tag.tags) == (4, ("blur",))
    assert score.recipe_id == tag.recipe_id == accept.recipe_id != last.recipe_id
    assert redo.settings is not None
    assert (redo.settings.guidance, redo.settings.prompt) == (7.5, "a <b>{subject}</b>")
    assert undo.undoes == last.id
    outcomes = [held.outcome.action for held in standing(told).values() if held.outcome]
    assert sorted(outcomes) == ["accept", "redo", "reject"]


def test_the_form_refuses_what_leaves_the_latitudes(page: Page, storage: Storage) -> None:
    page.keyboard.press("Enter")
    slot_shown(page, 0)
    page.keyboard.press("e")
    page.fill("#redo input[name=guidance]", "9.5")
    page.keyboard.press("Enter")
    expect(page.locator("#redo")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#redo")).to_be_hidden()
    saved(page)
    assert log(storage) == []


def test_filters_choose_what_is_shown(page: Page) -> None:
    tiles = page.locator(".tile:visible")
    page.select_option("[name=why]", "failed")
    expect(tiles).to_have_count(2)
    page.select_option("[name=why]", "")
    page.select_option("[name=failed]", "sharpness")
    expect(tiles).to_have_count(2)
    page.select_option("[name=failed]", "")
    page.select_option("[name=state]", "accept")
    expect(page.locator("#nothing")).to_be_visible()


def test_another_reviewers_decision_is_seen_and_both_are_kept(
    chromium: Browser, page: Page, server: ReviewServer, storage: Storage
) -> None:
    page.keyboard.press("Enter")
    slot_shown(page, 0)
    with chromium.new_context() as beside:
        other = opened(beside, server)
        other.click("#reviewer")
        other.fill("#name input", "Bob")
        other.keyboard.press("Enter")
        other.keyboard.press("Enter")
        slot_shown(other, 0)
        other.keyboard.press("r")
        saved(other)
    expect(page.locator("#notices")).to_contain_text("Bob rejected this image meanwhile")
    expect(page.locator("#standing")).to_contain_text("Bob rejected")
    page.keyboard.press("a")
    expect(page.locator("#notices")).to_contain_text("Bob rejected it before. Your decision holds, both are stored")
    saved(page)
    assert [(d.reviewer, d.action) for d in log(storage)] == [("Bob", "reject"), ("Ada", "accept")]


def test_new_batches_appear_while_the_page_is_open(page: Page, storage: Storage) -> None:
    expect(page.locator(".tile:visible")).to_have_count(4)
    store_order(storage, "brief: trees\nprompt: an oak\nreview: all\n")
    expect(page.locator(".tile:visible")).to_have_count(5)
    expect(page.locator("#progress")).to_contain_text("trees")


def test_a_long_queue_arrives_whole(page: Page, storage: Storage) -> None:
    store_order(storage, "brief: acorns\nprompt: an acorn\nsize: [8, 8]\nrepeats: 450\nreview: all\n")
    page.reload()
    expect(page.locator(".tile")).to_have_count(454)
    expect(page.locator("#count")).to_have_text("454 shown of 454")


def test_a_deleted_image_is_told_and_the_page_goes_on(page: Page, storage: Storage) -> None:
    for picture in storage.path("pixels").rglob("*.png"):
        picture.unlink()
    page.reload()
    page.keyboard.press("Enter")
    slot_shown(page, 0)
    until(lambda: page.evaluate(PLACEHOLDERS) == 2, "both attempts to say why there is no image")
    page.keyboard.press("r")
    slot_shown(page, 1)
    saved(page)
    assert [d.action for d in log(storage)] == ["reject"]


@pytest.mark.parametrize("server", [sys.executable], indirect=True, ids=["cold"])
def test_decisions_wait_for_a_server_that_was_killed_even_if_the_page_is_closed(
    context: BrowserContext, page: Page, server: ReviewServer, storage: Storage
) -> None:
    page.keyboard.press("Enter")
    slot_shown(page, 0)
    page.keyboard.press("j")
    slot_shown(page, 1)
    page.keyboard.press("k")
    server.end(signal.SIGKILL)
    page.keyboard.press("a")
    slot_shown(page, 1)
    page.keyboard.press("r")
    expect(page.locator("#link")).to_contain_text("2 decisions on the way: no server")
    assert log(storage) == []
    page.close(run_before_unload=False)
    server.start()
    saved(opened(context, server))
    assert [d.action for d in log(storage)] == ["accept", "reject"]


def test_a_refused_decision_is_told_and_does_not_block_the_others(page: Page, storage: Storage) -> None:
    """The page is older than the server: its redo leaves the latitudes."""
    page.keyboard.press("Enter")
    slot_shown(page, 0)
    settings = (
        settings_of(read_brief(TEXT, source="brief.yaml", known=installed()))
        .model_copy(update={"steps": 99})
        .canonical()
    )
    page.eval_on_selector("[data-chosen]", "(attempt, settings) => { attempt.dataset.settings = settings; }", settings)
    page.keyboard.press("e")
    expect(page.locator("#redo")).to_be_visible()
    page.eval_on_selector("#redo form", "(form) => { form.noValidate = true; }")
    page.keyboard.press("Enter")
    slot_shown(page, 1)
    page.keyboard.press("a")
    expect(page.locator("#notices")).to_contain_text("redo refused: steps is 99, outside [12, 40]")
    saved(page)
    assert [d.action for d in log(storage)] == ["accept"]


def test_a_redo_that_was_rendered_comes_back(page: Page, storage: Storage) -> None:
    """The retry sensor's part is played by the test: it plans and stores the round that the reviewer asked for."""
    from genart_assets.records.plan import Origin
    from genart_assets.records.retry import REDO, RetryPlan, SlotRetry
    from genart_assets.stages.planning.order_book import OrderBook

    page.keyboard.press("Enter")
    page.keyboard.press("j")
    slot_shown(page, 1)
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    slot_shown(page, 2)
    saved(page)
    page.keyboard.press("Escape")
    expect(page.locator(".tile:visible")).to_have_count(3)

    (asked,) = log(storage)
    book = OrderBook.open(storage, asked.order)
    assert asked.settings
    origin = Origin(parent=asked.recipe_id, move=REDO, reason=f"{asked.reviewer} asked for it")
    retries = [SlotRetry(slot_index=1, settings=asked.settings, origin=origin)]
    book.store_round(2, RetryPlan(retries=retries))
    (batch,) = book.batches(2)
    store_batch(storage, book.brief, batch)

    expect(page.locator(".tile:visible")).to_have_count(4)
    page.click(f'.tile[data-key="{book.key}/1"]')
    expect(page.locator(".attempt")).to_have_count(2)
    expect(page.locator("#stage .why")).to_have_text("redone at a reviewer’s request")
    expect(page.locator("#standing")).to_have_text("undecided")
