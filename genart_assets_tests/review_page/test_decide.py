"""What the review page takes and what it refuses, over HTTP."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from starlette.testclient import TestClient

from genart_assets.errors import StorageError
from genart_assets.records.studio import StudioLatitudes
from genart_assets.review_page.app import review_app
from genart_assets.review_page.decide import Refused, decide
from genart_assets.review_page.queue import ReviewQueue
from genart_assets.stages.planning.catalogue import studio_of
from genart_assets.stages.planning.latitudes import settings_of
from genart_assets.stages.reviewing.decisions import read_log, standing
from genart_assets.storage.root import Storage
from genart_assets_tests.models.tiny_controls import disc
from genart_assets_tests.review_page.orders import store_order
from genart_assets_tests.review_page.posting import ADDRESS, TOKEN, said, stored


def test_a_decision_is_stored_before_it_is_acknowledged(client: TestClient, queue: ReviewQueue) -> None:
    entry = queue.entries()[0]
    answer = client.post("/decisions", json=said(entry))
    assert answer.status_code == 201
    (decision,) = read_log(queue.storage, entry.order.key).decisions
    assert answer.json()["decision"] == decision.model_dump(mode="json")
    assert answer.json()["state"]["outcomes"][0]["reviewer"] == "Ada"
    assert client.get("/state").json()["slots"][entry.key] == answer.json()["state"]
    assert "1 decision" in client.get(f"/slots/{entry.key}").text


def test_the_same_post_twice_is_one_decision(client: TestClient, queue: ReviewQueue) -> None:
    entry = queue.entries()[0]
    body = said(entry)
    first, again = client.post("/decisions", json=body), client.post("/decisions", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert stored(entry, queue) == [("Ada", "accept")]
    other = client.post("/decisions", json={**body, "action": "reject"})
    assert other.status_code == 409
    assert "is taken" in other.json()["error"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"guidance": 9.5}, "guidance is 9.5, outside [3, 9]"),
        ({"guidance": float("nan")}, "guidance is nan, outside [3, 9]"),
        ({"steps": 41}, "steps is 41, outside [12, 40]"),
        (
            {"prompt": "icon of a {subject}"},
            "the prompt is 'icon of a {subject}', none of the brief's: 'icon of {subject}'",
        ),
        ({"negative_prompt": "blurry"}, "the negative prompt is 'blurry', none of the brief's: ''"),
        ({"lora_scales": [0.5]}, "1 LoRA scales; the brief has 0 LoRAs"),
        ({"control_scale": 0.5}, "control_scale is 0.5"),
        ({"sharpness": 0.5}, "settings.sharpness"),
        ({"strength": 0.5}, "strength is 0.5; allowed: None, as there is no latitude for it"),
    ],
)
def test_a_redo_outside_of_the_latitudes_is_refused_and_named(
    client: TestClient, queue: ReviewQueue, changed: dict[str, Any], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    entry = queue.entries()[0]
    settings = {**settings_of(entry.brief).model_dump(mode="json"), **changed}
    body = json.dumps(said(entry, "redo", settings=settings))
    answer = client.post("/decisions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert told in answer.json()["error"]
    assert stored(entry, queue) == []
    if "sharpness" not in changed:
        (line,) = caplog.messages
        assert line == f"{entry.key}: Ada's {answer.json()['error']}"


def test_a_redo_at_the_bounds_is_taken(client: TestClient, queue: ReviewQueue) -> None:
    entry = queue.entries()[0]
    settings = settings_of(entry.brief).model_copy(
        update={"guidance": 9.0, "steps": 12, "prompt": "a <b>{subject}</b>"}
    )
    answer = client.post("/decisions", json=said(entry, "redo", settings=settings.model_dump(mode="json")))
    assert answer.status_code == 201
    assert read_log(queue.storage, entry.order.key).decisions[0].settings == settings


def test_a_redo_that_leaves_a_setting_out_keeps_the_brief_s_and_drops_no_control_image(tmp_path: Path) -> None:
    Image.fromarray(disc(20)).save(tmp_path / "shape.png")
    text = f"""\
brief: shapes
prompt: a shape
control: {{kind: silhouette, image: shape.png, scale: 0.7, snapshot: {"a" * 64}}}
start: {{image: shape.png, strength: 0.6}}
latitudes: {{guidance: [3, 9]}}
review: all
"""
    storage = Storage.open(str(tmp_path / "home"))
    store_order(storage, text, folder=tmp_path)
    queue = ReviewQueue(storage)
    queue.refresh()
    entry = queue.entries()[0]
    settings = settings_of(entry.brief).model_dump(mode="json")
    posted = {**settings, "guidance": 8, "control_scale": None, "strength": None}
    decision, _, _ = decide(queue, json.dumps(said(entry, "redo", settings=posted)).encode())
    assert decision.settings == settings_of(entry.brief).model_copy(update={"guidance": 8.0})
    assert read_log(storage, entry.order.key).decisions == (decision,)


@pytest.mark.parametrize(
    ("body", "code", "told"),
    [
        (b"", 422, "is not JSON"),
        (b"[]", 422, "JSON object"),
        (b"[" * 60_000, 422, "is not JSON"),
        (b"\xff", 422, "is not JSON"),
        (b"{}", 422, "id: Field required"),
        (b" " * 70_000, 413, "at most"),
    ],
)
def test_what_is_no_decision_is_refused(client: TestClient, body: bytes, code: int, told: str) -> None:
    answer = client.post("/decisions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == code
    assert told in answer.text


@pytest.mark.parametrize(
    ("changed", "code", "told"),
    [
        ({"time": "2020-01-01T00:00:00Z"}, 422, "time"),
        ({"reviewer": ""}, 422, "reviewer"),
        ({"reviewer": "\ud800"}, 422, "reviewer"),
        ({"score": 3}, 422, "accept comes with nothing else"),
        ({"id": "../../../etc/passwd"}, 422, "id"),
        ({"order": "../fruit.0123456789"}, 422, "order"),
        ({"order": "other.0123456789"}, 404, "not in the review queue"),
        ({"recipe_id": "0" * 64}, 404, "not in the review queue"),
    ],
)
def test_a_wrong_field_is_named(
    client: TestClient, queue: ReviewQueue, changed: dict[str, Any], code: int, told: str
) -> None:
    body = json.dumps({**said(queue.entries()[0]), **changed})
    answer = client.post("/decisions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == code
    assert told in answer.json()["error"]


def test_two_reviewers_on_one_image_are_both_kept_and_the_last_one_holds(
    client: TestClient, queue: ReviewQueue
) -> None:
    entry = queue.entries()[0]
    client.post("/decisions", json=said(entry))
    answer = client.post("/decisions", json=said(entry, "reject", reviewer="Bob"))
    outcomes = [(o["reviewer"], o["action"]) for o in answer.json()["state"]["outcomes"]]
    assert outcomes == [("Ada", "accept"), ("Bob", "reject")] == stored(entry, queue)
    view = client.get(f"/slots/{entry.key}").text
    assert "Ada: accept" in view
    assert "Bob: reject" in view


def test_the_last_word_holds_though_the_clock_was_set_back(queue: ReviewQueue) -> None:
    entry, start = queue.entries()[0], datetime(2026, 5, 17, 12, tzinfo=UTC)
    bodies = [json.dumps(said(entry, action)).encode() for action in ("accept", "reject", "accept")]
    clocks = (start, start - timedelta(hours=1), start - timedelta(days=4000))
    made = [decide(queue, body, lambda clock=clock: clock)[0] for body, clock in zip(bodies, clocks, strict=True)]
    assert [one.time - start for one in made] == [count * timedelta.resolution for count in range(3)]
    log = read_log(queue.storage, entry.order.key).decisions
    assert [one.action for one in log] == ["accept", "reject", "accept"]
    assert standing(log)[made[0].recipe_id].outcome == made[-1]
    assert decide(queue, bodies[1], lambda: start)[0] == made[1], "posted again it is the same decision"


def test_an_undo_takes_back_ones_own_decision_only(client: TestClient, queue: ReviewQueue) -> None:
    entry, other = queue.entries()[:2]
    first = said(entry)
    client.post("/decisions", json=first)
    refusals = [
        said(entry, "undo", undoes=first["id"], reviewer="Bob"),
        said(entry, "undo", undoes=uuid4().hex),
        said(other, "undo", undoes=first["id"]),
    ]
    for body in refusals:
        answer = client.post("/decisions", json=body)
        assert answer.status_code == 422
        assert "undo refused" in answer.json()["error"]
    undo = said(entry, "undo", undoes=first["id"])
    assert client.post("/decisions", json=undo).json()["state"]["outcomes"] == []
    assert client.post("/decisions", json=undo).status_code == 200, "posted again"
    answer = client.post("/decisions", json=said(entry, "undo", undoes=undo["id"]))
    assert answer.status_code == 422, "an undo cannot be undone"


def test_decisions_of_another_server_on_this_storage_count(storage: Storage, queue: ReviewQueue) -> None:
    beside = ReviewQueue(storage)
    beside.refresh()
    ours, theirs = (
        TestClient(review_app(each, TOKEN), base_url=ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"})
        for each in (queue, beside)
    )
    entry = queue.entries()[0]
    first = said(entry)
    ours.post("/decisions", json=first)
    assert theirs.post("/decisions", json=first).status_code == 200
    undone = theirs.post("/decisions", json=said(entry, "undo", undoes=first["id"]))
    assert undone.json()["state"]["outcomes"] == []
    queue.refresh(at_once=True)
    assert ours.get("/state").json()["slots"][entry.key]["outcomes"] == []


def test_a_decision_that_is_stored_is_acknowledged_though_its_slot_is_rendered_again(
    client: TestClient, queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, other = queue.entries()[:2]
    body = said(entry)
    client.post("/decisions", json=body)
    monkeypatch.setattr(queue, "entry_of_image", lambda order, recipe: None)  # as when a redo is planned
    again = client.post("/decisions", json=body)
    assert (again.status_code, again.json()["state"]) == (200, None)
    assert client.post("/decisions", json=said(other)).status_code == 404


def test_a_storage_that_refuses_is_not_acknowledged(
    client: TestClient, queue: ReviewQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(rel: str, data: bytes) -> bool:
        raise StorageError("the disk is full", remedy="free some space")

    entry = queue.entries()[0]
    body = said(entry)
    with monkeypatch.context() as patched:
        patched.setattr(queue.storage, "write_once", full)
        answer = client.post("/decisions", json=body)
    assert (answer.status_code, answer.json()["error"]) == (503, "the disk is full")
    assert queue.states()[entry.key].outcomes == ()
    assert client.post("/decisions", json=body).status_code == 201


def test_a_redo_that_the_studio_does_not_allow_is_refused_with_its_bound(storage: Storage) -> None:
    order = store_order(storage, failing={0}, studio=StudioLatitudes(guidance=(3, 9)))
    assert studio_of(storage, order).guidance == (3, 9)
    queue = ReviewQueue(storage)
    queue.refresh()
    entry = queue.entries()[0]
    settings = settings_of(entry.brief).model_copy(update={"guidance": 9.5})
    body = json.dumps(said(entry, "redo", settings=settings.model_dump(mode="json")))
    with pytest.raises(Refused, match=r"redo refused: guidance is 9.5, outside the studio's \[3, 9\]"):
        decide(queue, body.encode())
