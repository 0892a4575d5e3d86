"""Cuts a list of row ids into micro-batches of a fixed number of present rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence


def chunks(
    ids: Sequence[str], reason: Callable[[str], str | None], rows: int
) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """``rows`` present ids at a time, in order, with the failed ones (those with a ``reason``) met on the way.

    Only the last piece may have fewer present ids.
    """
    present: list[str] = []
    failures: dict[str, str] = {}
    for id in ids:
        why = reason(id)
        if why is not None:
            failures[id] = why
            continue
        if len(present) == rows:
            yield tuple(present), failures
            present, failures = [], {}
        present.append(id)
    if present or failures:
        yield tuple(present), failures
