"""Implements `genart reproduce`: renders images again from their records alone and compares every bit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from genart_assets.cli.gaps import report_gaps
from genart_assets.cli.terminal import standard_error_console, standard_output_reserved
from genart_assets.errors import InputError
from genart_assets.instance import process_settings

if TYPE_CHECKING:
    from genart_assets.provenance.index import ProvenanceIndex
    from genart_assets.provenance.record import ProvenanceRecord
    from genart_assets.provenance.reproduce import Replay


def reproduce_command(images: Sequence[str], *, sample: int, brief: str | None, as_json: bool) -> int:
    """Render the given images again, and ``sample`` random ones, of all briefs or of one.

    Images whose weights are missing or have changed are reported before any other is rendered. Returns 0 if all are
    bit-identical and, with a sample, no records are damaged; otherwise 1.

    Raises:
        InputError: an image is unknown or was never rendered, or there is no image to render.
    """
    process_settings.begin()
    with standard_error_console() as log:
        with standard_output_reserved(), log.status("looking the records up"):
            from genart_assets.instance.home import Home
            from genart_assets.provenance.index import provenance_index
            from genart_assets.storage.root import Storage

            storage = Storage.open(Home.open().storage_root)
            with provenance_index(storage) as index, report_gaps(index, log):
                records = _wanted(index, images, sample, brief)
        with standard_output_reserved(), log.status("rendering") as status:
            from genart_assets.provenance.replay import replay

            replays = replay(
                storage,
                records,
                lambda done, total: status.update(f"rendered {done} of {total}"),
                lambda found: _show_problem(log, found),
            )
    identical = sum(found.bit_identical for found in replays)
    if as_json:
        answer = {
            "replayed": len(replays),
            "identical": identical,
            "images": [found.model_dump(mode="json") for found in replays],
            "damaged": [error.message for error in index.damaged],
        }
        print(json.dumps(answer, ensure_ascii=False))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for found in replays:
            _show(console, found)
        console.print(f"{identical} of {len(replays)} bit-identical")
    return 0 if identical == len(replays) and not (sample and index.damaged) else 1


def _wanted(index: ProvenanceIndex, images: Sequence[str], sample: int, brief: str | None) -> list[ProvenanceRecord]:
    from genart_assets.provenance.which import find_image

    wanted = [find_image(image, index)[0] for image in images] + (index.sample(sample, brief) if sample else [])
    if not wanted:
        raise InputError(
            f"no image to reproduce{f' of brief {brief}' if brief else ''}",
            remedy="give recipe ids or delivered files, or --sample N in a home that has images",
        )
    return list({record.recipe_id: record for record in wanted}.values())


def _show_problem(log: Console, found: Replay) -> None:
    """Show a problem at once, since the answer comes when all images are rendered."""
    if found.problem:
        log.print("warning:", style="bold yellow", end=" ")
        log.print(f"image {found.image[:12]}: {found.problem}", markup=False, soft_wrap=True)


def _show(console: Console, found: Replay) -> None:
    name = f"{found.image[:12]}  {found.batch}"
    if found.bit_identical:
        console.print(f"{name}  [green]bit-identical[/green]")
        return
    word = "differs" if found.pixel_sha256 else "not rendered"
    far = found.distance
    by = (
        f"by {far.max_abs} of 255 at most, PSNR {far.psnr:.1f} dB, ΔE {far.delta_e:.2f}, embedding {far.embedding:.4f}"
        if far
        else found.problem
    )
    console.print(f"{name}  [red]{word}[/red]: ", end="")
    console.print(by, markup=False)
    for change in found.differs or (("its recorded environment is unchanged",) if far else ()):
        console.print(f"    {change}", markup=False)
