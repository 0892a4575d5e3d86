"""`genart demo --learn` from an empty home: reviews, a LoRA that is better, the next batch with it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml

from genart_assets.cli.demo_learning import NEXT, REFERENCES, REVIEWED, STYLE
from genart_assets.cli.stand_in import is_cool, review
from genart_assets.deliverables.read_back import read_recipe
from genart_assets.instance.home import Home
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief_file
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.stages.reviewing.decisions import read_log
from genart_assets.starter_training.vocabulary import vocabulary
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import ONE_THREAD, answer, finished, genart, start, write_brief
from genart_assets_tests.warm.python import warm_python


@pytest.mark.parametrize(
    ("colour", "cool"),
    [((47, 111, 222), True), ((76, 175, 80), True), ((125, 75, 181), False), ((200, 200, 200), False)],
)
def test_the_stand_in_likes_borders_from_blue_to_green(colour: tuple[int, int, int], cool: bool) -> None:
    picture = np.full((64, 64, 3), 255, np.uint8)
    picture[[0, -1]] = colour
    picture[:, [0, -1]] = colour
    assert is_cool(picture) is cool


def test_what_is_reviewed_what_is_shown_and_what_is_tried_have_no_subject_in_common() -> None:
    icons = read_brief_file(REVIEWED, known=installed()).vary["icon"]
    reviewed = {icon.partition(" icon of ")[2] for icon in icons}
    shown, later = (set(read_brief_file(path, known=installed()).vary["subject"]) for path in (REFERENCES, NEXT))
    words = vocabulary()
    tried = {subject for subject in words.subjects if any(f"icon of {subject}\n" in line for line in _lines(STYLE))}
    assert len(tried) == 60
    for some, others in ((reviewed, shown), (reviewed, later), (reviewed, tried), (tried, later)):
        assert not some & others
    assert reviewed | shown | later | tried <= set(words.subjects)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_the_stand_in_decides_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer(genart(home, "run", write_brief(tmp_path, "icons", 4, review="all"), "--json"))
    storage = Storage.open(Home.open(home).storage_root)
    (book,) = OrderBook.of_brief(storage, "icons")
    first = review(book)
    assert sum(first) == 4
    assert review(book) == first
    assert len(read_log(storage, book.key).decisions) == 4


@pytest.fixture
def small_demo(tmp_path: Path) -> dict[str, Path]:
    """24 icons to review, four that show the style, and a style that is learnt in eight steps: files by their names."""
    sampler = {"scheduler": "model", "steps": 4, "guidance": 3.0, "guidance_rescale": 1.0}
    open_background = {"prompt": "classic icon of {subject}", "sampler": sampler}
    seen, shown, later = ["panda", "rocket", "lemon", "frog", "pear", "owl"], ["duck", "shark", "fox", "jeans"], ["fig"]
    tried = ["robot", "snail", "mango", "melon", "eagle", "carrot"]
    style = {
        "style": "cool",
        "briefs": ["learn"],
        "references": "references",
        "learn_from": {"fewest": 4, "near": 1.0},
        "finetune": {
            "steps": 8,
            "rows": 8,
            "rank": 4,
            "rate": 0.001,
            "warm_up": 0,
            "drop_captions": 0.5,
            "average": 0.8,
            "noise_bias": 0.7,
        },
        "trial": {"prompts": [f"classic icon of {one}" for one in tried], "seeds": [1, 2], "sampler": sampler},
        "promote": {"fewest_prompts": 2, "adherence_gain": 0, "alignment_loss": 10.0, "diversity_loss": 1.0},
    }
    promoted = [{"name": "cool", "version": "promoted"}]
    reviewed = {**open_background, "vary": {"subject": seen}, "repeats": 4, "review": "all"}
    small = {
        "REVIEWED": write_brief(tmp_path, "learn", **reviewed),
        "REFERENCES": write_brief(tmp_path, "learn-references", vary={"subject": shown}, sampler=sampler),
        "NEXT": write_brief(tmp_path, "learn-next", **open_background, vary={"subject": later}, loras=promoted),
        "STYLE": tmp_path / "cool.yaml",
    }
    small["STYLE"].write_text(yaml.safe_dump(style, sort_keys=False), encoding="utf-8")
    return small


SMALL_DEMO = """
import json, sys
from pathlib import Path
from genart_assets.cli import demo_learning
for name, path in json.loads(sys.argv[1]).items():
    setattr(demo_learning, name, Path(path))
sys.exit(demo_learning.learning_command(batch_rows=32, as_json=True))
"""


@pytest.mark.slow
def test_a_small_demo_goes_from_reviews_to_the_next_batch(small_demo: dict[str, Path], tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        [warm_python(), "-c", SMALL_DEMO, json.dumps({name: str(path) for name, path in small_demo.items()})],
        env={**os.environ, "GENART_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **ONE_THREAD},
        capture_output=True,
        text=True,
        check=False,
    )
    told = answer(done)
    assert told["accepted"] + told["rejected"] == 24
    learnt = told["learnt"]
    assert learnt["passed"], learnt["reason"]
    assert (learnt["images"], learnt["promoted"]) == (told["accepted"], learnt["candidate"])
    (file,) = Path(told["deliveries"]).rglob("*.png")
    (lora,) = read_recipe(file.read_bytes())["loras"]
    assert lora["name"] == f"cool@{learnt['promoted']}"
    assert finished(start(home, "verify", file)).returncode == 0
    assert [line for line in done.stderr.splitlines() if line.startswith("5 of 5: ")]


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_reviews_become_a_better_lora_and_the_next_batch_is_rendered_with_it(tmp_path: Path) -> None:
    process = start(tmp_path / "home", "demo", "--learn", "--json")
    out, err = process.communicate(timeout=1700)
    assert process.returncode == 0, err
    told = json.loads(out)
    learnt = told["learnt"]
    assert told["accepted"] >= 60
    assert learnt["passed"], learnt["reason"]
    assert learnt["promoted"] == learnt["candidate"]
    metrics = {one["metric"]: one for one in learnt["trial"]["metrics"]}
    assert metrics["style_adherence"]["low"] > 0.02
    assert metrics["prompt_alignment"]["difference"] > -0.02 * metrics["prompt_alignment"]["baseline"]
    files = sorted(Path(told["deliveries"]).rglob("*.png"))
    assert len(files) == 48
    (lora,) = read_recipe(files[0].read_bytes())["loras"]
    assert lora["name"] == f"cool@{learnt['promoted']}"
    verified = finished(start(tmp_path / "home", "verify", *files[:4]))
    assert verified.returncode == 0, verified.stdout
