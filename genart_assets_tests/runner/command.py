"""`genart run` as a process, small briefs for it, and what it left on disk."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from genart_assets.storage.parts import Manifest
from genart_assets.storage.shards import SUFFIX, describe_shard
from genart_assets_tests.warm.python import warm_python

ONE_THREAD = {"GENART_THREADS": "1"}
"""Quicker than two where tests share a machine's cores."""
SUBJECTS = ("red apple", "lemon", "frog", "peach", "tomato", "strawberry", "kiwi fruit", "eggplant")


def write_brief(folder: Path, name: str, slots: int = 4, **keys: Any) -> Path:
    """A brief of ``slots`` quick images (2 steps) that all pass; ``keys`` replace its own."""
    content = {
        "brief": name,
        "prompt": "classic icon of {subject} on teal background",
        "vary": {"subject": list(SUBJECTS[:slots])} if slots <= len(SUBJECTS) else {"subject": list(SUBJECTS)},
        "repeats": max(1, slots // len(SUBJECTS)),
        "sampler": {"steps": 2},
        "deliver": {"formats": ["png"], "sizes": [64]},
        **keys,
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def start(home: Path, *arguments: object, python: str = "", **environment: str) -> subprocess.Popen[str]:
    """The command line as a process that leads a group of its own and heeds Ctrl-C.

    Its imports are done, unless ``python`` names an interpreter that does them itself.
    """
    return subprocess.Popen(
        [python or warm_python(), "-m", "genart_assets", *map(str, arguments)],
        env={**os.environ, "GENART_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", **ONE_THREAD, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = process.communicate(timeout=900)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def genart(home: Path, *arguments: object, python: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return finished(start(home, *arguments, python=python, **environment))


def answer(told: subprocess.CompletedProcess[str], code: int = 0) -> dict[str, Any]:
    """The one JSON object on standard output, of a command that ended with ``code`` and without a traceback."""
    assert told.returncode == code, told.stderr
    assert "Traceback" not in told.stderr
    return json.loads(told.stdout)


def tree(folder: Path) -> dict[str, str]:
    """Relative path to SHA-256 of every file; locks and caches are left out."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".locks", ".cache"}.intersection(path.parts)
    }


def deliveries(home: Path) -> dict[str, str]:
    return tree(home / "storage" / "deliveries")


def latents_of(home: Path) -> Counter[str]:
    """How often each recipe's latents are stored, over all shards on disk."""
    shards = (home / "storage" / "assets" / "latents").rglob(f"*{SUFFIX}")
    return Counter(recipe for shard in shards for recipe in describe_shard(shard.read_bytes()).settled)


def planned_in(home: Path) -> list[str]:
    """The recipes of all batches whose plan is sealed."""
    manifests = (home / "storage" / "assets" / "generation_plan").rglob("manifest.json")
    return [recipe for path in manifests for recipe in Manifest.model_validate_json(path.read_bytes()).ids]


def statuses(home: Path) -> Counter[str]:
    """How many runs of each status the home's Dagster instance holds."""
    from genart_assets.instance.home import Home

    with Home.open(home).instance() as instance:
        return Counter(run.status.value for run in instance.get_runs())


def processes_of(home: Path) -> list[tuple[int, str]]:
    """The living processes whose environment names this home: pid and command line."""
    wanted = f"GENART_HOME={home}".encode()
    found: list[tuple[int, str]] = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
        except OSError:
            continue  # it has ended, or is another user's
    return found


def eventually(holds: Callable[[], bool], seconds: float = 120.0) -> bool:
    """Whether something comes to hold before the time is over; it is looked at again and again."""
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.005)
    return held
