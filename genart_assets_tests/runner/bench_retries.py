"""What retry rounds repair, and what they cost: ``python -m genart_assets_tests.runner.bench_retries``.

Runs one demanding brief twice on the starter, each in a home of its own: with the brief's moves, and with new seeds
alone. Slots have the same seeds in both, so their first rounds are the same images. One line of JSON: the yield of each
round; the images that were rendered, and that whole-batch retry would have rendered on the same outcomes (a batch is
drawn again, whole, until each of its slots has passed once); the share of failed slots that each loop repaired, with
the paired difference and its 95 % bootstrap interval. Options: ``--subjects``, ``--rounds``,
``--alignment``, ``--keep FOLDER``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from genart_assets.instance.home import Home
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.order_book import OrderBook
from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.vocabulary import vocabulary
from genart_assets.storage.root import Storage

BACKGROUNDS = ("navy", "teal", "pink", "yellow")
BATCH_ROWS = 128
NEVER = -1


def demanding(subjects: int, rounds: int, alignment: float) -> dict[str, Any]:
    """A brief at the platform's default guidance, which is more than the starter bears in a good third of its icons."""
    words = vocabulary()
    return {
        "brief": "demanding",
        "prompt": "{style} icon of {subject} on {background} background",
        "vary": {
            "subject": spread(words.subjects, subjects),
            "style": list(words.styles),
            "background": list(BACKGROUNDS),
        },
        "sampler": {"scheduler": "model", "steps": 20, "guidance": 5.0},
        "latitudes": {
            "guidance": [1.0, 9.0],
            "steps": [12, 40],
            "alternative_prompts": ["a {style} {subject} on a {background} background"],
            "negative_prompts": ["blurry"],
        },
        "style_guide": {
            "palette": {
                "background": {name: "#{:02x}{:02x}{:02x}".format(*words.backgrounds[name]) for name in BACKGROUNDS},
                "max_delta_e": 7,
            },
            "expect": {"prompt_alignment": {"min": alignment}, "sharpness": {"min": 15}, "contrast": {"min": 4}},
        },
        "retry": {"rounds": rounds},
        "deliver": {"formats": ["png"], "sizes": [64]},
    }


def run(home: Path, brief: Path) -> None:
    """`genart run` as a user starts it, with every core."""
    command = [sys.executable, "-m", "genart_assets", "run", str(brief), "--batch-rows", str(BATCH_ROWS), "--json"]
    subprocess.run(command, env={**os.environ, "GENART_HOME": str(home)}, stdout=subprocess.DEVNULL, check=True)


def passed_in(home: Path) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """The round in which each slot passed, or NEVER; and every round's figures."""
    storage = Storage.open(Home.open(home).storage_root)
    (key,) = order_keys(storage)
    book = OrderBook.open(storage, key)
    brief = book.brief
    passed = np.full(brief.slot_count, NEVER)
    told: list[dict[str, Any]] = []
    for round_ in range(brief.retry.rounds + 1):
        if NEVER not in passed:
            break
        rows = book.rows(round_)
        good = rows["passed"].to_numpy(dtype=bool)
        passed[rows["slot_index"].to_numpy()[good]] = round_
        moves = rows.assign(good=good).groupby("move")["good"].agg(["size", "sum"])
        told.append(
            {
                "images": len(rows),
                "passed": int(good.sum()),
                "moves": {str(move): f"{line['sum']} of {line['size']}" for move, line in moves.iterrows()},
            }
        )
    return passed, told


def whole_batches(passed: np.ndarray, rounds: int) -> int:
    """Images of a loop that draws a whole batch again until each of its slots has passed once, or the rounds end."""
    last = np.where(passed == NEVER, rounds, passed)
    return sum(
        len(batch) * (1 + int(batch.max()))
        for batch in (last[first : first + BATCH_ROWS] for first in range(0, len(last), BATCH_ROWS))
    )


def difference(changed: np.ndarray, seeds: np.ndarray) -> dict[str, Any]:
    """How many more of the slots that failed at first came to pass, as a share, with a 95 % interval over slots."""
    from scipy.stats import bootstrap

    failed = changed != 0
    gain = (changed[failed] != NEVER).astype(float) - (seeds[failed] != NEVER)
    found: Any = bootstrap((gain,), np.mean, rng=np.random.default_rng(0), n_resamples=9_999)
    low, high = found.confidence_interval
    return {
        "failed_at_first": int(failed.sum()),
        "repaired_by_changes": float((changed[failed] != NEVER).mean()),
        "repaired_by_seeds": float((seeds[failed] != NEVER).mean()),
        "difference": float(gain.mean()),
        "interval_95": [float(low), float(high)],
    }


def measured(folder: Path, subjects: int, rounds: int, alignment: float) -> dict[str, Any]:
    brief = demanding(subjects, rounds, alignment)
    outcome: dict[str, np.ndarray] = {}
    found: dict[str, Any] = {}
    for name, moves in (("changes", {}), ("seeds", {"moves": ["new_seed"]})):
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({**brief, "retry": {**brief["retry"], **moves}}, sort_keys=False))
        run(folder / name, path)
        outcome[name], told = passed_in(folder / name)
        rendered = sum(line["images"] for line in told)
        whole = whole_batches(outcome[name], rounds)
        found[name] = {
            "slots": len(outcome[name]),
            "yield_at_first": float((outcome[name] == 0).mean()),
            "yield_at_last": float((outcome[name] != NEVER).mean()),
            "rendered": rendered,
            "whole_batches_would_render": whole,
            "share_of_whole_batches": rendered / whole,
            "rounds": told,
        }
    assert np.array_equal(outcome["changes"] == 0, outcome["seeds"] == 0), "the first rounds are the same images"
    return {**found, "changes_against_seeds": difference(outcome["changes"], outcome["seeds"])}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--subjects", type=int, default=32, help="16 slots each")
    options.add_argument("--rounds", type=int, default=3, help="retry rounds after the first")
    options.add_argument("--alignment", type=float, default=0.65, help="smallest cosine of picture and prompt")
    options.add_argument("--keep", type=Path, help="an empty folder for the homes")
    given = options.parse_args()
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory(prefix="genart-retries-") as folder:
        print(json.dumps(measured(Path(folder), given.subjects, given.rounds, given.alignment)))


if __name__ == "__main__":
    main()
