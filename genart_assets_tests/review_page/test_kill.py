"""The review server dies by SIGKILL at random moments while decisions come in: none is lost, none is there twice."""

from __future__ import annotations

import json
import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from genart_assets.review_page.queue import ReviewQueue
from genart_assets.stages.reviewing.decisions import read_log
from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.orders import store_order
from genart_assets_tests.review_page.pages import ReviewServer, review_server

REVIEWERS = 4


class Posting:
    """Reviewers' browsers: each posts its decisions in order, again and again until the server acknowledges."""

    def __init__(self, server: ReviewServer) -> None:
        self.server = server
        self.up = threading.Event()
        self.tried = threading.Semaphore(0)
        self.repeated = 0

    def post_all(self, decisions: list[dict[str, Any]]) -> None:
        for decision in decisions:
            self.tried.release()
            while not (code := self.post(decision)):
                self.up.wait(60)
            assert code in (200, 201)
            self.repeated += code == 200

    def post(self, decision: dict[str, Any]) -> int | None:
        """The server's code; None if it died before it answered."""
        address = urlsplit(self.server.address)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {parse_qs(address.query)['token'][0]}"}
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request("POST", "/decisions", json.dumps(decision), headers)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()


def killed_while_posting(tmp_path: Path, count: int, kills: int, seed: int) -> None:
    storage = Storage.open(str(tmp_path / "storage"))
    order = store_order(
        storage, f"brief: many\nprompt: a pear\nrepeats: {count}\nreview: all\n", rows=512, rendered=False
    )
    queue = ReviewQueue(storage)
    queue.refresh()
    dice = random.Random(seed)
    decisions = [
        {
            "id": f"{dice.getrandbits(128):032x}",
            "order": order.key,
            "recipe_id": entry.row.last.recipe_id,
            "action": dice.choice(["accept", "reject"]),
            "reviewer": f"reviewer {number % REVIEWERS}",
        }
        for number, entry in enumerate(queue.entries())
    ]
    assert len(decisions) == count
    moments = sorted(dice.sample(range(1, count - REVIEWERS), kills))
    with review_server(tmp_path) as server, ThreadPoolExecutor(REVIEWERS) as pool:
        posting = Posting(server)
        posting.up.set()
        work = [pool.submit(posting.post_all, decisions[reviewer::REVIEWERS]) for reviewer in range(REVIEWERS)]
        for before, moment in zip([0, *moments], moments, strict=False):
            for _ in range(moment - before):
                assert posting.tried.acquire(timeout=120)
            posting.up.clear()
            assert server.end(signal.SIGKILL) == -signal.SIGKILL
            server.start()
            posting.up.set()
        for each in work:
            each.result(300)
    log = read_log(storage, order.key)
    assert log.damaged == {}
    found = [json.loads(decision.canonical()) for decision in log.decisions]
    assert sorted(d["id"] for d in found) == sorted(d["id"] for d in decisions), "each once"
    by_id = {d["id"]: d for d in found}
    assert all(by_id[d["id"]].items() >= d.items() for d in decisions)
    print(f"{count} decisions, {kills} kills, {posting.repeated} acknowledged only when they were posted again")


def test_two_kills(tmp_path: Path) -> None:
    killed_while_posting(tmp_path, count=60, kills=2, seed=2026)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_twenty_kills(tmp_path: Path) -> None:
    killed_while_posting(tmp_path, count=500, kills=20, seed=20)
