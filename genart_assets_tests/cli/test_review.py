"""`genart review` as a process: its address, its token, its end; and what it refuses."""

from __future__ import annotations

import json
import re
import signal
import stat
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from genart_assets.stages.reviewing.decisions import read_log
from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.orders import store_order
from genart_assets_tests.runner.command import answer, finished, genart, start, write_brief


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Four slots in the queue, one of them failed."""
    store_order(Storage.open(str(tmp_path / "home" / "storage")), failing={1})
    return tmp_path / "home"


def test_it_serves_until_it_is_told_to_stop_and_keeps_its_token(home: Path) -> None:
    addresses: list[str] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        process = start(home, "review", "fruit", "--port", 0, "--json")
        assert process.stdout
        told = json.loads(process.stdout.readline())
        assert (told["queue"], told["undecided"]) == (4, 4)
        assert urllib.request.urlopen(told["address"], timeout=30).status == 200
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(told["address"].partition("?")[0], timeout=30)
        process.send_signal(number)
        ended = finished(process)
        assert (ended.returncode, ended.stderr) == (0, ""), "the log holds no address and no token"
        addresses.append(told["address"].partition("?")[2])
    assert addresses[0] == addresses[1]
    assert stat.S_IMODE((home / "review" / "token").stat().st_mode) == 0o600


def test_people_are_told_what_to_open_and_what_is_dangerous(home: Path) -> None:
    process = start(home, "review", "--port", 0, "--host", "0.0.0.0")
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    assert "warning: 0.0.0.0 admits other machines" in finished(process).stderr
    assert lines[0] == "4 images to review, 4 of them undecided\n"
    assert lines[1].startswith("open http://127.0.0.1:")


@pytest.mark.slow
def test_what_a_run_left_is_reviewed(tmp_path: Path) -> None:
    """Drawn and scored by the starter: a cosine above 2 does not exist, so that all slots fail both rounds."""
    home = tmp_path / "home"
    guide = {"expect": {"prompt_alignment": {"min": 2}}}
    brief = write_brief(tmp_path, "hopeless", 2, style_guide=guide, retry={"rounds": 1}, latitudes={"guidance": [3, 9]})
    answer(genart(home, "run", brief, "--json"))
    process = start(home, "review", "--port", 0, "--json")
    assert process.stdout
    told = json.loads(process.stdout.readline())
    assert told["queue"] == 2
    address, _, token = told["address"].partition("?token=")
    bearer = {"Authorization": f"Bearer {token}"}

    def get(path: str) -> bytes:
        return urllib.request.urlopen(urllib.request.Request(address + path, headers=bearer), timeout=30).read()

    key = next(iter(json.loads(get("state"))["slots"]))
    view = get(f"slots/{key}").decode()
    recipes = re.findall(r'data-recipe="([0-9a-f]{64})"', view)
    assert len(recipes) == 2
    assert "prompt_alignment" in view
    assert all(get(f"images/{key}/{recipe}").startswith(b"\x89PNG") for recipe in recipes)
    body = {
        "id": "0" * 32,
        "order": key.partition("/")[0],
        "recipe_id": recipes[0],
        "action": "accept",
        "reviewer": "Ada",
    }
    post = urllib.request.Request(
        f"{address}decisions", json.dumps(body).encode(), {**bearer, "Content-Type": "application/json"}
    )
    assert urllib.request.urlopen(post, timeout=30).status == 201
    process.send_signal(signal.SIGTERM)
    assert finished(process).returncode == 0
    (stored,) = read_log(Storage.open(str(home / "storage")), body["order"]).decisions
    assert (stored.recipe_id, stored.action) == (recipes[0], "accept")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["fruits"], "no brief was accepted as 'fruits'; known: fruit"),
        (["fruit.yaml"], "remedy: give the id in the brief, not its file"),
        (["--reviewer", " "], "reviewer ''"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--port", "70000"], "--port"),
    ],
)
def test_wrong_input_exits_with_2(home: Path, arguments: list[str], told: str) -> None:
    refused = genart(home, "review", *arguments)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_damaged_token_is_told_and_not_used(home: Path) -> None:
    (home / "review").mkdir()
    (home / "review" / "token").write_text("short")
    refused = genart(home, "review", "--port", 0)
    assert refused.returncode == 1
    assert "does not hold a token" in refused.stderr
    assert "delete it" in refused.stderr
