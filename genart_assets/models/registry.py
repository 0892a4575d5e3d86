"""From the name that a brief gives a model to the directory that holds its files."""

from __future__ import annotations

import re
from pathlib import Path

from genart_assets.errors import InputError, ModelError
from genart_assets.starter.shipped import SHIPPED

HUB_ID = re.compile(r"^(?P<repo>[\w.-]+/[\w.-]+)@(?P<revision>[\w.-]+)$")
WANTED_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "LICENSE*", "README.md"]
UNSAFE_SUFFIXES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".py"}


def find_model(name: str, shipped: dict[str, Path] = SHIPPED, *, fetch: bool = True) -> Path:
    """The directory of a model: one that the package ships, a local directory, or a hub id with a revision.

    A hub model is taken from the local hub cache, and downloaded where it is not there and ``HF_HUB_OFFLINE`` is not
    set; only configs, tokenizers and safetensors are ever fetched. Without ``fetch`` it must be in the cache already.

    Raises:
        InputError: a hub id without a revision, or a name that is neither shipped, nor a directory, nor a hub id.
        ModelError: the hub has no such revision, or cannot be reached.
    """
    if name in shipped:
        return shipped[name]
    if Path(name).is_dir():
        return Path(name)
    if hub := HUB_ID.match(name):
        return from_hub(hub["repo"], hub["revision"], fetch)
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise InputError(
            f"model {name!r} has no revision",
            remedy=f"write {name}@REVISION, so that the weights cannot change under the name",
        )
    raise InputError(
        f"there is no model {name!r}",
        remedy=f"use {', '.join([*sorted(shipped), 'an existing directory'])}, or a hub id with a revision",
    )


def from_hub(repo: str, revision: str, fetch: bool) -> Path:
    """The directory of a hub repository in the local cache; only files that cannot run code are fetched.

    Raises:
        ModelError: the hub has no such revision, or cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repo, revision=revision, allow_patterns=WANTED_FILES, local_files_only=not fetch))
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelError(
            f"model {repo}@{revision} could not be loaded from the hub: {error}",
            remedy=f"check the id and the revision, fetch it with `hf download {repo} --revision {revision}`, "
            "or give a local directory in the same layout",
        ) from error


def model_files(folder: Path) -> list[Path]:
    """The files that make up a model, sorted by relative path; hidden files and documentation pictures are left out.

    Raises:
        ModelError: a file could run code when it is loaded (a pickle, a Python file), or there are no safetensors.
    """
    found = sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(folder).parts)
    )
    for path in found:
        if path.suffix in UNSAFE_SUFFIXES:
            raise ModelError(
                f"{path} is a {path.suffix} file, which can run code when it is loaded",
                remedy="convert the weights to safetensors and remove the file",
            )
    if not any(p.suffix == ".safetensors" for p in found):
        raise ModelError(
            f"{folder} holds no safetensors weights", remedy="give a directory in diffusers' or transformers' layout"
        )
    return [p for p in found if p.suffix in {".json", ".safetensors", ".txt", ".model"}]
