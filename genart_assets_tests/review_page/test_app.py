"""What the review page shows, over HTTP."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from genart_assets.review_page.app import review_app
from genart_assets.review_page.queue import ReviewQueue
from genart_assets.stages.planning.catalogue import Order
from genart_assets.storage.images import ImageStore
from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.orders import store_order
from genart_assets_tests.review_page.posting import ADDRESS, TOKEN, said


def shown_text(svg: str) -> str:
    return " ".join(ElementTree.fromstring(svg).itertext())


def test_the_page_shows_the_queue(client: TestClient, order: Order) -> None:
    page = client.get("/").text
    assert [f'data-key="{order.key}/{slot}"' in page for slot in range(5)] == [True] * 4 + [False]
    assert page.count('data-why="failed"') == 2
    assert page.count('data-why="sampled"') == 2
    state = client.get("/state")
    assert list(state.json()["slots"]) == [f"{order.key}/{slot}" for slot in range(4)]
    assert client.get("/state", headers={"If-None-Match": state.headers["etag"]}).status_code == 304


def test_the_large_view_has_all_attempts_with_scores_settings_and_reasons(client: TestClient, order: Order) -> None:
    view = client.get(f"/slots/{order.key}/0").text
    assert view.count("<figure") == 2
    assert view.count('<tr class="failed"') == 2
    for text in ("3.5", "≥ 15", "icon of pear", "next prompt", "sharpness 3.5 below 15", "round 1", "guidance"):
        assert text in view
    assert 'min="3" max="9"' in view
    assert 'min="12" max="40"' in view


def test_text_of_a_brief_stays_text(client: TestClient, order: Order) -> None:
    view = client.get(f"/slots/{order.key}/0").text
    assert "a &lt;b&gt;pear&lt;/b&gt;" in view
    assert "<b>" not in view


def test_images_come_as_stored_and_may_be_kept(client: TestClient, queue: ReviewQueue) -> None:
    entry = queue.entries()[1]
    recipe = entry.row.last.recipe_id
    answer = client.get(f"/images/{entry.key}/{recipe}")
    assert answer.content == ImageStore(queue.storage, entry.row.last.batch).open().file_of(recipe)
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"/thumbnails/{entry.key}/{recipe}").content == answer.content, "it is small as it is"


def test_large_images_have_small_thumbnails(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path))
    store_order(storage, "brief: big\nprompt: a pear\nsize: [1024, 512]\nreview: all\n")
    queue = ReviewQueue(storage)
    queue.refresh()
    client = TestClient(review_app(queue, TOKEN), base_url=ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"})
    (entry,) = queue.entries()
    small = client.get(f"/thumbnails/{entry.key}/{entry.row.last.recipe_id}")
    assert small.headers["content-type"] == "image/webp"
    from io import BytesIO

    from PIL import Image

    assert Image.open(BytesIO(small.content)).size == (384, 192)


@pytest.mark.parametrize("damage", ["deleted", "changed", "cut"])
def test_an_image_that_is_gone_is_a_picture_that_says_why_and_the_page_goes_on(
    client: TestClient, queue: ReviewQueue, damage: str
) -> None:
    gone, left = queue.entries()[1], queue.entries()[3]
    index = ImageStore(queue.storage, gone.row.last.batch).open().index.set_index("recipe_id")
    path = Path(queue.storage.root) / str(index.loc[gone.row.last.recipe_id, "path"])
    other = Path(queue.storage.root) / str(index.loc[left.row.last.recipe_id, "path"])
    if damage == "deleted":
        path.unlink()
    else:
        path.write_bytes(other.read_bytes() if damage == "changed" else path.read_bytes()[:100])
    for kind in ("images", "thumbnails"):
        answer = client.get(f"/{kind}/{gone.key}/{gone.row.last.recipe_id}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "no image" in answer.text
        assert {"deleted": "missing", "changed": "has changed", "cut": "decoded"}[damage] in shown_text(answer.text)
        assert answer.headers["cache-control"] == "no-store"
        assert client.get(f"/{kind}/{left.key}/{left.row.last.recipe_id}").status_code == 200
    assert client.get(f"/slots/{gone.key}").status_code == 200
    assert client.get("/").status_code == 200
    assert client.post("/decisions", json=said(gone, "reject")).status_code == 201


def test_new_batches_and_orders_arrive_while_the_page_is_open(
    client: TestClient, queue: ReviewQueue, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genart_assets.review_page.queue.LOOK_AGAIN_SECONDS", 0)
    before = set(client.get("/state").json()["slots"])
    more = store_order(storage, "brief: trees\nprompt: an oak\nreview: all\n")
    after = client.get("/state").json()["slots"]
    assert set(after) - before == {f"{more.key}/0"}
    assert f'data-key="{more.key}/0"' in client.get("/tiles").text


def test_an_order_that_cannot_be_read_is_named_and_the_others_are_shown(storage: Storage, order: Order) -> None:
    storage.write_once("orders/zebra.0123456789.json", b"{}")
    queue = ReviewQueue(storage)
    queue.refresh()
    assert len(queue.entries()) == 4
    assert [problem for problem in queue.problems if "zebra.0123456789" in problem]


def test_only_the_briefs_that_were_asked_for(storage: Storage, order: Order) -> None:
    store_order(storage, "brief: trees\nprompt: an oak\nreview: all\n")
    queue = ReviewQueue(storage, ["trees"])
    queue.refresh()
    assert [entry.order.brief for entry in queue.entries()] == ["trees"]
