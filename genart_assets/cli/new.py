"""`genart new`: a package of one's own, which works and is tested from the first minute on."""

from __future__ import annotations

import json
from pathlib import Path

from genart_assets.extend.new_package import Kind, write_package


def new_command(kind: Kind, name: str, *, as_json: bool) -> int:
    """Write the package into a folder of its name, and say what to run next. Returns 0.

    Raises:
        InputError: the name cannot be used, or the folder is there.
    """
    package = write_package(kind, name, Path.cwd())
    if as_json:
        print(json.dumps(package.model_dump(mode="json"), ensure_ascii=False))
        return 0
    print(f"{name}/ has {', '.join(package.files)}. Next:\n")
    for command in package.commands:
        print(f"  {command}")
    print(f'\nThen a brief can say:\n\n  {package.use}\n\nThe page "Extend" goes on from here.')
    return 0
