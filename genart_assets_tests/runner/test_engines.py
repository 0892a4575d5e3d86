"""Engines: found by name, a studio's own beside ours, several batches in flight at once, each heard for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from threading import Barrier, Event

import dagster as dg
import pytest

from genart_assets.defs.partitions import add_batches
from genart_assets.errors import InputError
from genart_assets.instance.home import Home
from genart_assets.records.plan import Batch
from genart_assets.records.studio import UNBOUND
from genart_assets.runner.engine import ENGINES
from genart_assets.runner.execute import assets_of, draws
from genart_assets.runner.in_process import InProcess
from genart_assets.runner.interrupts import Interrupts
from genart_assets.runner.plan_briefs import plan_briefs
from genart_assets.runner.run_briefs import run_batches
from genart_assets.runner.subprocess_engine import Subprocess, pass_on
from genart_assets.runner.worker import Answers
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import answer, deliveries, genart, latents_of, planned_in, write_brief
from genart_assets_tests.runner.studio_engine import LOST, Nodes

STAGES = {"encode", "denoise", "decode", "critic"}


@pytest.fixture(scope="module")
def studio_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a package is installed that registers an engine."""
    folder = tmp_path_factory.mktemp("studio")
    info = folder / "studio_nodes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-nodes\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        f"[genart_assets.engines]\n{Nodes.name} = {Nodes.__module__}:{Nodes.__name__}\n", encoding="utf-8"
    )
    return folder


def test_ours_are_found_by_name() -> None:
    assert ENGINES.find("in-process") is InProcess
    assert ENGINES.find("subprocess") is Subprocess


def test_an_unknown_engine_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    told = genart(tmp_path / "home", "run", tmp_path / "nowhere.yaml", "--engine", "ray")
    assert told.returncode == 2
    assert told.stderr.startswith("error: no engine is called 'ray'; known: in-process, subprocess\nremedy: ")
    assert not (tmp_path / "home").exists()


def test_an_installed_engine_is_among_the_known_ones(studio_package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(studio_package))
    assert ENGINES.find("nodes") is Nodes
    with pytest.raises(InputError, match="known: in-process, nodes, subprocess"):
        ENGINES.find("ray")


@dataclass
class Page:
    """A watcher that notes what it hears."""

    heard: list[tuple[str, str]] = field(default_factory=list)

    def planned(self, batches: Sequence[Batch]) -> None:
        self.heard += [("planned", batch.key) for batch in batches]

    def progress(self, key: str, asset: str, done: int, total: int) -> None:
        self.heard.append((f"{asset} {done}/{total}", key))

    def rendered(self, key: str, passed: int | None) -> None:
        self.heard.append((f"rendered {passed}", key))

    def delivered(self, key: str) -> None:
        self.heard.append(("delivered", key))


def test_a_studios_engine_runs_a_brief_to_delivered_files(
    tmp_path: Path, studio_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(studio_package))
    home = Home.open(tmp_path / "home")
    storage = Storage.open(home.storage_root)
    plan = plan_briefs([write_brief(tmp_path, "spread", 4)], storage, 2, UNBOUND)
    batches = plan.batches
    page = Page()
    with Interrupts() as interrupts:
        summary = run_batches(home, storage, plan.accepted, page, interrupts, ENGINES.find("nodes"))
    assert summary.problems == (f"{batches[0].key}: {LOST}",)
    assert (summary.rendered, summary.newly_rendered, summary.passed, summary.delivered) == (4, 4, 4, 4)
    assert set(summary.model_seconds) == STAGES
    assert len([path for path in deliveries(home.path) if path.endswith(".png")]) == 4
    assert set(latents_of(home.path)) == set(planned_in(home.path))
    assert set(latents_of(home.path).values()) == {1}
    for batch in batches:
        heard = [what for what, key in page.heard if key == batch.key]
        for wanted in ("latents 2/2", "images 2/2", "rendered 2", "deliveries 2/2", "delivered"):
            assert wanted in heard


@dataclass
class Meeting:
    """A report that lets the first word of its execution wait until the other has said one as well."""

    barrier: Barrier
    rows: list[tuple[str, int, int]] = field(default_factory=list)
    stages: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    began: Event = field(default_factory=Event)

    def progress(self, asset: str, done: int, total: int) -> None:
        self._meet()
        self.rows.append((asset, done, total))

    def model_seconds(self, stage: str, seconds: float) -> None:
        self._meet()
        assert seconds > 0
        self.stages.add(stage)

    def problem(self, problem: str) -> None:
        self.problems.append(problem)

    def _meet(self) -> None:
        if not self.began.is_set():
            self.began.set()
            self.barrier.wait(240)


@pytest.fixture
def drawn(tmp_path: Path) -> Iterator[tuple[Home, dg.DagsterInstance, list[Batch]]]:
    """Batches of 1, 2 and 3 rows in a home where the first is rendered."""
    home = Home.open(tmp_path / "home")
    storage = Storage.open(home.storage_root)
    briefs = [write_brief(tmp_path, name, slots) for slots, name in enumerate(("one", "two", "three"), start=1)]
    batches = plan_briefs(briefs, storage, 8, UNBOUND).batches
    with home.instance() as instance:
        add_batches(instance, [batch.key for batch in batches])
        assert InProcess(home, instance).execute("render", batches[0].key, report=Meeting(Barrier(1))) is None
        yield home, instance, batches


def test_batches_in_flight_at_once_are_heard_apart(drawn: tuple[Home, dg.DagsterInstance, list[Batch]]) -> None:
    """One is delivered by a worker while another is rendered here, and a third waits for its turn."""
    home, instance, (one, two, three) = drawn
    here, beside = InProcess(home, instance), Subprocess(home, instance)
    barrier = Barrier(2)
    delivered, rendered, waited = Meeting(barrier), Meeting(barrier), Meeting(Barrier(1))
    beside.prepare("deliver")
    with ThreadPoolExecutor(3) as threads:
        delivery = threads.submit(beside.execute, "deliver", one.key, report=delivered)
        rendering = threads.submit(here.execute, "render", three.key, report=rendered)
        waiting = threads.submit(_after, rendered.began, here, two, waited)
    beside.stop()
    assert (delivery.result(), rendering.result(), waiting.result()) == (None, None, None)
    assert not barrier.broken
    assert {(asset, total) for asset, _, total in delivered.rows} == {("deliveries", 1)}
    assert delivered.stages == set()
    for report, rows in ((rendered, 3), (waited, 2)):
        told = [(done, total) for asset, done, total in report.rows if asset == "latents"]
        assert told == sorted({(0, rows), (rows, rows)})
        assert "deliveries" not in {asset for asset, _, _ in report.rows}
        assert report.stages == STAGES


def _after(began: Event, engine: InProcess, batch: Batch, report: Meeting) -> str | None:
    assert began.wait(240)
    return engine.execute("render", batch.key, report=report)


def test_who_draws_is_read_from_the_assets() -> None:
    assert draws("render")
    assert draws("learn")
    assert draws("learn", ("style_lora",))
    assert not draws("learn", ("training_set",))
    assert not any(map(draws, ("deliver", "settle", "take_turn")))
    assert assets_of("deliver") == ["deliveries"]


@pytest.mark.parametrize(("job", "said"), [("deliver", "not delivered"), ("render", "not rendered")])
def test_a_worker_that_cannot_work_answers_every_order(tmp_path: Path, job: str, said: str) -> None:
    home = Home.open(tmp_path)
    with home.instance() as instance:
        engine = Subprocess(home, instance)
    home.dagster_yaml.write_text("storage: {nonsense: 1}", encoding="utf-8")
    report = Meeting(Barrier(1))
    for key in ("a", "b"):
        problem = engine.execute(job, key, report=report)
        assert problem
        assert problem.startswith(f"{key}: {said}: ")
        assert "dagster.yaml" in problem
        assert problem.endswith("; run the same command again, what is stored is kept")
    engine.stop()


def test_what_a_worker_says_arrives_at_the_report() -> None:
    lines = StringIO()
    answers, report = Answers(lines), Meeting(Barrier(1))
    answers.progress("latents", 2, 4)
    answers.model_seconds("denoise", 0.5)
    answers.problem("a picture was read twice")
    answers.say(refusal="no home")
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [pass_on(line, report) for line in said] == [True, True, True, False]
    assert (report.rows, report.stages) == ([("latents", 2, 4)], {"denoise"})
    assert report.problems == ["a picture was read twice"]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["in-process", "subprocess"])
def test_our_engines_make_the_same_files(tmp_path: Path, engine: str) -> None:
    brief = write_brief(tmp_path, "same", 4)
    arguments: list[object] = ["run", brief, "--batch-rows", 2, "--json"]
    usual, home = tmp_path / "usual", tmp_path / "home"
    answer(genart(usual, *arguments))
    summary = answer(genart(home, *arguments, "--engine", engine))
    assert (summary["newly_rendered"], summary["delivered"]) == (4, 4)
    assert set(summary["model_seconds"]) == STAGES
    assert deliveries(home) == deliveries(usual)
    assert answer(genart(home, *arguments))["newly_rendered"] == 0
