"""What switching LoRAs costs: ``python -m genart_assets_tests.models.bench_loras``.

Renders 256 recipes on the starter, in turn with one LoRA for all of them and with 8 random LoRAs mixed among them, 32
recipes each, shuffled. One line of JSON: the seconds of denoising of both, the better of ``--repeats``; their ratio,
warm; the same with the 8 LoRAs read from their files first; switches and loads; and of how many recipes, rendered
alone, the latents have the very same bits (``--alone``, spread over the LoRAs; alone a recipe costs as much as 16).
Few steps (``--steps``) make switching look dearer than it is in use. Exit code 1 where the ratio is above 1.1, or bits
differ.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from genart_assets.instance import process_settings
from genart_assets.models.loading import load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.records.plan import PlannedImage
from genart_assets.records.recipe import RecipeLora
from genart_assets.stages.rendering.denoise import denoise
from genart_assets.stages.rendering.encode_prompts import encode_prompts, unique_texts
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets_tests.models.tiny_loras import random_lora, used
from genart_assets_tests.starter_plans import starter_plan

RECIPES, LORAS, MOST = 256, 8, 1.10


class Bench:
    def __init__(self, names: Mapping[str, str], texts: Sequence[PlannedImage]) -> None:
        self.model = load_model("starter")
        self.rows = micro_batch_rows(self.model.device_class.device, 64, 64)
        self._inputs = Inputs(names)
        self._states: dict[str, torch.Tensor] = {}
        for encoded in encode_prompts(unique_texts(texts), self.model, self.rows):
            self._states.update(zip(encoded.ids, encoded.data["states"], strict=True))

    def run(self, plan: Sequence[PlannedImage]) -> tuple[float, dict[str, torch.Tensor]]:
        """Seconds, and recipe id to latents."""
        began, found = time.perf_counter(), dict[str, torch.Tensor]()
        for drawn in denoise(plan, self._take, {}, self.model, self.rows, self._inputs):
            found.update(zip(drawn.ids, drawn.data["latents"].cpu(), strict=True))
        return time.perf_counter() - began, found

    def _take(self, ids: Sequence[str]) -> dict[str, torch.Tensor]:
        return {"states": torch.stack([self._states[id] for id in ids])}


def with_loras(plan: Sequence[PlannedImage], loras: Sequence[RecipeLora]) -> list[PlannedImage]:
    """Each row with one LoRA, all equally often, in random order."""
    dealt = [loras[row % len(loras)] for row in range(len(plan))]
    random.Random(0).shuffle(dealt)
    return [
        planned.model_copy(update={"recipe": planned.recipe.model_copy(update={"loras": (lora,)})})
        for planned, lora in zip(plan, dealt, strict=True)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--alone", type=int, default=32)
    asked = parser.parse_args()
    plan = starter_plan(RECIPES, steps=asked.steps)
    with tempfile.TemporaryDirectory() as folder:
        folders = [random_lora(Path(folder) / f"lora{k}", k, rank=16) for k in range(LORAS)]
        loras = [used(path) for path in folders]
        bench = Bench({lora.snapshot: str(path) for lora, path in zip(loras, folders, strict=True)}, plan)
        one, mixed = with_loras(plan, loras[:1]), with_loras(plan, loras)
        adapters = bench.model.adapters
        bench.run(one[: bench.rows])  # the first call of a process is slow
        cold, latents = bench.run(mixed)
        loads, switches = adapters.loads, adapters.switches
        seconds: dict[str, list[float]] = {"one": [], "mixed": []}
        for _ in range(asked.repeats):
            seconds["one"].append(bench.run(one)[0])
            seconds["mixed"].append(bench.run(mixed)[0])
        warm_switches = (adapters.switches - switches) // asked.repeats
        alone = mixed[:: RECIPES // asked.alone] if asked.alone else []
        equal = sum(bench.run([row])[1][row.recipe_id].equal(latents[row.recipe_id]) for row in alone)
    best = {name: min(found) for name, found in seconds.items()}
    ratio = best["mixed"] / best["one"]
    told = {
        "recipes": RECIPES,
        "loras": LORAS,
        "steps": asked.steps,
        "seconds_one_lora": round(best["one"], 2),
        "seconds_mixed": round(best["mixed"], 2),
        "ratio": round(ratio, 3),
        "ratio_with_loading": round(cold / best["one"], 3),
        "loads": loads,
        "switches_of_both_passes": warm_switches,
        "alone": len(alone),
        "alone_with_equal_bits": equal,
        "loras_rendered_alone": len({row.recipe.loras for row in alone}),
    }
    print(json.dumps(told))
    return 0 if ratio <= MOST and equal == len(alone) else 1


if __name__ == "__main__":
    process_settings.begin()
    raise SystemExit(main())
