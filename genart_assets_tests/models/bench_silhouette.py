"""Whether the silhouette control holds the foreground: ``python -m genart_assets_tests.models.bench_silhouette``.

Shapes are icons at random places, sizes and turns, so that only the control image tells where a subject is: those of
the icon sets in ``GENART_ICONS``, as in the starter's evaluation, or else the largest solid part of the starter's own.
Each is rendered through the platform's stages with the control and without, same seed and prompt. One line of JSON:
the median intersection over union of the rendered foreground (CIEDE2000 above 15 from the background) with the shape,
both ways. ``--images``, ``--steps``; ``--sheet FILE.png`` keeps shapes, controlled and plain pictures. Exit code 1
where the medians miss 0.75 and 0.5.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image

from genart_assets.instance import process_settings
from genart_assets.models.loading import load_model
from genart_assets.models.microbatch import micro_batch_rows
from genart_assets.models.schedules import schedule_for
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe, RecipeControl
from genart_assets.stages.rendering.inputs import Inputs
from genart_assets.stages.rendering.render import render
from genart_assets.starter_training.control import JITTER, silhouettes
from genart_assets.starter_training.control_evaluation import foreground, iou
from genart_assets.starter_training.icons import Sources, read_icons
from genart_assets.starter_training.renderings import place_icons
from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.vocabulary import vocabulary
from genart_assets.storage.pixels import pixel_sha256
from genart_assets_tests.models.tiny_controls import shipped_control

LEAST_WITH, MOST_WITHOUT = 0.75, 0.5
SIDE, SEED = 64, 52


def planned(index: int, prompt: str, seed: int, steps: int, control: RecipeControl | None = None) -> PlannedImage:
    recipe = Recipe(
        prompt=prompt,
        negative_prompt="",
        seed=seed,
        schedule=schedule_for("starter", "model", steps, (64, 64)),
        steps=steps,
        guidance=5.0,
        width=SIDE,
        height=SIDE,
        control=control,
        model_snapshot=load_model("starter").snapshot.snapshot_id,
    )
    return PlannedImage(slot=Slot(brief="bench", index=index, values={}, repeat=0), round=0, recipe=recipe)


def shape_of(picture: np.ndarray, colour: tuple[int, int, int], random: np.random.Generator) -> np.ndarray:
    """The largest solid part of a picture's foreground, elsewhere and in another size: ``uint8 [64, 64, 3]``."""
    from scipy.ndimage import binary_fill_holes, label

    parts, _ = label(binary_fill_holes(foreground(picture, colour)))
    largest = 1 + int(np.argmax(np.bincount(parts.ravel())[1:]))
    mask = Image.fromarray(((parts == largest) * 255).astype(np.uint8))
    box = mask.getbbox() or (0, 0, SIDE, SIDE)
    cut = mask.crop(box).rotate(random.uniform(-JITTER.turn, JITTER.turn), Image.Resampling.BILINEAR, expand=True)
    scale = random.uniform(*JITTER.share) * SIDE / max(cut.size)
    cut = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.BILINEAR)
    x, y = ((SIDE - side) / 2 + random.uniform(-JITTER.shift, JITTER.shift) for side in cut.size)
    whole = Image.new("L", (SIDE, SIDE), 0)
    whole.paste(cut, (round(x), round(y)))
    return np.repeat(np.asarray(whole)[..., None], 3, axis=2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--sheet", type=Path)
    asked = parser.parse_args()
    icon_sets = os.environ.get("GENART_ICONS")
    words, random, model = vocabulary(), np.random.default_rng(SEED), load_model("starter")
    rows = micro_batch_rows(model.device_class.device, SIDE, SIDE)
    names = list(words.backgrounds)
    pairs = spread(words.seen, asked.images)
    behind = [names[row * 5 % len(names)] for row in range(len(pairs))]
    prompts = [f"{p.style} icon of {p.subject} on {name} background" for p, name in zip(pairs, behind, strict=True)]
    colours = [words.backgrounds[name] for name in behind]
    if icon_sets:
        placed = place_icons(read_icons(Sources(Path(icon_sets)), words), pairs, 1, JITTER, SEED).values[:, 0]
        shapes = list((silhouettes(placed).transpose(0, 2, 3, 1) * 255).round().astype(np.uint8))
    else:
        models = [planned(row, prompt, SEED * 1000 + row, asked.steps) for row, prompt in enumerate(prompts)]
        drawn = render(models, model, rows)
        shapes = [shape_of(drawn[p.recipe_id], colour, random) for p, colour in zip(models, colours, strict=True)]
    hashes = [pixel_sha256(shape) for shape in shapes]
    inputs = Inputs({shipped_control().snapshot: "silhouette"}, dict(zip(hashes, shapes, strict=True)).__getitem__)
    held = [
        planned(row, prompt, row, asked.steps, shipped_control(image=image))
        for row, (prompt, image) in enumerate(zip(prompts, hashes, strict=True))
    ]
    plain = [planned(row, prompt, row, asked.steps) for row, prompt in enumerate(prompts)]
    pictures = render([*held, *plain], model, rows, inputs)
    found = {
        name: [
            iou(foreground(pictures[p.recipe_id], colour), shape[..., 0] > 127)
            for p, colour, shape in zip(plan, colours, shapes, strict=True)
        ]
        for name, plan in (("with", held), ("without", plain))
    }
    if asked.sheet:
        lines = [np.hstack([shapes[k], *(pictures[plan[k].recipe_id] for plan in (held, plain))]) for k in range(24)]
        columns = [np.vstack(lines[k : k + 6]) for k in range(0, 24, 6)]
        Image.fromarray(np.hstack(columns)).resize((SIDE * 12 * 2, SIDE * 6 * 2), Image.Resampling.NEAREST).save(
            asked.sheet
        )
    medians = {name: float(np.median(values)) for name, values in found.items()}
    print(
        json.dumps(
            {
                "images": len(pairs),
                "shapes": "icon sets" if icon_sets else "the starter's icons",
                "steps": asked.steps,
                "iou_with_control": round(medians["with"], 3),
                "iou_without": round(medians["without"], 3),
            }
        )
    )
    return 0 if medians["with"] >= LEAST_WITH and medians["without"] <= MOST_WITHOUT else 1


if __name__ == "__main__":
    process_settings.begin()
    raise SystemExit(main())
