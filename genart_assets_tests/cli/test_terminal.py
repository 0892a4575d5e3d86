from __future__ import annotations

import os
import subprocess
import sys

import pytest

from genart_assets.cli.terminal import standard_error_console


def test_what_libraries_print_meanwhile_goes_to_standard_error() -> None:
    code = (
        "import subprocess\n"
        "from genart_assets.cli.terminal import standard_output_reserved\n"
        "with standard_output_reserved(): print('from Python'); subprocess.run(['echo', 'a child'], check=True)\n"
        "print('the answer')\n"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout == "the answer\n"
    assert sorted(told.stderr.splitlines()) == ["a child", "from Python"]


def test_the_console_stays_on_standard_error_when_the_descriptor_is_turned(capfd: pytest.CaptureFixture[str]) -> None:
    with standard_error_console() as console:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        console.print("progress")
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    assert capfd.readouterr().err == "progress\n"
