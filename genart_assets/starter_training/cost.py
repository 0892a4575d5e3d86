"""Measures the cost of one image of the starter, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from genart_assets.errors import ModelError

SCRIPT = """
import json, sys, time
from pathlib import Path
import torch
from diffusers import DiffusionPipeline, StableDiffusionPipeline  # before the clock: loading means the weights
from transformers import CLIPTextModel, CLIPTokenizer
from genart_assets.models.loading import load_model
from genart_assets.models.device import device_class
from genart_assets.stages.rendering.render import render
from genart_assets.starter_training.evaluation import planned_of, wishes_of
from genart_assets.starter_training.vocabulary import vocabulary
device_class()
began = time.perf_counter()
model = load_model(sys.argv[1])
loaded = time.perf_counter() - began
plan = planned_of(wishes_of(vocabulary())[:32], model)
render(plan[:16], model, 16)
began = time.perf_counter()
render(plan, model, 16)
seconds = time.perf_counter() - began
status = Path("/proc/self/status").read_text().splitlines()
(peak_kib,) = [int(line.split()[1]) for line in status if line.startswith("VmHWM:")]
print(json.dumps({
    "load_seconds": loaded,
    "seconds_per_image": seconds / len(plan),
    "peak_gib": peak_kib / 2**20,
    "threads": torch.get_num_threads(),
}))
"""


def measure_cost(pipeline: Path) -> dict[str, float]:
    """Seconds to load, seconds per image (20 steps, guidance, micro-batches of 16) and peak memory of a new process.

    The libraries are imported before the clock starts. The peak is Linux's ``VmHWM`` of the process itself;
    ``ru_maxrss`` is inherited through ``exec`` and may be the parent's.

    Raises:
        ModelError: the process failed; the message has its error output.
    """
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(pipeline)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ModelError(f"the starter could not be measured: {done.stderr}", remedy="correct the error above")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
