"""Ctrl-C, SIGTERM and a closed terminal: a prompt, quiet end that leaves nothing running and can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from genart_assets.runner.interrupts import Interrupted, Interrupts
from genart_assets_tests.runner.command import (
    answer,
    deliveries,
    eventually,
    finished,
    genart,
    latents_of,
    processes_of,
    start,
    statuses,
    write_brief,
)

SAID = "interrupted; run the same command again to resume"


def _interrupted(home: Path, arguments: list[object], number: int, *, group: bool) -> subprocess.CompletedProcess[str]:
    """A command that got a signal once it stored the next latents, and nothing of it is alive any more."""
    before = len(latents_of(home))
    process = start(home, *arguments, python=sys.executable)
    assert eventually(lambda: len(latents_of(home)) > before or process.poll() is not None, 300)
    (os.killpg if group else os.kill)(process.pid, number)
    told = finished(process)
    assert eventually(lambda: not processes_of(home), 300), processes_of(home)
    return told


@pytest.mark.slow
def test_every_way_to_end_a_run_is_quiet_and_resumable(tmp_path: Path) -> None:
    brief = write_brief(tmp_path, "patient", 16)
    arguments: list[object] = ["run", brief, "--batch-rows", 4, "--json"]
    home = tmp_path / "home"
    ways = [(signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, False)]
    for number, group in ways:
        told = _interrupted(home, arguments, number, group=group)
        assert told.returncode == 128 + number, told.stderr
        assert told.stdout == ""
        assert SAID in told.stderr.splitlines()
        assert "Traceback" not in told.stderr
        assert set(statuses(home)) <= {"SUCCESS", "FAILURE", "CANCELED"}
    summary = answer(genart(home, *arguments))
    assert summary["delivered"] == 16
    assert summary["newly_rendered"] < 16
    assert len([path for path in deliveries(home) if path.endswith(".png")]) == 16
    assert set(latents_of(home).values()) == {1}


def test_a_signal_before_the_first_batch_is_heeded(tmp_path: Path) -> None:
    brief = write_brief(tmp_path, "early", 4)
    process = start(tmp_path / "home", "run", brief, python=sys.executable)
    assert eventually(lambda: (tmp_path / "home" / "storage" / "orders").exists() or process.poll() is not None)
    os.kill(process.pid, signal.SIGINT)
    told = finished(process)
    assert told.returncode == 130
    assert told.stderr.splitlines()[-1] == SAID
    assert not latents_of(tmp_path / "home")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_raised_with_its_exit_code(number: signal.Signals) -> None:
    with Interrupts() as interrupts, pytest.raises(Interrupted) as raised:
        signal.raise_signal(number)
    assert raised.value.exit_code == 128 + number
    assert isinstance(raised.value, KeyboardInterrupt)
    assert interrupts is not None


def test_a_signal_that_another_handler_swallowed_is_found() -> None:
    with Interrupts() as interrupts:
        interrupts.check()
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(Interrupted):
            interrupts.check()


def test_one_wish_told_twice_does_not_disturb_the_cleanup() -> None:
    with Interrupts():
        try:
            signal.raise_signal(signal.SIGINT)
        except Interrupted:
            signal.raise_signal(signal.SIGINT)


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with Interrupts():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_what_the_process_was_started_to_ignore_stays_ignored() -> None:
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from genart_assets.runner.interrupts import Interrupts\n"
        "with Interrupts() as interrupts: signal.raise_signal(signal.SIGHUP); interrupts.check()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
