"""A real PostgreSQL server on loopback, run by an unprivileged user with all its state in one directory."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from genart_assets_tests.servers.waiting import free_ports, stopped, until

UNPRIVILEGED = "postgres"


@dataclass(frozen=True)
class PostgresServer:
    port: int
    user: str = "genart"
    password: str = "p@ss/w:rd 100%"

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """A fresh database; its address."""
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        connection.cursor().execute(f'CREATE DATABASE "{name}"')
        connection.close()
        return self.url(name)


def find_programs() -> Path | None:
    """The directory of initdb and postgres, or None."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def postgres(base: Path, programs: Path) -> Iterator[PostgresServer]:
    """Run PostgreSQL in the empty directory ``base``, which other users must be able to reach."""
    server = PostgresServer(free_ports(1)[0])
    account = UNPRIVILEGED if os.geteuid() == 0 else None
    password_file = base / "password"
    password_file.write_text(server.password, encoding="utf-8")
    if account:
        base.chmod(0o700)
        owner = pwd.getpwnam(account)
        for path in (base, password_file):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    data = base / "data"
    options = ["--auth=scram-sha-256", f"--username={server.user}", f"--pwfile={password_file}", "--encoding=UTF8"]
    subprocess.run(
        [programs / "initdb", "-D", data, "--no-sync", "--locale=C", *options],
        check=True, capture_output=True, cwd=base, user=account, group=account, extra_groups=[] if account else None,
    )  # fmt: skip
    command = [
        programs / "postgres",
        "-D",
        data,
        "-h",
        "127.0.0.1",
        "-p",
        str(server.port),
        "-k",
        base,
        "-c",
        "fsync=off",
    ]
    with open(base / "log", "wb") as log:
        process = subprocess.Popen(
            command,
            stdout=log, stderr=subprocess.STDOUT, cwd=base, user=account, group=account,
            extra_groups=[] if account else None,
        )  # fmt: skip
    with stopped(process):
        until(lambda: _answers(server), f"PostgreSQL on port {server.port}; its log is in {base}")
        yield server


def _answers(server: PostgresServer) -> bool:
    try:
        psycopg2.connect(server.url("postgres")).close()
    except psycopg2.OperationalError:
        return False
    return True
