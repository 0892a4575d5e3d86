"""Implements `genart bench`: the share of a run's time in the models, and its speed beside a bare diffusers loop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from genart_assets.errors import GenartError
from genart_assets.instance import process_settings

BENCH_BRIEF = Path(__file__).parents[1] / "starter" / "briefs" / "market.yaml"
BARE_MICRO_BATCHES = 4


@dataclass(frozen=True)
class Benchmark:
    """The figures of a benchmark."""

    images: int
    wall_seconds: float
    """Time of the whole command, from process start to exit, deliveries included."""
    model_seconds: float
    model_share: float
    """Share of the wall time in encode, denoise, decode and critic calls."""
    images_per_second: float
    bare_images_per_second: float
    """Speed of diffusers' pipeline in a loop with the same micro-batch, steps and guidance; nothing is stored."""
    ratio_to_bare: float


def bench_command(*, as_json: bool) -> int:
    """Run the benchmark brief in a home of its own, then the bare loop. Returns 0.

    Raises:
        GenartError: the run failed.
    """
    process_settings.begin()
    console = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="genart-bench-") as home:
        summary, wall = _run(home, console)
    with console.status("bare diffusers loop"):
        bare = _bare_images_per_second(summary["rendered"])
    spent = sum(summary["model_seconds"].values())
    speed = summary["rendered"] / wall
    found = Benchmark(
        images=summary["rendered"],
        wall_seconds=round(wall, 2),
        model_seconds=round(spent, 2),
        model_share=round(spent / wall, 3),
        images_per_second=round(speed, 3),
        bare_images_per_second=round(bare, 3),
        ratio_to_bare=round(speed / bare, 3),
    )
    if as_json:
        print(json.dumps(asdict(found)))
    else:
        table = Table(title="benchmark", show_header=False, title_justify="left")
        for name, value in asdict(found).items():
            table.add_row(name.replace("_", " "), str(value))
        for kind, seconds in summary["model_seconds"].items():
            table.add_row(f"seconds in {kind}", str(seconds))
        Console(highlight=False).print(table)
    return 0


def _run(home: str, console: Console) -> tuple[dict, float]:
    environment = {k: v for k, v in os.environ.items() if k not in ("GENART_STORAGE", "GENART_POSTGRES_URL")}
    command = [sys.executable, "-m", "genart_assets", "run", str(BENCH_BRIEF), "--json"]
    began = time.perf_counter()
    done = subprocess.run(
        command, env={**environment, "GENART_HOME": home}, stdout=subprocess.PIPE, stderr=None, text=True, check=False
    )
    wall = time.perf_counter() - began
    if done.returncode:
        raise GenartError(f"the run of {BENCH_BRIEF.name} ended with {done.returncode}", remedy="read the lines above")
    console.print(f"run finished in {wall:.1f} s")
    return json.loads(done.stdout), wall


def _bare_images_per_second(images: int) -> float:
    """Speed of diffusers' pipeline in a loop, after loading and one micro-batch, over a few micro-batches."""
    import torch

    from genart_assets.models.loading import load_model
    from genart_assets.models.microbatch import chunks, micro_batch_rows
    from genart_assets.models.schedules import schedule_of, scheduler_of
    from genart_assets.stages.acceptance.what_is_installed import installed
    from genart_assets.stages.briefs.read_briefs import read_brief_file
    from genart_assets.stages.briefs.templates import fill
    from genart_assets.stages.planning.plan import slots

    brief = read_brief_file(BENCH_BRIEF, known=installed())
    model = load_model(brief.model)
    rows = micro_batch_rows(model.device_class.device, *brief.size)
    prompts = [fill(brief.prompt, slot.values) for slot in slots(brief)][: min(images, rows * BARE_MICRO_BATCHES)]
    model.pipe.scheduler = scheduler_of(schedule_of(brief.model, brief.sampler), brief.sampler.steps)

    def render(some: Sequence[str]) -> None:
        noise = [torch.Generator("cpu").manual_seed(k) for k in range(len(some))]
        model.pipe(
            list(some),
            negative_prompt=[brief.negative_prompt] * len(some),
            num_inference_steps=brief.sampler.steps,
            guidance_scale=brief.sampler.guidance,
            guidance_rescale=brief.sampler.guidance_rescale,
            width=brief.size[0],
            height=brief.size[1],
            generator=noise,
        )

    render(prompts[:rows])
    began = time.perf_counter()
    for some in chunks(prompts, rows):
        render(some)
    return len(prompts) / (time.perf_counter() - began)
