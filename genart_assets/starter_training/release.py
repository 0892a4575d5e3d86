"""Writes trained parts to the folders that the package ships: fp16, as diffusers, transformers and peft read them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from genart_assets.models.device import device_class
from genart_assets.models.quiet import quiet_libraries
from genart_assets.provenance.environment import capture_environment
from genart_assets.starter_training.drawing import pipeline_of
from genart_assets.starter_training.icons import PACKAGES
from genart_assets.starter_training.record import WEIGHTS, recipe, sha256_of, weight_hashes
from genart_assets.starter_training.renderings import SIDE
from genart_assets.starter_training.workshop import Workshop

TRAINED = ("starter_autoencoder", "starter_generator", "starter_critic", "starter_control", "starter_style_lora")
RECORDED_PACKAGES = ("torch", "diffusers", "transformers", "peft", "numpy", "pillow", "resvg_py", "safetensors")


def release(workshop: Workshop) -> dict[str, Any]:
    """Write ``starter_model/`` in the workshop: weights, logs and ``record.json``; return the record."""
    folder = workshop.path("starter_model")
    for name in WEIGHTS:
        shutil.rmtree(folder / name, ignore_errors=True)
    with quiet_libraries():
        _save_pipeline(workshop, folder / "pipeline")
        _save_critic(workshop, folder / "critic")
        workshop.control().half().save_pretrained(folder / "silhouette")
    shutil.copytree(workshop.path("starter_style_lora", "ink"), folder / "ink")
    for name in WEIGHTS:
        for file in (folder / name).rglob("*.json"):
            _forget_where(file)
    record = _record(workshop, folder)
    (folder / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def _save_pipeline(workshop: Workshop, folder: Path) -> None:
    import torch

    vae = workshop.autoencoder()
    vae.register_to_config(scaling_factor=workshop.latents().scaling_factor)
    pipeline_of(workshop.generator(), vae).to(torch.float16).save_pretrained(folder)


def _save_critic(workshop: Workshop, folder: Path) -> None:
    from transformers import CLIPImageProcessorPil

    workshop.critic().half().save_pretrained(folder)
    workshop.tokenizer().save_pretrained(folder)
    side = {"height": SIDE, "width": SIDE}
    half = [0.5, 0.5, 0.5]
    CLIPImageProcessorPil(
        size={"shortest_edge": SIDE}, crop_size=side, image_mean=half, image_std=half
    ).save_pretrained(folder)


def _forget_where(file: Path) -> None:
    """Remove the folder of the weights from a config, since a shipped config must not name it."""
    config = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(config, dict) and config.pop("_name_or_path", None) is not None:
        file.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _record(workshop: Workshop, folder: Path) -> dict[str, Any]:
    environment = capture_environment(device_class())
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    trained: dict[str, Any] = {}
    for name in TRAINED:
        shutil.copy(workshop.path(name, "log.jsonl"), logs / f"{name.removeprefix('starter_')}.jsonl")
        last = json.loads((logs / f"{name.removeprefix('starter_')}.jsonl").read_text().splitlines()[-1])
        trained[name] = {"steps": last["step"]}
    sources = {package: sha256_of(workshop.sources.drawings_or_names(package)) for package in PACKAGES}
    files = weight_hashes(folder)
    return {
        "recipe": recipe(),
        "sources_sha256": sources,
        "trained": trained,
        "environment": {
            "cpu": environment.cpu,
            "device_class": environment.device_class,
            "python": environment.python,
            "packages": {name: environment.packages[name] for name in RECORDED_PACKAGES},
        },
        "megabytes": round(sum((folder / name).stat().st_size for name in files) / 1e6, 1),
        "files": files,
    }
