"""Reads the metadata of ComfyUI: ``prompt`` is the graph that made the picture; its first sampler has the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from genart_assets.from_image.comfyui_graph import Graph, along
from genart_assets.from_image.generation_metadata import (
    FoundLora,
    GenerationMetadata,
    mapping,
    number,
    object_in,
    size_of,
    text,
)

_MODEL = along("model", "model1", "base_model", "guider")
_MODEL_NAMES = ("ckpt_name", "unet_name", "model_name")
_MOST_SAMPLERS = 16
_MOST_NAMED = 8
_TAKEN = frozenset(
    {"KSampler", "KSamplerAdvanced", "SamplerCustom", "SamplerCustomAdvanced", "KSamplerSelect", "BasicScheduler"}
    | {"CheckpointLoaderSimple", "UNETLoader", "CLIPLoader", "DualCLIPLoader", "VAELoader", "CFGGuider", "BasicGuider"}
    | {"CLIPTextEncode", "CLIPTextEncodeSDXL", "ConditioningZeroOut", "RandomNoise", "LoraLoader"}
    | {"LoraLoaderModelOnly", "EmptyLatentImage", "EmptySD3LatentImage", "VAEDecode", "SaveImage", "PreviewImage"}
)


def read_comfyui(texts: Mapping[str, str], source: str) -> GenerationMetadata | None:
    """The settings in ``prompt``; None if there is no prompt, or it is not a graph with a sampler.

    Raises:
        InputError: it is damaged.
    """
    if not texts.get("prompt", "").lstrip().startswith("{"):
        return None
    graph = Graph(object_in(texts["prompt"], f"{source}: its metadata 'prompt'"))
    samplers = [node for node in graph.inputs if _samples(graph, node)]
    if not samplers:
        return None
    first = _first_of(graph, samplers)
    guider = graph.target(first, "guider")
    ends = {role: graph.target(guider or first, role) for role in ("positive", "negative")}
    positive = ends["positive"] or (graph.target(guider, "conditioning") if guider else None)
    guidance = graph.nearest(first, ("cfg",), along("guider"))
    latent = graph.target(first, "latent_image")
    return GenerationMetadata(
        tool="ComfyUI",
        prompt=graph.prompt(positive, "positive", "negative") if positive else "",
        negative_prompt=graph.prompt(ends["negative"], "negative", "positive") if ends["negative"] else "",
        size=size_of(graph.nearest(latent, ("width",)), graph.nearest(latent, ("height",))) if latent else None,
        sampler=text(graph.nearest(first, ("sampler_name",), along("sampler"))),
        noise_schedule=text(graph.nearest(first, ("scheduler",), along("sigmas"))),
        steps=number(graph.nearest(first, ("steps",), along("sigmas"))),
        guidance=1.0 if guidance is None and guider else number(guidance),
        seed=text(graph.nearest(first, ("seed", "noise_seed"), along("noise"))),
        model=text(graph.nearest(first, _MODEL_NAMES, _MODEL)),
        loras=tuple(_loras(graph, first)),
        left_out=_left_out(graph),
        remarks=(f"its graph has {len(samplers)} samplers: the settings of the first are used",)
        if len(samplers) > 1
        else (),
    )


def _samples(graph: Graph, node: str) -> bool:
    inputs = graph.inputs[node]
    is_conditioned = graph.target(node, "positive") or graph.target(node, "guider")
    return bool(is_conditioned) and not inputs.keys().isdisjoint({"steps", "sigmas"})


def _first_of(graph: Graph, samplers: list[str]) -> str:
    """The sampler that starts from noise; those after it only enlarge or refine its picture."""
    first, known = samplers[0], set(samplers)
    for _ in range(_MOST_SAMPLERS):
        before = next((node for node in graph.upstream(first) if node in known and node != first), None)
        if before is None:
            break
        known.discard(first)
        first = before
    return first


def _loras(graph: Graph, first: str) -> Iterator[FoundLora]:
    for node in graph.upstream(first, _MODEL):
        if name := text(graph.value(node, "lora_name")):
            yield FoundLora(name=name, scale=number(graph.value(node, "strength_model")))
        for stacked in map(mapping, graph.inputs[node].values()):  # rgthree's loader has many LoRAs in one node
            if stacked.get("on") and (name := text(stacked.get("lora"))):
                yield FoundLora(name=name, scale=number(stacked.get("strength")))


def _left_out(graph: Graph) -> tuple[str, ...]:
    kinds = sorted(kind for kind in set(graph.kinds.values()) - _TAKEN if kind and not kind.startswith("Primitive"))
    more = (f"{len(kinds) - _MOST_NAMED} more kinds of nodes",) if len(kinds) > _MOST_NAMED else ()
    return (*(f"node {kind}" for kind in kinds[:_MOST_NAMED]), *more)
