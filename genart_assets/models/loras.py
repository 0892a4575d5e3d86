"""From the name that a brief gives a LoRA to its file, and to the identity of its weights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from genart_assets.errors import InputError, ModelError
from genart_assets.models.registry import HUB_ID, from_hub, model_files
from genart_assets.models.snapshot import snapshot_of
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.starter.shipped import SHIPPED_LORAS

if TYPE_CHECKING:
    from genart_assets.style_loras import StyleLora

SUFFIX = ".safetensors"
_REGISTERED = re.compile(r"^(?P<style>[a-z0-9][a-z0-9-]{0,63})@(?P<version>[0-9a-f]{12}|promoted)$")
USUAL_NAME = f"pytorch_lora_weights{SUFFIX}"


def find_lora(name: str, version: str | None = None, *, fetch: bool = True) -> Path:
    """The file of a LoRA: a shipped one, a .safetensors file, one in a directory, of a hub id with a revision, or of a
    registered style's version, which ``style@version`` names as well.

    A hub repository is taken from the local cache, and downloaded where ``fetch`` allows it, as `find_model` does.

    Raises:
        InputError: no such LoRA or version, or a directory with several of which none has the usual name.
        ModelError: the file, or one beside it in a directory, could run code; the hub does not have it; a version's
            weights are not those that were stored.
    """
    if registered := _registered(name, version):
        return _file_of(registered)
    if name in SHIPPED_LORAS:
        return _file_in(SHIPPED_LORAS[name])
    path = Path(name)
    if path.is_file():
        if path.suffix != SUFFIX:
            raise ModelError(
                f"LoRA {name} is a {path.suffix or 'nameless'} file, which can run code when it is loaded",
                remedy="convert it to safetensors",
            )
        return path
    if path.is_dir():
        return _file_in(path)
    if hub := HUB_ID.match(name):
        return _file_in(from_hub(hub["repo"], hub["revision"], fetch))
    raise InputError(
        f"there is no LoRA {name!r}",
        remedy=f"use {', '.join(sorted(SHIPPED_LORAS))}, a directory, a {SUFFIX} file, org/name@revision, or the name "
        "of a style with its version",
    )


def lora_snapshot(name: str, version: str | None = None) -> ModelSnapshot:
    """The identity of a LoRA as it is now: a hash over the name and content of its file, to which its name leads.

    Raises:
        InputError, ModelError: as `find_lora`.
    """
    registered = _registered(name, version)
    file = _file_of(registered) if registered else find_lora(name)
    found = snapshot_of(full_name(name, version), file.parent, [file])
    return found.model_copy(update={"licence": registered.record.licence}) if registered else found


def full_name(name: str, version: str | None) -> str:
    """One word for a LoRA as a brief names it."""
    return f"{name}@{version}" if version else name


def name_in_recipe(name: str) -> str:
    """What a recipe calls a LoRA: a path's last part, for a recipe is the same on every machine."""
    return Path(name).name.removesuffix(SUFFIX) if Path(name).is_absolute() else name


def style_of(name: str) -> str | None:
    """The style whose version a snapshot's name leads to; None for a LoRA of no style."""
    found = _of_a_style(name)
    return found["style"] if found else None


def _of_a_style(name: str) -> re.Match[str] | None:
    return None if Path(name).exists() else _REGISTERED.match(name)


def _registered(name: str, version: str | None) -> StyleLora | None:
    """The version of a style that is meant; None for a LoRA of no style."""
    style = name
    if version is None:
        found = _of_a_style(name)
        if found is None:
            return None
        style, version = found.group("style", "version")
    from genart_assets.style_lora_files import registered_lora

    return registered_lora(style, str(version))


def _file_of(lora: StyleLora) -> Path:
    from genart_assets.style_lora_files import file_of

    return file_of(lora)


def _file_in(folder: Path) -> Path:
    found = [path for path in model_files(folder) if path.suffix == SUFFIX]
    usual = [path for path in found if path.name == USUAL_NAME]
    if len(found) == 1 or len(usual) == 1:
        return (usual or found)[0]
    raise InputError(
        f"{folder} holds {len(found)} {SUFFIX} files: {', '.join(path.name for path in found[:5])}",
        remedy=f"name one of the files, or call the one that is meant {USUAL_NAME}",
    )
