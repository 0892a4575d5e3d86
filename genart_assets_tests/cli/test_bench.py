from __future__ import annotations

import json
from pathlib import Path

import pytest

from genart_assets.cli import bench
from genart_assets_tests.runner.command import write_brief


@pytest.mark.slow
def test_the_benchmark_measures_a_run_and_a_bare_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "BENCH_BRIEF", write_brief(tmp_path, "bench", 4))
    assert bench.bench_command(as_json=True) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == 4
    assert 0 < found["model_share"] < 1
    assert found["model_seconds"] < found["wall_seconds"]
    assert found["ratio_to_bare"] == pytest.approx(
        found["images_per_second"] / found["bare_images_per_second"], rel=0.05, abs=0.002
    )
