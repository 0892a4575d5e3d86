"""Reads briefs with a known set of critics and formats, for the tests of what is read and refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief

CRITICS = {
    "prompt_alignment",
    "sharpness",
    "palette_distance",
    "near_duplicate",
    "unsafe",
    "brand_colours",
    "aesthetic",
    "style_adherence",
    "stray_text",
}


FORMATS = {"png", "webp", "avif", "svg"}


SMALL = 'brief: fruit\nprompt: "{subject} icon"\nvary: {subject: [pear, plum]}\n'


EVERY_KEY = """\
brief: spring-market
prompt: "{style} icon of {subject} on {background} background"
vary:
  subject: [red apple, pineapple, carrot]
  style: [classic, glossy]
  background: [white, teal]
repeats: 2
negative_prompt: "blurry"
model: stabilityai/stable-diffusion-xl-base-1.0@462165984030
size: [64, 64]
sampler: {scheduler: dpm++, steps: 20, guidance: 5}
loras: [{name: house-style, version: promoted, scale: 0.8}]
control: {kind: silhouette, image: "outlines/{subject}.png", scale: 0.7}
start: {image: "outlines/{subject}.png", mask: "outlines/carrot.png", strength: 0.5}
latitudes:
  guidance: [3.0, 9.0]
  steps: [12, 40]
  lora_scale: [0, 1]
  control_scale: [0.5, 1]
  strength: [0.2, 0.9]
  alternative_prompts: ["{subject}, {style} style, {background} background"]
style_guide:
  palette: {background: "#1e9696", max_delta_e: 10}
  expect:
    prompt_alignment: {min: 0.24}
    unsafe: {max: 0.2}
retry: {rounds: 3}
review: {sample: 0.1}
deliver: {formats: [png, webp, avif, svg], sizes: [64, 256]}
"""


def read(text: str, folder: Path | None = None) -> Brief:
    known = replace(installed(), critics=frozenset(CRITICS), formats=frozenset(FORMATS))
    return read_brief(text, source="b.yaml", folder=folder, known=known)


def refused(text: str, folder: Path | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(text, folder)
    assert caught.value.remedy
    return caught.value.message


def silhouette(path: Path, size: tuple[int, int] = (64, 64), margin: int = 16) -> None:
    image = Image.new("L", size, 0)
    image.paste(255, (margin, margin, size[0] - margin, size[1] - margin))
    image.save(path)
