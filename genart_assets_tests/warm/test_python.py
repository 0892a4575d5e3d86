"""The interpreter that tests start our processes with: as Python's own, but for its imports, which are done."""

from __future__ import annotations

import os
import select
import signal
import subprocess

from genart_assets_tests.warm.python import warm_python
from genart_assets_tests.warm.server import IMPORTS

DONE = f"import sys; print({IMPORTS[0]!r} in sys.modules)"


def ended(*arguments: str, said: str = "", **variables: str) -> tuple[int, str, str]:
    command = [warm_python(), *arguments]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, input=said, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_imports_are_done_unless_the_environment_would_change_them() -> None:
    assert ended("-c", DONE) == (0, "True\n", "")
    assert ended("-c", DONE, HF_HOME="/elsewhere") == (0, "False\n", "")


def test_a_process_has_its_own_arguments_streams_environment_and_directory() -> None:
    program = (
        "import os, sys; print(sys.argv, sys.stdin.read(), os.environ['MINE'], os.getcwd()); "
        "print('apart', file=sys.stderr)"
    )
    assert ended("-c", program, "one", "two", said="given", MINE="set") == (
        0,
        f"['-c', 'one', 'two'] given set {os.getcwd()}\n",
        "apart\n",
    )
    assert ended("-m", "genart_assets", "--version")[1].startswith("genart-assets ")


def test_it_ends_as_a_process_ends() -> None:
    assert ended("-c", "raise SystemExit(3)")[0] == 3
    assert ended("-c", "raise SystemExit('why')") == (1, "", "why\n")
    assert ended("-c", "import os; os.kill(os.getpid(), 9)")[0] == -signal.SIGKILL
    assert ended("-c", "import os; os.kill(os.getpid(), 15)")[0] == -signal.SIGTERM
    code, _, told = ended("-c", "1 / 0")
    assert (code, told.splitlines()[-1]) == (1, "ZeroDivisionError: division by zero")


def test_signals_reach_it_and_it_does_not_outlive_a_kill() -> None:
    waits = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"
    for number in (signal.SIGTERM, signal.SIGKILL):
        with subprocess.Popen([warm_python(), "-c", waits], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            gone = os.pidfd_open(int(process.stdout.readline()))
            process.send_signal(number)
            assert process.wait(60) == -number
        assert select.select([gone], [], [], 60)[0]
        os.close(gone)
