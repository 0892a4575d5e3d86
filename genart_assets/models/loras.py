"""From the name that a brief gives a LoRA to its file, and to the identity of its weights."""

from __future__ import annotations

from pathlib import Path

from genart_assets.errors import InputError, ModelError
from genart_assets.models.registry import HUB_ID, from_hub, model_files
from genart_assets.models.snapshot import snapshot_of
from genart_assets.records.recipe import ModelSnapshot
from genart_assets.starter.shipped import SHIPPED_LORAS

SUFFIX = ".safetensors"
USUAL_NAME = f"pytorch_lora_weights{SUFFIX}"


def find_lora(name: str, *, fetch: bool = True) -> Path:
    """The file of a LoRA: a shipped one, a .safetensors file, one in a directory, or one of a hub id with a revision.

    A hub repository is taken from the local cache, and downloaded where ``fetch`` allows it, as `find_model` does.

    Raises:
        InputError: no such LoRA, or a directory with several of which none has the usual name.
        ModelError: the file, or one beside it in a directory, could run code; the hub does not have it.
    """
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


def lora_snapshot(name: str) -> ModelSnapshot:
    """The identity of a LoRA as it is now: a hash over the name and content of its file, to which its name leads.

    Raises:
        InputError, ModelError: as `find_lora`.
    """
    file = find_lora(name)
    return snapshot_of(name, file.parent, [file])


def full_name(name: str, version: str | None) -> str:
    """One word for a LoRA as a brief names it."""
    return f"{name}@{version}" if version else name


def name_in_recipe(name: str) -> str:
    """What a recipe calls a LoRA: a path's last part, for a recipe is the same on every machine."""
    return Path(name).name.removesuffix(SUFFIX) if Path(name).is_absolute() else name


def _file_in(folder: Path) -> Path:
    found = [path for path in model_files(folder) if path.suffix == SUFFIX]
    usual = [path for path in found if path.name == USUAL_NAME]
    if len(found) == 1 or len(usual) == 1:
        return (usual or found)[0]
    raise InputError(
        f"{folder} holds {len(found)} {SUFFIX} files: {', '.join(path.name for path in found[:5])}",
        remedy=f"name one of the files, or call the one that is meant {USUAL_NAME}",
    )
