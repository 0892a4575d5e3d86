"""Implements `genart styles`: shows the versions of each style and stores a person's decision about one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from genart_assets.cli.person import named
from genart_assets.errors import InputError

if TYPE_CHECKING:
    from genart_assets.loras.versions import StyleLora
    from genart_assets.storage.root import Storage


def styles_command(
    style: str | None,
    *,
    promote: str | None,
    forbid: str | None,
    roll_back: bool,
    by: str | None,
    why: str,
    as_json: bool,
) -> int:
    """Store a decision about a version, if there is one, and show the versions of one style or all. Returns 0.

    Raises:
        GenartError: there is no such style or version, it is forbidden, or the home cannot be opened.
    """
    from genart_assets.instance.home import Home
    from genart_assets.learning.styles import stored_style, style_names
    from genart_assets.loras.versions import versions_of
    from genart_assets.storage.root import Storage

    storage = Storage.open(Home.open().storage_root)
    asked = [one for one in (promote, forbid, roll_back or None) if one is not None]
    if len(asked) > 1 or (asked and style is None):
        raise InputError(
            "there is more than one decision, or a decision without a style",
            remedy="name one style with one of --promote, --forbid, --roll-back",
        )
    names = style_names(storage) if style is None else [stored_style(storage, style).style]
    if style is not None and asked:
        _decide(storage, style, promote, forbid, named(by, "--by"), why)
    found = {name: versions_of(storage, name) for name in names}
    if as_json:
        print(json.dumps({name: [_described(one) for one in versions] for name, versions in found.items()}))
        return 0
    console = Console(highlight=False)
    for name, versions in found.items():
        console.print(_table(name, versions))
    if not found:
        console.print("there is no style yet; run `genart learn` with one")
    return 0


def _decide(storage: Storage, style: str, promote: str | None, forbid: str | None, by: str, why: str) -> None:
    from genart_assets.loras import versions

    now = datetime.now(UTC)
    if promote is not None:
        versions.promote(storage, style, promote, by=by, why=why, time=now)
    elif forbid is not None:
        versions.veto(storage, style, forbid, by=by, why=why, time=now)
    else:
        versions.roll_back(storage, style, by=by, why=why, time=now)


def _described(lora: StyleLora) -> dict[str, str | int]:
    return {
        "version": lora.version,
        "state": lora.standing,
        "images": lora.record.images,
        "base": lora.record.base,
        "base_snapshot": lora.record.base_snapshot,
        "training_set": lora.record.training_set,
        "licence": lora.record.licence,
        "weights": lora.weights_path,
    }


def _table(name: str, versions: list[StyleLora]) -> Table:
    shown = Table("version", "state", "images", "base", "training set", title=f"style {name}", title_justify="left")
    for one in map(_described, versions):
        base = f"{one['base']} {str(one['base_snapshot'])[:12]}"
        shown.add_row(str(one["version"]), str(one["state"]), str(one["images"]), base, str(one["training_set"])[:12])
    return shown
