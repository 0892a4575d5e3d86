"""Writes and reads a fine-tune as a directory, so that it can run on a machine without the storage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from genart_assets.errors import InputError
from genart_assets.finetuning.training_set import TrainingSet
from genart_assets.loras.records import FinetuneConfig
from genart_assets.storage.new_folder import fill_folder
from genart_assets.storage.root import Storage

TRAINING_SET, CONFIG, LORA, CHECKPOINTS = "training_set.json", "config.json", "lora", "checkpoints"


def write_folder(folder: Path, made: TrainingSet, config: FinetuneConfig, read: Callable[[str], bytes]) -> None:
    """Write ``training_set.json``, its pictures under their storage paths, and ``config.json`` last.

    ``read`` returns the PNG at a storage path. Files that exist are not written again.

    Raises:
        InputError: the directory holds another training set or config. StorageError: the disk refuses to store it.
    """
    storage = Storage.open(str(folder))
    paths = {row.path for row in made.rows}
    paths |= {path for pair in made.pairs for path in (pair.preferred_path, pair.rejected_path)}
    for path in sorted(paths):
        if not storage.exists(path):
            storage.write_once(path, read(path))
    fill_folder(folder, {TRAINING_SET: made.canonical().encode(), CONFIG: config.canonical().encode()})


def read_folder(folder: Path) -> tuple[TrainingSet, FinetuneConfig]:
    """The training set and the config in a directory.

    Raises:
        InputError: a file is missing or cannot be read; the message names the field.
    """
    try:
        made = TrainingSet.model_validate_json((folder / TRAINING_SET).read_bytes())
        config = FinetuneConfig.model_validate_json((folder / CONFIG).read_bytes())
    except OSError as error:
        raise InputError(
            f"{error.filename}: {error.strerror}", remedy="write the directory with `genart learn --write`"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{folder}: {error.title} {field}: {first['msg']}, given {first['input']!r}"[:500],
            remedy=f"correct {CONFIG} or {TRAINING_SET}",
        ) from error
    return made, config
