"""The whole flow on the starter model, as a user meets it: briefs in, one JSON object and delivered files out."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from genart_assets_tests.runner.command import answer, deliveries, genart, latents_of, planned_in, tree, write_brief

SIZES = (64, 96)
RASTER = {"png": "PNG", "webp": "WEBP", "avif": "AVIF", "jpeg": "JPEG"}

Flow = tuple[Path, list[object], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Flow:
    """A home in which one command ran two briefs: home, arguments, and what the command told."""
    folder = tmp_path_factory.mktemp("flow")
    fruit = write_brief(folder, "fruit", 6, deliver={"formats": [*RASTER, "svg"], "sizes": list(SIZES)})
    strict = write_brief(folder, "strict", 2, style_guide={"expect": {"sharpness": {"min": 1e9}}})
    arguments: list[object] = ["run", fruit, strict, "--batch-rows", 4, "--json"]
    return folder / "home", arguments, genart(folder / "home", *arguments, python=sys.executable)


def test_one_object_tells_what_was_done(flow: Flow) -> None:
    home, _, told = flow
    summary = answer(told)
    assert summary["seconds"] > sum(summary["model_seconds"].values()) > 0
    assert set(summary["model_seconds"]) == {"encode", "denoise", "decode", "critic"}
    for varying in ("seconds", "model_seconds"):
        del summary[varying]
    assert summary == {
        "slots": 8,
        "rendered": 8,
        "newly_rendered": 8,
        "passed": 6,
        "failed": 2,
        "waiting": 0,
        "accepted": 0,
        "delivered": 6,
        "files": 6 * (len(RASTER) * len(SIZES) + 1),
        "rounds": [{"round": 0, "rendered": 8, "passed": 6}],
        "sheets": [],
        "storage": str(home / "storage"),
        "problems": [],
    }


def test_every_recipe_of_the_plan_is_rendered_once(flow: Flow) -> None:
    assert latents_of(flow[0]) == Counter(planned_in(flow[0]))
    assert len(latents_of(flow[0])) == 8


def test_files_are_there_in_every_format_and_size(flow: Flow) -> None:
    batches = sorted((flow[0] / "storage" / "deliveries" / "fruit").iterdir())
    assert [batch.name.rsplit(".", 2)[1:] for batch in batches] == [["r0", "0000"], ["r0", "0001"]]
    images = [image for batch in batches for image in sorted(batch.iterdir())]
    assert [int(image.name.split("-")[0]) for image in images] == list(range(6))
    for image in images:
        manifest = json.loads((image / "manifest.json").read_bytes())
        files = {(file["format"], file["width"]): image / file["name"] for file in manifest["files"]}
        assert {(f, size) for f in RASTER for size in SIZES} < set(files)
        assert {f for f, _ in files} == {*RASTER, "svg"}
        for file in manifest["files"]:
            assert hashlib.sha256((image / file["name"]).read_bytes()).hexdigest() == file["sha256"]
        for (kind, size), path in files.items():
            if kind in RASTER:
                picture = Image.open(BytesIO(path.read_bytes()))
                assert (picture.format, picture.size) == (RASTER[kind], (size, size))
        assert {path.name for path in image.iterdir()} == {path.name for path in files.values()} | {"manifest.json"}


def test_each_batch_has_a_report(flow: Flow) -> None:
    storage = flow[0] / "storage"
    batches = {path.name for path in (storage / "assets" / "generation_plan").iterdir()}
    assert len(batches) == 3
    assert {path.stem for path in (storage / "reports").glob("*.html")} == batches


def test_what_fails_its_gate_is_not_delivered(flow: Flow) -> None:
    strict = flow[0] / "storage" / "deliveries" / "strict"
    assert not [path for path in strict.rglob("*") if path.is_file()]
    (report,) = (flow[0] / "storage" / "reports").glob("strict.*.html")
    assert "sharpness" in report.read_text(encoding="utf-8")


def test_the_same_command_again_renders_nothing_and_changes_no_byte(flow: Flow) -> None:
    home, arguments, told = flow
    before = tree(home / "storage")
    first, second = answer(told), answer(genart(home, *arguments))
    assert tree(home / "storage") == before
    assert second["newly_rendered"] == 0
    assert second["model_seconds"] == {}
    for same in ("slots", "rendered", "passed", "failed", "delivered", "files", "rounds", "problems"):
        assert second[same] == first[same]


def test_a_home_without_its_dagster_instance_is_caught_up_from_the_storage(flow: Flow, tmp_path: Path) -> None:
    """Runs and events are lost, what was rendered and delivered is not: nothing is made twice."""
    home, arguments, _ = flow
    before = tree(home / "storage")
    summary = answer(genart(tmp_path / "home", *arguments, GENART_STORAGE=str(home / "storage")))
    assert summary["newly_rendered"] == 0
    assert summary["delivered"] == 6
    assert {path: digest for path, digest in tree(home / "storage").items() if path in before} == before
    assert deliveries(home)


def test_without_json_a_person_reads_a_table(flow: Flow) -> None:
    home, arguments, _ = flow
    told = genart(home, *(a for a in arguments if a != "--json"))
    assert told.returncode == 0
    assert "6 (75%)" in told.stdout
    assert str(home / "storage" / "deliveries") in told.stdout.replace("\n", "")
