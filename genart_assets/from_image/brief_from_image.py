"""Makes a brief from the generation metadata of a picture, with notes on what differs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from genart_assets.errors import InputError
from genart_assets.from_image.found_sampler import sampler_for
from genart_assets.from_image.generation_metadata import FoundLora, GenerationMetadata
from genart_assets.records.brief import Brief, Sampler
from genart_assets.records.fields import FEWEST_STEPS, LEAST_GUIDANCE, MOST_GUIDANCE, MOST_STEPS
from genart_assets.stages.briefs.problems import shortened
from genart_assets.stages.briefs.templates import literal
from genart_assets.stages.briefs.yaml_text import UNPRINTABLE

FitSize = Callable[[tuple[int, int]], tuple[int, int]]
"""Returns the nearest size that the brief's model draws."""
MAX_PROMPT = 20_000
"""Most characters of a prompt; the text encoders of diffusion models read a few hundred."""
_WEIGHT = re.compile(r"\([^()]{1,200}:\s{0,2}[0-9.]{1,6}\)|\bBREAK\b")
_NAME_SHOWN = 120


def brief_id(stem: str) -> str:
    """A brief's id, made of a file's name without its suffix."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower())[:64].strip("-") or "from-image"


def brief_from_image(
    metadata: GenerationMetadata, *, source: str, name: str, model: str, fit: FitSize
) -> tuple[Brief, tuple[str, ...]]:
    """A brief that orders one image like a picture, and notes on what differs.

    ``source`` is the picture's name in messages, ``name`` the brief's id. A setting that a brief cannot hold is left
    out, or replaced by the nearest allowed value, and a note says so.

    Raises:
        InputError: the prompt is longer than any model reads, or has only characters that a brief cannot hold.
    """
    prompt, negative = (_written(text) for text in (metadata.prompt, metadata.negative_prompt))
    for kind, text in (("prompt", prompt), ("negative prompt", negative)):
        if len(text) > MAX_PROMPT:
            raise InputError(
                f"{source}: its {kind} has {len(text):,} characters, at most {MAX_PROMPT:,} are allowed",
                remedy="write the brief by hand with the important part of the prompt",
            )
    if not prompt.strip():
        raise InputError(f"{source}: its prompt has only control characters", remedy="write the brief by hand")
    sampler, of_sampler = _sampler(metadata)
    wanted = metadata.size or Brief.model_fields["size"].default
    size = fit(wanted)
    brief = Brief(
        brief=name,
        prompt=literal(prompt),
        negative_prompt=negative,
        model=model,
        size=size,
        sampler=sampler,
    )
    of_size = () if size == wanted else (f"the model does not draw its size {_px(wanted)}: {_px(size)} is the nearest",)
    notes = (
        *_of_texts(metadata, prompt, negative),
        *_of_model(metadata, model),
        *of_size,
        *of_sampler,
        *_of_rest(metadata),
    )
    return brief, notes


def _written(text: str) -> str:
    return UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _sampler(metadata: GenerationMetadata) -> tuple[Sampler, tuple[str, ...]]:
    scheduler, notes = sampler_for(metadata.sampler, metadata.noise_schedule)
    usual = Sampler()
    steps, of_steps = _within("steps", metadata.steps, usual.steps, FEWEST_STEPS, MOST_STEPS)
    guidance, of_guidance = _within("guidance", metadata.guidance, usual.guidance, LEAST_GUIDANCE, MOST_GUIDANCE)
    chosen = {"scheduler": scheduler, "steps": round(steps), "guidance": guidance}
    rescale, of_rescale = _within("guidance rescale", metadata.guidance_rescale or 0.0, 0.0, 0.0, 1.0)
    if rescale:
        chosen["guidance_rescale"] = rescale
    return Sampler.model_validate(chosen), (*notes, *of_steps, *of_guidance, *of_rescale)


def _within(name: str, found: float | None, usual: float, low: float, high: float) -> tuple[float, tuple[str, ...]]:
    if found is None:
        return usual, (f"its metadata does not say {name}: {usual:g} is written",)
    allowed = min(max(found, low), high)
    if allowed != found:
        return allowed, (f"a brief does not allow its {name} {found:g}: {allowed:g} is the nearest",)
    return allowed, ()


def _px(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]} px"


def _of_texts(metadata: GenerationMetadata, prompt: str, negative: str) -> Iterator[str]:
    if UNPRINTABLE.search(metadata.prompt.replace("\r", "") + metadata.negative_prompt.replace("\r", "")):
        yield "control characters were removed from its prompts"
    if _WEIGHT.search(prompt) or _WEIGHT.search(negative):
        yield "weights and marks such as (word:1.2) or BREAK in its prompts are read as plain words here"


def _of_model(metadata: GenerationMetadata, model: str) -> Iterator[str]:
    if metadata.model_reference == model:
        yield f"its model {_shown(model)} had the weights {metadata.model_hash[:10]}"
        return
    known = (_shown(metadata.model), f"hash {metadata.model_hash[:64]}" if metadata.model_hash else "")
    found = ", ".join(filter(None, known))
    if not found:
        yield f"its metadata does not name a model: {_shown(model)} is written; --model sets another one"
    elif metadata.model_reference:
        yield f"made with the model ({found}); {_shown(model)} is written"
    else:
        yield (
            f"made with a checkpoint ({found}), whose name is not a path: the model is {_shown(model)}; "
            "give --model a directory in diffusers' layout, or org/name@revision, to draw with another one"
        )


def _of_rest(metadata: GenerationMetadata) -> Iterator[str]:
    seed = (
        f"its seed {shortened(metadata.seed, 40)} is not used" if metadata.seed else "its metadata does not say a seed"
    )
    yield (
        f"{seed}: seeds follow from the brief, so the image will be a different one; repeats: 8 orders eight to choose "
        "from"
    )
    if metadata.loras:
        loras = ", ".join(map(_lora, metadata.loras[:16]))
        yield f"made with the LoRAs {loras}{', …' if metadata.loras[16:] else ''}, which are not in the brief"
    if metadata.left_out:
        left_out = ", ".join(shortened(text, 60) for text in metadata.left_out[:16])
        yield f"not in the brief: {left_out}{', …' if metadata.left_out[16:] else ''}"
    yield from metadata.remarks


def _lora(lora: FoundLora) -> str:
    return _shown(lora.name) if lora.scale is None else f"{_shown(lora.name)} at {lora.scale:g}"


def _shown(name: str) -> str:
    return shortened(name, _NAME_SHOWN)
