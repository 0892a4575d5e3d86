"""Dagit and the daemon on a home: they answer, they take work from the queue, they stop without a trace."""

import json
import multiprocessing
import os
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest

from genart_assets.errors import GenartError, InputError
from genart_assets.instance.home import Home
from genart_assets.instance.servers import serve
from genart_assets_tests.servers.waiting import until

SPAWN = multiprocessing.get_context("spawn")
GRAPH = "genart_assets_tests.instance.tiny_graph"
WHAT_LOADED = (
    "{ workspaceOrError { ... on Workspace { locationEntries { name locationOrLoadError { __typename } } } } }"
)
LAUNCH = """mutation($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""


def _serve(home: Path, module: str, told: "multiprocessing.Queue[str]") -> None:
    try:
        serve(Home.open(home), "127.0.0.1", 0, told.put, module)
    except GenartError as error:
        told.put(str(error))
        raise SystemExit(1) from error


@contextmanager
def serving(home: Path, module: str = GRAPH) -> Iterator[tuple[BaseProcess, str]]:
    told: multiprocessing.Queue[str] = SPAWN.Queue()
    process = SPAWN.Process(target=_serve, args=(home, module, told))
    process.start()
    try:
        yield process, told.get(timeout=120)
    finally:
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGTERM)
        process.join(60)


def _graphql(address: str, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["data"]


def test_dagit_and_the_daemon_run_a_queued_partition_and_stop_without_a_trace(tmp_path: Path) -> None:
    with Home.open(tmp_path).instance() as instance:
        instance.add_dynamic_partitions("batches", ["one"])
        with serving(tmp_path) as (process, address):
            [location] = _graphql(address, WHAT_LOADED)["workspaceOrError"]["locationEntries"]
            assert location["locationOrLoadError"]["__typename"] == "RepositoryLocation"
            selector = {
                "repositoryLocationName": location["name"],
                "repositoryName": "__repository__",
                "pipelineName": "__ASSET_JOB",
                "assetSelection": [{"path": ["shapes"]}],
            }
            tags = [{"key": "dagster/partition", "value": "one"}]
            launched = _graphql(address, LAUNCH, params={"selector": selector, "executionMetadata": {"tags": tags}})
            run_id = launched["launchRun"]["run"]["runId"]
            until(lambda: _finished(instance, run_id), "the daemon to run the partition")
            assert instance.get_materialized_partitions(dg.AssetKey("shapes")) == {"one"}

            children = psutil.Process(process.pid).children(recursive=True)
            assert {"dagster-webserver", "dagster-daemon"} <= {Path(child.cmdline()[1]).name for child in children}
            os.kill(process.pid or 0, signal.SIGTERM)
            process.join(60)
            assert process.exitcode == 0
            assert psutil.wait_procs(children, timeout=60)[1] == []


def _finished(instance: dg.DagsterInstance, run_id: str) -> bool:
    run = instance.get_run_by_id(run_id)
    return run is not None and run.is_finished


def test_on_postgres_no_command_line_shows_the_password(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENART_POSTGRES_URL", postgres_url)
    with serving(tmp_path) as (process, address):
        assert _graphql(address, WHAT_LOADED)["workspaceOrError"]["locationEntries"]
        commands = [child.cmdline() for child in psutil.Process(process.pid).children(recursive=True)]
        assert len(commands) > 2, "the code servers too"
        secret = postgres_url.split("@")[0].rpartition(":")[2]
        assert secret not in str(commands)
    for log in (tmp_path / "logs").iterdir():
        assert secret not in log.read_text(encoding="utf-8")


def test_the_end_of_one_server_ends_both_and_is_told(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, _):
        children = psutil.Process(process.pid).children()
        [webserver] = [child for child in children if Path(child.cmdline()[1]).name == "dagster-webserver"]
        webserver.kill()
        process.join(60)
        assert process.exitcode == 1
        assert psutil.wait_procs(children, timeout=60)[1] == []


def test_a_taken_port_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port}: Address already in use") as refused:
            serve(Home.open(tmp_path), "127.0.0.1", port, print, GRAPH)
    assert "--port" in refused.value.remedy
    assert not (tmp_path / "logs").exists()
