"""Who may talk to the review page, and what reaches the disk."""

from __future__ import annotations

import json
import re

import pytest
from starlette.testclient import TestClient

from genart_assets.review_page.access import CSRF_HEADER, Access
from genart_assets.review_page.app import review_app
from genart_assets.review_page.queue import ReviewQueue
from genart_assets_tests.review_page.posting import ADDRESS, TOKEN, said, stored

PATHS = [
    *("/", "/state", "/tiles", "/static/review.js", "/slots/x/0", "/images/x/0/y"),
    *("/nowhere", "/docs", "/openapi.json"),
]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_token_nothing_is_told(stranger: TestClient, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Cookie": "a=b"}):
        answer = stranger.get(path, headers=headers)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "fruit" not in answer.text
    assert stranger.post("/decisions", json={}).status_code == 401
    assert stranger.get(path, params={"token": TOKEN[:-1]}).status_code == 401
    assert stranger.get(path, params={"token": "ü"}).status_code == 401


def test_the_token_in_the_address_becomes_a_cookie_that_is_not_the_token(app: Access, stranger: TestClient) -> None:
    answer = stranger.get("/", params={"token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert TOKEN not in cookie + answer.text
    assert stranger.get("/state").status_code == 200, "by cookie"
    assert TestClient(app, base_url=ADDRESS).get("/state", params={"token": TOKEN}).status_code == 401


def test_programs_use_the_token_as_bearer(stranger: TestClient, queue: ReviewQueue) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert stranger.get("/state", headers=bearer).status_code == 200
    assert stranger.post("/decisions", json=said(queue.entries()[0]), headers=bearer).status_code == 201


def test_a_post_by_cookie_needs_this_page(client: TestClient, queue: ReviewQueue) -> None:
    entry = queue.entries()[0]
    for headers in (
        {CSRF_HEADER: ""},
        {CSRF_HEADER: "0" * 64},
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:3002"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert client.post("/decisions", json=said(entry), headers=headers).status_code == 403, headers
    as_form = {"Content-Type": "text/plain"}
    assert client.post("/decisions", content=json.dumps(said(entry)), headers=as_form).status_code == 415
    assert stored(entry, queue) == []
    own = {"Origin": ADDRESS, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/decisions", json=said(entry), headers=own).status_code == 201


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7:3001", "", "[::1", "a:b:c"])
def test_a_strangers_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/state", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:3001", "localhost:9", "[::1]:3001", "LOCALHOST"])
def test_loopback_has_several_names(client: TestClient, host: str) -> None:
    assert client.get("/state", headers={"Host": host, "Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_a_page_that_other_machines_may_open_takes_addresses_but_no_unknown_names(queue: ReviewQueue) -> None:
    client = TestClient(review_app(queue, TOKEN, host="0.0.0.0"), base_url="http://10.0.0.7:3001")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/state", headers=bearer).status_code == 200
    assert client.get("/state", headers={**bearer, "Host": "evil.example"}).status_code == 400
    assert client.get("/state").status_code == 401


@pytest.mark.parametrize("path", ["/", "/state", "/static/review.css", "/nowhere"])
def test_every_answer_tells_browsers_to_be_careful(client: TestClient, stranger: TestClient, path: str) -> None:
    for answer in (client.get(path), stranger.get(path)):
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_nothing_is_loaded_from_elsewhere_and_no_script_stands_in_the_page(client: TestClient) -> None:
    page = client.get("/").text
    code = page + client.get("/static/review.js").text + client.get("/static/review.css").text
    assert not re.search(r"https?:|url\(|@import|import\(", code)
    assert page.count("<script") == 2
    assert '<script type="application/json"' in page
    assert " style=" not in page
    assert " onclick=" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/images/../../orders/x",
        "/images/%2e%2e%2f%2e%2e%2forders/0/{id}",
        "/images/{order}/0/..%2f..%2fsecret",
        "/images/{order}/0/{id}%00.png",
        "/images/{order}/999/{id}",
        "/images/{order}/-1/{id}",
        "/images/{order}/1/{id}",
        "/thumbnails/{order}/0/" + "0" * 64,
        "/static/..%2fapp.py",
        "/static/../app.py",
        "/static//etc/passwd",
        "/slots/{order}%2f..%2f../0",
        "/slots/nothing.0123456789/0",
    ],
)
def test_no_path_from_the_address_reaches_the_disk(
    client: TestClient, queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(queue.storage, "read", asked.append)
    entry = queue.entries()[0]
    answer = client.get(path.format(order=entry.order.key, id=entry.row.last.recipe_id))
    assert answer.status_code in (404, 422)
    assert asked == []
