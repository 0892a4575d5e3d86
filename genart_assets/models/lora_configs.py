"""How much each pair of a LoRA's matrices counts, as its file says; and what else it says and no plain LoRA has."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, FiniteFloat, JsonValue, TypeAdapter, ValidationError

from genart_assets.errors import ModelError
from genart_assets.records.base import Record

METADATA_KEY = "lora_adapter_metadata"
"""Of diffusers, in the file's header: the peft config, as one JSON text."""
_Rank = Annotated[int, Field(ge=1)]
_NOT_PLAIN = (
    "use_dora",
    "use_qalora",
    "use_bdlora",
    "lora_bias",
    "modules_to_save",
    "target_parameters",
    "trainable_token_indices",
    "layer_replication",
    "alora_invocation_tokens",
    "arrow_config",
    "kasa_config",
    "monteclora_config",
)
"""Fields of peft's ``LoraConfig`` by which an adapter is more than pairs of matrices."""


class _Metadata(Record):
    """What of an adapter's peft config decides pictures."""

    model_config = ConfigDict(extra="ignore", strict=True)

    r: _Rank = 8
    lora_alpha: FiniteFloat = 8
    rank_pattern: dict[str, _Rank] = Field(default_factory=dict[str, int])
    alpha_pattern: dict[str, FiniteFloat] = Field(default_factory=dict[str, float])
    use_rslora: bool = Field(default=False, description="divides alpha by the rank's root (Kalajdzievski, 2023)")
    bias: Literal["none"] | None = None
    init_lora_weights: Literal[True, False, "gaussian", "eva", "orthogonal"] = Field(
        default=True, description="others (PiSSA, OLoRA …) train beside a base that they have changed"
    )


def peft_config(path: Path, ranks: Mapping[str, int], alphas: Mapping[str, float], component: str) -> dict[str, Any]:
    """The arguments of a ``LoraConfig`` of exactly the layers in ``ranks``, each with its rank and its alpha.

    A layer's matrices count by alpha / rank. ``alphas`` are those among the file's tensors, as kohya's trainer writes
    them; else the metadata of diffusers and peft tells; where neither does, alpha is the rank.

    Raises:
        ModelError: the metadata cannot be read, contradicts the tensors, or is of no plain LoRA.
    """
    told = _metadata(path, component)
    if unknown := sorted(alphas.keys() - ranks.keys()):
        raise _misread(path, f"an alpha is for layer {unknown[0]}, which it does not change")
    if told is not None and alphas:
        raise _misread(path, "it tells alphas twice, in tensors and in its metadata")
    wanted = {layer: (rank, alphas.get(layer, rank)) for layer, rank in ranks.items()}
    if told is not None:
        wanted = {layer: (rank, _alpha_told(path, told, layer, rank)) for layer, rank in ranks.items()}
    (usual_rank, usual_alpha), _ = Counter(wanted.values()).most_common(1)[0]
    return {
        "r": usual_rank,
        "lora_alpha": usual_alpha,
        "rank_pattern": {f"^{re.escape(name)}": rank for name, (rank, _) in wanted.items() if rank != usual_rank},
        "alpha_pattern": {f"^{re.escape(name)}": alpha for name, (_, alpha) in wanted.items() if alpha != usual_alpha},
        "target_modules": sorted(ranks),
        "use_rslora": told is not None and told.use_rslora,
    }


def _alpha_told(path: Path, told: _Metadata, layer: str, rank: int) -> float:
    from peft.utils.other import get_pattern_key

    try:
        said = told.rank_pattern.get(get_pattern_key(list(told.rank_pattern), layer), told.r)
        alpha = told.alpha_pattern.get(get_pattern_key(list(told.alpha_pattern), layer), told.lora_alpha)
    except re.error as error:
        raise _misread(path, f"a pattern in its metadata is no regular expression: {error}") from error
    if said != rank:
        raise _misread(path, f"layer {layer} has rank {rank}, its metadata says {said}")
    return alpha


def _metadata(path: Path, component: str) -> _Metadata | None:
    """The metadata of the adapter on a pipeline's ``component``; None where the file has none."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        text = (file.metadata() or {}).get(METADATA_KEY)
    if text is None:
        return None
    try:
        held = TypeAdapter(dict[str, JsonValue]).validate_json(text)
        prefix = f"{component}."
        fields = {key.removeprefix(prefix): value for key, value in held.items() if key.startswith(prefix)}
        if not fields:
            raise _misread(path, f"its {METADATA_KEY} has no key that begins with {prefix}")
        told = _Metadata.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or METADATA_KEY
        raise _misread(path, f"{field} in its metadata: {first['msg']}") from error
    for name in _NOT_PLAIN:
        if fields.get(name):
            raise ModelError(
                f"LoRA {path} is of no plain kind: its metadata has {name} {json.dumps(fields[name])[:80]}",
                remedy="give a plain LoRA: pairs of matrices alone",
            )
    return told


def _misread(path: Path, why: str) -> ModelError:
    return ModelError(f"LoRA {path}: {why}", remedy="save it with diffusers' save_lora_weights, or train it again")
