"""Reports damaged and missing records when a command looks something up."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from genart_assets.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from genart_assets.provenance.index import ProvenanceIndex


@contextmanager
def report_gaps(index: ProvenanceIndex, log: Console) -> Generator[None]:
    """Report damaged records before the block, and add missing records to its InputError.

    Raises:
        InputError: the error of the block, with the batches that have images but no records.
    """
    for error in index.damaged:
        log.print("warning:", style="bold yellow", end=" ")
        log.print(str(error), markup=False, soft_wrap=True)
    try:
        yield
    except InputError as error:
        if not index.unrecorded:
            raise
        batches = f"{len(index.unrecorded)} of its batches have images without records, e.g. {index.unrecorded[0]}"
        raise InputError(
            f"{error.message}; {batches}",
            remedy=f"{error.remedy}, or run the briefs of these batches again to make their records",
        ) from error
