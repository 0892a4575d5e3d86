"""Whether review teaches a style: ``python -m genart_assets_tests.learning.bench_learning``.

The starter draws icons whose prompts leave the background open. A simulated reviewer with a consistent taste, told
from pixels alone, accepts those before a cool background, from blue to green. From what it accepts a LoRA is
fine-tuned and compared with the base on prompts of subjects that nobody reviewed. The house style that judges
adherence is the centroid of reference pictures of that look, drawn from prompts that name such backgrounds. Then the
same pipeline learns from the same reviews, shuffled among the images: what it makes must not be promoted.

Prints one line of JSON. ``--keep`` names a folder for what was drawn and learnt, and goes on from what it holds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from genart_assets.instance import process_settings

process_settings.begin()

from genart_assets.cli.stand_in import is_cool  # noqa: E402
from genart_assets.finetuning.finetune_lora import finetune_lora  # noqa: E402
from genart_assets.finetuning.inputs import read_training_data  # noqa: E402
from genart_assets.finetuning.training_set import TrainingSetRules  # noqa: E402
from genart_assets.learning.evaluate_lora import Judges, evaluate_lora  # noqa: E402
from genart_assets.learning.judge_lora import judge_lora  # noqa: E402
from genart_assets.learning.training_set import ReviewedImage, training_set  # noqa: E402
from genart_assets.loras.promotion import PromotionRules  # noqa: E402
from genart_assets.loras.records import FinetuneConfig  # noqa: E402
from genart_assets.models.clip import Clip, load_clip  # noqa: E402
from genart_assets.models.house_style import centroid_of  # noqa: E402
from genart_assets.models.loading import load_model  # noqa: E402
from genart_assets.records.base import sha256_hex  # noqa: E402
from genart_assets.starter_training.vocabulary import vocabulary  # noqa: E402
from genart_assets.storage.pixels import encode_png, pixel_path, pixel_sha256  # noqa: E402
from genart_assets_tests.learning.lora_renders import render_with  # noqa: E402

GUIDANCE, STEPS = 3.0, 10
REFERENCE_BACKGROUNDS = ("blue", "teal", "green")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--subjects", type=int, default=80, help="reviewed")
    options.add_argument("--repeats", type=int, default=4, help="images of each")
    options.add_argument("--held-out", type=int, default=60, help="subjects of the evaluation, each in two styles")
    options.add_argument("--config", default="{}", help="JSON over the fine-tune's config")
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    told = Learning(given.subjects, given.repeats, given.held_out, json.loads(given.config), given.keep).run()
    print(json.dumps(told))


class Learning:
    def __init__(self, subjects: int, repeats: int, held_out: int, config: dict[str, Any], keep: Path | None) -> None:
        words = vocabulary()
        order = list(np.random.default_rng(0).permutation(words.subjects))
        styles = list(words.styles)
        self.reviewed = [
            (subject, f"{styles[k % 4]} icon of {subject}", 10_000 + repeats * k + repeat)
            for k, subject in enumerate(order[:subjects])
            for repeat in range(repeats)
        ]
        self.held_out = [
            f"{styles[(k + turn) % 4]} icon of {subject}"
            for turn in (0, 2)
            for k, subject in enumerate(order[subjects : subjects + held_out])
        ]
        self.references = [
            f"{styles[k % 4]} icon of {subject} on {REFERENCE_BACKGROUNDS[k // 4 % 3]} background"
            for k, subject in enumerate(order[subjects + held_out :][:48])
        ]
        settings = {"steps": 160, "rows": 16, "rank": 4, "rate": 5e-4, "noise_bias": 0.7, "drop_captions": 0.5}
        settings |= {"kept": 0.55, "preference": {"weight": 1.0, "beta": 150.0}, "seed": 1, **config}
        self.config = FinetuneConfig.model_validate(settings)
        self.keep = keep
        self.seconds: dict[str, float] = {}

    def run(self) -> dict[str, Any]:
        began = time.perf_counter()
        clip = load_clip()
        pictures = self.drawn(
            "reviewed", None, [line[1] for line in self.reviewed], [line[2] for line in self.reviewed]
        )
        references = self.drawn("references", None, self.references, list(range(len(self.references))))
        judges = Judges(clip, centroid_of(clip.embed_images(references)))
        liked = np.array([is_cool(picture) for picture in pictures])
        shuffled = np.random.default_rng(7).permutation(liked)
        vectors = clip.embed_images(pictures)
        adherence = vectors.astype(np.float64) @ judges.centroid
        found = {
            "reviewed": len(pictures),
            "accepted": int(liked.sum()),
            "references_liked": float(np.mean([is_cool(picture) for picture in references])),
            "adherence_of_accepted": float(adherence[liked].mean()),
            "adherence_of_rejected": float(adherence[~liked].mean()),
            "taught": self.taught("taught", pictures, vectors, liked, clip, judges),
            "shuffled": self.taught("shuffled", pictures, vectors, shuffled, clip, judges),
        }
        return {**found, "seconds": {**self.seconds, "all": round(time.perf_counter() - began)}}

    def taught(
        self, name: str, pictures: np.ndarray, vectors: np.ndarray, liked: np.ndarray, clip: Clip, judges: Judges
    ) -> dict[str, Any]:
        """Review, training set, fine-tune, evaluation, gate."""
        files = {pixel_path(pixel_sha256(picture)): encode_png(picture) for picture in pictures}
        images = [self._image(k, pictures[k], bool(liked[k])) for k in range(len(pictures))]
        by_id = {image.recipe_id: vectors[k] for k, image in enumerate(images)}
        made, report = training_set(images, by_id, TrainingSetRules())
        began = time.perf_counter()
        weights = self._kept(f"{name}.safetensors")
        losses: list[float] = []
        if weights is None:
            data = read_training_data(made, files.__getitem__)
            learnt = finetune_lora(load_model("starter"), data, self.config)
            weights, losses = learnt.weights, [round(line.denoising, 4) for line in learnt.record.losses]
            self._keep(f"{name}.safetensors", weights)
            self.seconds[f"{name} fine-tune"] = round(time.perf_counter() - began)
        version = sha256_hex(weights)[:12]

        def render(lora: bytes | None, prompts: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
            return self.drawn(f"held out {name if lora else 'base'}", lora, prompts, seeds)

        learnt_from = [row.prompt for row in made.rows]
        report_of = evaluate_lora(
            (version, weights), None, "", self.held_out, (1, 2), render, judges, learnt_from
        ).report
        verdict, _ = judge_lora(report_of, PromotionRules())
        return {
            "version": version,
            "images": len(made.rows),
            "pairs": len(made.pairs),
            "left_out": report.left_out,
            "losses": losses[:: max(1, len(losses) // 10)],
            "metrics": {one.metric: _rounded(one.model_dump(exclude={"metric"})) for one in report_of.metrics},
            "alignment_share_low": round(report_of.metric("prompt_alignment").relative_low or 0, 4),
            "diversity_share_low": round(report_of.metric("diversity").relative_low or 0, 4),
            "promoted": verdict.passed,
            "reason": verdict.reason,
        }

    def _image(self, k: int, picture: np.ndarray, liked: bool) -> ReviewedImage:
        subject, prompt, seed = self.reviewed[k]
        sha256 = pixel_sha256(picture)
        return ReviewedImage(
            recipe_id=sha256_hex(f"{prompt} {seed}"),
            slot=f"bench.0123456789/{prompt}",
            group=subject,
            prompt=prompt,
            pixel_sha256=sha256,
            path=pixel_path(sha256),
            width=picture.shape[1],
            height=picture.shape[0],
            model_snapshot=load_model("starter").snapshot.snapshot_id,
            accepted_by=("reviewer",) if liked else (),
            rejected_by=() if liked else ("reviewer",),
        )

    def drawn(self, name: str, lora: bytes | None, prompts: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
        held = self._kept(f"{name}.npy")
        if held is not None:
            return np.frombuffer(held, np.uint8).reshape(len(prompts), 64, 64, 3)
        began = time.perf_counter()
        made = render_with(lora, prompts, seeds, steps=STEPS, guidance=GUIDANCE)
        self._keep(f"{name}.npy", made.tobytes())
        self.seconds[f"{name} drawn"] = round(time.perf_counter() - began)
        return made

    def _kept(self, name: str) -> bytes | None:
        return (self.keep / name).read_bytes() if self.keep and (self.keep / name).is_file() else None

    def _keep(self, name: str, content: bytes) -> None:
        if self.keep:
            self.keep.mkdir(parents=True, exist_ok=True)
            (self.keep / name).write_bytes(content)


def _rounded(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in fields.items()}


if __name__ == "__main__":
    main()
