from __future__ import annotations

import os
import subprocess

import pytest

from genart_assets.commands.terminal import standard_error_console, standard_output_kept


def test_what_libraries_print_meanwhile_goes_to_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with standard_output_kept():
        print("from Python")
        subprocess.run(["echo", "from a process"], check=True)
    print("the answer", flush=True)
    told = capfd.readouterr()
    assert told.out == "the answer\n"
    assert told.err.splitlines() == ["from Python", "from a process"]


def test_the_console_stays_on_standard_error_when_the_descriptor_is_turned(capfd: pytest.CaptureFixture[str]) -> None:
    with standard_error_console() as console:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        console.print("progress")
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    assert capfd.readouterr().err == "progress\n"
