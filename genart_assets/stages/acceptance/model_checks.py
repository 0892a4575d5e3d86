"""Whether a model can do what a brief asks of it, told from its configs before any weight is loaded."""

from __future__ import annotations

from pathlib import Path

from genart_assets.errors import GenartError
from genart_assets.loras.files import locate, located_snapshot
from genart_assets.loras.versions import require_usable, version_of
from genart_assets.models.clip import kind_of
from genart_assets.models.families.installed import family_for
from genart_assets.models.families.protocol import ModelFamily
from genart_assets.models.heads import load_head
from genart_assets.models.house_style import load_house_style
from genart_assets.models.lora_weights import read_lora
from genart_assets.models.registry import find_model, model_files
from genart_assets.models.snapshot import take_snapshot
from genart_assets.records.brief import Brief, control_name
from genart_assets.starter.shipped import SHIPPED, SHIPPED_CLIP
from genart_assets.storage.root import Storage


def check_model(brief: Brief, storage: Storage | None = None, *, fetch: bool = True) -> list[tuple[str, str]]:
    """Field and problem of everything in the brief that its models cannot do; empty where all is well.

    ``storage`` holds the LoRAs of styles; without one none is found. Without ``fetch`` a hub model that is not in the
    local cache is a problem, and nothing is downloaded.
    """
    problems: list[tuple[str, str]] = []
    for field, name, shipped in (
        ("model", brief.model, SHIPPED),
        ("style_guide.clip_model", brief.style_guide.clip_model, SHIPPED_CLIP),
        ("style_guide.safety_checker", brief.style_guide.safety_checker, {}),
    ):
        if name is None:
            continue
        try:
            folder = find_model(name, shipped, fetch=fetch)
            model_files(folder)
            if shipped is SHIPPED_CLIP:
                kind_of(folder)
        except GenartError as error:
            problems.append((field, f"{error.message}; {error.remedy}"))
    if not problems:
        try:
            family = family_for(brief.model)
        except GenartError as error:
            return [("model", f"{error.message}; {error.remedy}")]
        problems += [
            *family.problems(brief),
            *_fitted_problems(brief),
            *_adapter_problems(brief, family, storage, fetch),
        ]
    return problems


def _adapter_problems(brief: Brief, family: ModelFamily, storage: Storage | None, fetch: bool) -> list[tuple[str, str]]:
    """Every LoRA is there, whole, and fits the model; and so does the ControlNet."""
    problems: list[tuple[str, str]] = []
    seen: set[str] = set()
    for index, use in enumerate(brief.loras):
        try:
            file = locate(storage, use.name, use.version, fetch=fetch)
            snapshot = located_snapshot(storage, use.name, use.version).snapshot_id
            if snapshot in seen:
                problems.append((f"loras.{index}.name", f"{use.name!r} is given twice; give it once, with one scale"))
            seen.add(snapshot)
            family.require_loras(brief.model)
            if use.version is not None and storage is not None:
                require_usable(version_of(storage, use.name, use.version), take_snapshot(brief.model).snapshot_id)
            read_lora(file, family, family.denoiser_config(brief.model))
        except GenartError as error:
            problems.append((f"loras.{index}.name", f"{error.message}; {error.remedy}"))
    if brief.control is not None:
        try:
            family.require_control(brief.model, control_name(brief.control), fetch=fetch)
        except GenartError as error:
            problems.append(
                ("control.model" if brief.control.model else "control.kind", f"{error.message}; {error.remedy}")
            )
    return problems


def _fitted_problems(brief: Brief) -> list[tuple[str, str]]:
    """What was fitted on a CLIP model's embeddings is there, whole, and for the brief's CLIP model."""
    guide = brief.style_guide
    problems: list[tuple[str, str]] = []
    for field, folder, load in (
        ("house_style", guide.house_style, load_house_style),
        ("aesthetic_head", guide.aesthetic_head, load_head),
    ):
        try:
            if folder is not None:
                load(Path(folder), take_snapshot(guide.clip_model, SHIPPED_CLIP).snapshot_id)
        except GenartError as error:
            problems.append((f"style_guide.{field}", f"{error.message}; {error.remedy}"))
    return problems
