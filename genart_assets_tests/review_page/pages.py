"""`genart review` as a process, and Debian's Chromium on its page."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from genart_assets_tests.servers.fixtures import missing


@dataclass
class ReviewServer:
    """A server that can be killed and started again at the same address."""

    home: Path
    python: str = sys.executable
    port: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [self.python, "-m", "genart_assets", "review", "--json", "--reviewer", "Ada", "--port"]
        self.process = subprocess.Popen(
            [*command, str(self.port)],
            env={**os.environ, "GENART_HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.told = json.loads(self.process.stdout.readline())
        self.port = urlsplit(self.address).port or 0

    @property
    def address(self) -> str:
        """With the token."""
        return self.told["address"]

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        assert self.process
        assert self.process.stdout
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


@contextmanager
def review_server(home: Path, python: str = sys.executable) -> Iterator[ReviewServer]:
    server = ReviewServer(home, python)
    server.start()
    try:
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.end()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
