"""`genart demo`: the main job on the brief that the package ships."""

from __future__ import annotations

from pathlib import Path

from genart_assets.cli.run import run_command

DEMO_BRIEF = Path(__file__).parents[1] / "starter" / "briefs" / "demo.yaml"


def demo_command(*, batch_rows: int, engine: str | None = None, as_json: bool) -> int:
    """Runs the shipped brief as `genart run` would. Returns 0, or 1 when something failed and is named."""
    return run_command([DEMO_BRIEF], batch_rows=batch_rows, engine=engine, as_json=as_json)
