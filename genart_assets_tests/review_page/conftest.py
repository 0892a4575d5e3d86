"""A queue of four slots behind the review page, a browser that was let in, and a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from genart_assets.review_page.access import CSRF_HEADER, Access
from genart_assets.review_page.app import review_app
from genart_assets.review_page.queue import ReviewQueue
from genart_assets.stages.planning.catalogue import Order
from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.orders import store_order
from genart_assets_tests.review_page.pages import chromium
from genart_assets_tests.review_page.posting import ADDRESS, TOKEN

__all__ = ["chromium"]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage.open(str(tmp_path))


@pytest.fixture
def order(storage: Storage) -> Order:
    """Four slots, all of them in the queue; 0 and 2 failed twice."""
    return store_order(storage, failing={0, 2})


@pytest.fixture
def queue(storage: Storage, order: Order) -> ReviewQueue:
    queue = ReviewQueue(storage)
    queue.refresh()
    return queue


@pytest.fixture
def app(queue: ReviewQueue) -> Access:
    return review_app(queue, TOKEN, reviewer="Ada")


@pytest.fixture
def client(app: Access) -> TestClient:
    """A browser that has opened the printed address."""
    client = TestClient(app, base_url=ADDRESS)
    assert client.get("/", params={"token": TOKEN}).status_code == 200
    client.headers[CSRF_HEADER] = app.csrf
    return client


@pytest.fixture
def stranger(app: Access) -> TestClient:
    return TestClient(app, base_url=ADDRESS, follow_redirects=False)
