"""Implements `genart index`: builds the index of selected images again from what is stored."""

from __future__ import annotations

import json

from genart_assets.cli.terminal import standard_error_console


def index_command(*, as_json: bool) -> int:
    """Add every judged batch, and what people accepted, to the index unless it is there. Returns 0.

    Raises:
        GenartError: the home cannot be opened, or the storage refuses or is damaged.
    """
    from genart_assets.instance.home import Home
    from genart_assets.runner.index_selected import index_stored
    from genart_assets.storage.root import Storage

    with standard_error_console() as log, log.status("indexing") as status:
        joined = index_stored(Storage.open(Home.open().storage_root), lambda batch: status.update(f"indexing {batch}"))
    print(json.dumps({"joined": joined}) if as_json else f"{joined} batches were added to the index")
    return 0
