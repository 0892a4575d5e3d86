"""Reads the metadata of Automatic1111's web UI, Forge and similar tools: ``parameters`` has prompts and settings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata, number, size_in

_SETTING = re.compile(r'(\w[\w \-/]{0,40}):\s{0,4}("(?:\\.|[^\\"])*"|[^,]*)(?:,|$)')
_NEGATIVE = "Negative prompt:"
_LORA = re.compile(r"<(?:lora|lyco):([^:<>]{1,200})(?::([^<>]{0,40}))?>")
_FEWEST_SETTINGS = 3
_TAKEN = frozenset({"Steps", "Sampler", "Schedule type", "CFG scale", "Seed", "Size", "Model", "Model hash"})
_CHANGES_NOTHING = frozenset({"Version", "User", "Lora hashes", "Lora weights", "Hashes", "TI hashes", "VAE hash"})


def read_web_ui(texts: Mapping[str, str], source: str) -> GenerationMetadata | None:
    """The settings in ``parameters``; None if no line of it holds settings."""
    del source  # a text of another tool is not an error
    lines = texts.get("parameters", "").replace("\r\n", "\n").strip().split("\n")
    for index in reversed(range(len(lines))):
        settings = {name.strip(): _unquoted(value.strip()) for name, value in _SETTING.findall(lines[index])}
        if len(settings) >= _FEWEST_SETTINGS and "Steps" in settings:
            return _metadata(lines[:index], settings)
    return None


def _metadata(lines: list[str], settings: Mapping[str, str]) -> GenerationMetadata:
    starts = [index for index, line in enumerate(lines) if line.strip().startswith(_NEGATIVE)]
    end = starts[0] if starts else len(lines)
    prompt, negative = "\n".join(lines[:end]), "\n".join(lines[end:]).strip().removeprefix(_NEGATIVE)
    return GenerationMetadata(
        tool="Automatic1111's web UI, Forge or a similar tool",
        prompt=_LORA.sub("", prompt).strip(" \n,"),
        negative_prompt=_LORA.sub("", negative).strip(),
        size=size_in(settings.get("Size", "")),
        sampler=settings.get("Sampler", ""),
        noise_schedule=settings.get("Schedule type", ""),
        steps=number(settings.get("Steps")),
        guidance=number(settings.get("CFG scale")),
        seed=settings.get("Seed", ""),
        model=settings.get("Model", ""),
        model_hash=settings.get("Model hash", ""),
        loras=_loras(prompt, settings.get("Lora hashes", "")),
        left_out=tuple(name for name in settings if name not in _TAKEN | _CHANGES_NOTHING),
    )


def _loras(prompt: str, hashes: str) -> tuple[FoundLora, ...]:
    """LoRAs in the prompt, as ``<lora:name:scale>``; older tools list only the names, in the settings."""
    found = {name: number(scale.partition(":")[0]) for name, scale in _LORA.findall(prompt)}
    listed = [pair.partition(":")[0].strip() for pair in hashes.split(",")]
    found |= {name: None for name in listed if name and name not in found}
    return tuple(FoundLora(name=name, scale=scale) for name, scale in found.items())


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value
