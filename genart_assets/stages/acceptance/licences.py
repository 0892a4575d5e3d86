"""Whether the licences of a brief's weights are among those that the studio allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from genart_assets.loras.files import locate
from genart_assets.models.controls import find_control
from genart_assets.models.registry import find_model
from genart_assets.models.snapshot import UNKNOWN_LICENCE, licence_of
from genart_assets.records.brief import Brief, control_name
from genart_assets.records.studio import allowing, is_allowed
from genart_assets.starter.shipped import SHIPPED_CLIP
from genart_assets.storage.root import Storage


def check_licences(brief: Brief, licences: Sequence[str], storage: Storage | None = None) -> list[tuple[str, str]]:
    """Field and problem of all weights, also the critics', whose licence is unknown or not allowed.

    They must be on this machine: nothing is fetched. A licence is what `licence_of` tells; case makes no difference.
    """
    patterns = [licence.casefold() for licence in licences]
    problems: list[tuple[str, str]] = []
    for field, folder in _folders(brief, storage):
        licence = licence_of(folder)
        if licence == UNKNOWN_LICENCE:
            text = "has no LICENSE, so its licence is unknown"
            problems.append((field, f"{text}; {allowing(licences)}; use weights that come with their licence"))
        elif not is_allowed(licence.casefold(), patterns):
            problems.append((field, f"has the licence {licence!r}; {allowing(licences)}"))
    return problems


def _folders(brief: Brief, storage: Storage | None) -> Iterator[tuple[str, Path]]:
    """Field and directory of each set of weights; a style's own LoRA is the studio's, made from the model itself."""
    yield "model", find_model(brief.model, fetch=False)
    for index, use in enumerate(brief.loras):
        if use.version is None:
            yield f"loras.{index}.name", locate(storage, use.name, fetch=False).parent
    if brief.control is not None:
        field = "control.model" if brief.control.model else "control.kind"
        yield field, find_control(control_name(brief.control), fetch=False)
    guide = brief.style_guide
    yield "style_guide.clip_model", find_model(guide.clip_model, SHIPPED_CLIP, fetch=False)
    if guide.safety_checker is not None:
        yield "style_guide.safety_checker", find_model(guide.safety_checker, {}, fetch=False)
