"""A home that an earlier release wrote opens, resumes, reproduces, traces and goes on to review.

``home.tar.xz`` holds the home and its brief as they were before the packages were laid out a step each (commit c54a0f8,
cpu/x86_64 AVX512/float32/2 threads): 6 slots, a retry round of 3, and one accepted image that no settlement has taken
in. The signing key is left out.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from genart_assets.cli.trace import trace_command
from genart_assets.models.device import device_class
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.attempts import OrderAttempts
from genart_assets.stages.reviewing.review_queue import review_queue
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import answer, genart, tree

WRITTEN_ON = "cpu/x86_64 AVX512/float32/2 threads"
ACCEPTED = "c7a34e62d1f1e34d3e50ff1e12c5b10a55df30e9fa7c40a950aa795b0436fa8c"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studio")
    with tarfile.open(Path(__file__).with_name("home.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    return folder / "home"


def test_its_images_are_reproduced(home: Path) -> None:
    process = genart(home, "reproduce", "--sample", 9, "--json")
    replays = answer(process, code=process.returncode)
    assert replays["replayed"] == 9
    if device_class().name == WRITTEN_ON:
        assert (process.returncode, replays["identical"]) == (0, 9)
    assert all(found["distance"] is None or found["distance"]["psnr"] > 40 for found in replays["images"])


def test_its_images_are_traced(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GENART_HOME", str(home))
    assert trace_command(ACCEPTED, html=None, as_json=True) == 0
    story = capsys.readouterr().out
    assert ACCEPTED in story
    assert "prompt_alignment 0.7691 below 0.77" in story


def test_its_review_queue_is_what_it_was(home: Path) -> None:
    storage = Storage.open(str(home / "storage"))
    (key,) = order_keys(storage)
    attempts = OrderAttempts(OrderBook.open(storage, key))
    attempts.refresh()
    rows = review_queue(key, attempts.slots(), attempts.book.brief.review.sample)
    assert [(row.slot_index, row.why, len(row.attempts)) for row in rows] == [
        (1, "failed", 2),
        (2, "failed", 2),
        (3, "sampled", 1),
        (5, "failed", 2),
    ]


def test_its_brief_resumed_renders_nothing_and_delivers_what_was_accepted_meanwhile(home: Path) -> None:
    before = tree(home / "storage" / "pixels")
    found = answer(genart(home, "run", home.parent / "small.yaml", "--json"))
    assert (found["slots"], found["rendered"], found["newly_rendered"]) == (6, 9, 0)
    assert (found["accepted"], found["delivered"], found["problems"]) == (1, 3, [])
    assert tree(home / "storage" / "pixels") == before
