"""Runs Feast in a process of its own, with a Python that has it."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from genart_assets.errors import FeatureStoreError

PYTHON_VARIABLE = "GENART_FEAST_PYTHON"
REQUIREMENT = "feast[duckdb]>=0.67,<0.68"
INSTALLATION = (
    f"python -m venv feast && feast/bin/pip install '{REQUIREMENT}' && export {PYTHON_VARIABLE}=$PWD/feast/bin/python"
)
WORKER = Path(__file__).with_name("feast_worker.py")


def feast_python(environment: Mapping[str, str] = os.environ) -> str:
    """The Python that has Feast: GENART_FEAST_PYTHON, otherwise this Python.

    Raises:
        FeatureStoreError: neither has Feast.
    """
    named = environment.get(PYTHON_VARIABLE, "")
    if named and not os.access(named, os.X_OK):
        raise FeatureStoreError(f"{PYTHON_VARIABLE} names {named}, which is not a program", remedy=INSTALLATION)
    if not named and importlib.util.find_spec("feast") is None:
        raise FeatureStoreError(
            f"Feast is not installed, and {PYTHON_VARIABLE} does not name a Python that has it", remedy=INSTALLATION
        )
    return named or sys.executable


class FeastProcess:
    """A process for Feast; the first request starts it, and the end of the block stops it."""

    def __init__(self, folder: Path, python: str) -> None:
        self._folder, self._python = folder, python
        self._errors = TemporaryFile()  # noqa: SIM115  (closed when the block ends)
        self._process: subprocess.Popen[str] | None = None

    def ask(self, do: str, **given: Any) -> Any:
        """The worker's answer to a request.

        Raises:
            FeatureStoreError: Feast refuses, or the worker has ended.
        """
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"folder": str(self._folder), "do": do, "with": given}) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise FeatureStoreError(
                f"{self._python} ended during Feast's {do}: {self._last_words()}",
                remedy=f"make sure that it can run {WORKER}",
            )
        answer = json.loads(line)
        if "error" in answer:
            lost = answer["error"].startswith("ModuleNotFoundError")
            remedy = INSTALLATION if lost else f"materialise the asset feature_store, which makes {self._folder}"
            raise FeatureStoreError(f"Feast cannot {do}: {answer['error']}", remedy=remedy)
        return answer["answer"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            if kind is not None:
                self._process.kill()
            with suppress(BrokenPipeError), self._process:  # closes its standard input, which ends it, and waits
                pass
        self._errors.close()

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._python, "-I", str(WORKER)],  # isolated: it must not import the modules beside it
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )

    def _last_words(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip().rpartition("\n")[2] or "it printed nothing"
