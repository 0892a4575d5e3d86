"""Implements `genart review`: serves the page on which people review images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from genart_assets.cli.person import named
from genart_assets.errors import InputError


def review_command(briefs: Sequence[str], *, host: str, port: int, reviewer: str | None, as_json: bool) -> int:
    """Serve the page until Ctrl-C or SIGTERM. Returns 0.

    Raises:
        InputError: there is no such brief or name, or the port is taken. StorageError: the storage cannot be used.
    """
    log = Console(stderr=True, highlight=False)
    with log.status("reading verdicts"):
        from genart_assets.instance.home import Home
        from genart_assets.review_page.access import is_loopback
        from genart_assets.review_page.app import review_app
        from genart_assets.review_page.queue import ReviewQueue
        from genart_assets.review_page.serve import address_of, listener_on, serve, token_of
        from genart_assets.stages.planning.catalogue import order_keys
        from genart_assets.storage.root import Storage

        home = Home.open()
        storage = Storage.open(home.storage_root)
        _require_known(briefs, {key.rsplit(".", 1)[0] for key in order_keys(storage)})
        queue = ReviewQueue(storage, briefs)
        listener = listener_on(host, port)
        queue.refresh()
    token = token_of(home.path)
    app = review_app(queue, token, reviewer=named(reviewer, "--reviewer"), host=host)
    address = address_of(listener)

    def announce() -> None:
        states = queue.states().values()
        waiting = sum(not state.outcomes for state in states)
        if as_json:
            answer = {"address": f"{address}?token={token}", "queue": len(states), "undecided": waiting}
            print(json.dumps(answer), flush=True)
            return
        for problem in queue.problems:
            log.print("left out:", style="bold red", end=" ")
            log.print(problem, markup=False, soft_wrap=True)
        if not is_loopback(host):
            log.print("warning:", style="bold yellow", end=" ")
            log.print(f"{host} admits other machines, without encryption: whoever sees the token can decide")
        out = Console(highlight=False)
        out.print(f"{len(states)} images to review, {waiting} of them undecided")
        out.print(f"open {address}?token={token}", soft_wrap=True, markup=False)
        out.print("press Ctrl-C to stop; a decision is stored when the page shows it as saved", soft_wrap=True)

    serve(app, listener, announce)
    return 0


def _require_known(briefs: Sequence[str], known: set[str]) -> None:
    for brief in briefs:
        if brief not in known:
            looks_like_file = Path(brief).suffix in (".yaml", ".yml")
            raise InputError(
                f"no brief was accepted as {brief!r}; known: {', '.join(sorted(known)) or 'none'}",
                remedy="give the id in the brief, not its file" if looks_like_file else "run the brief first",
            )
