"""Implements `genart trace`: shows the story of one image in the terminal, as JSON, or as a page with pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from genart_assets.cli.gaps import report_gaps
from genart_assets.cli.terminal import standard_error_console, standard_output_reserved

if TYPE_CHECKING:
    from genart_assets.provenance.record import ProvenanceRecord
    from genart_assets.provenance.story import Story
    from genart_assets.provenance.which import Found
    from genart_assets.records.decision import Decision

DIGITS = 12


def trace_command(image: str, *, html: Path | None, as_json: bool) -> int:
    """Show how an image was made; with ``html``, also write a page to that file. Returns 0.

    Raises:
        InputError: the storage does not have the image, or the file does not identify one.
    """
    with standard_error_console() as log, standard_output_reserved(), log.status("looking it up"):
        from genart_assets.instance.home import Home
        from genart_assets.provenance.index import provenance_index
        from genart_assets.provenance.story import story_of
        from genart_assets.provenance.which import find_image
        from genart_assets.storage.root import Storage

        storage = Storage.open(Home.open().storage_root)
        with provenance_index(storage) as index, report_gaps(index, log):
            story = story_of(storage, index, *find_image(image, index))
    if html is not None:
        from genart_assets.provenance.story_page import story_page

        html.write_text(story_page(storage, story), encoding="utf-8")
    if as_json:
        print(story.model_dump_json(indent=2))
    else:
        _show(Console(highlight=False), story)
    return 0


def _show(console: Console, story: Story) -> None:
    image = story.image
    _block(
        console,
        f"image {image.recipe_id}",
        {
            "found by": _found_by(story.found),
            "ordered by": f"brief {image.brief}, slot {image.slot_index} {_values(image)}",
            "batch": f"{image.batch}, round {image.round}",
            "verdict": verdict_of(image),
            "picture": image.path or "none",
            "pixels": image.pixel_sha256 or "none",
        },
    )
    _block(
        console,
        "recipe",
        {
            "prompt": image.prompt,
            "negative prompt": image.negative_prompt or "none",
            "embeddings": f"rows {image.prompt_id[:DIGITS]}, {image.negative_prompt_id[:DIGITS]} of prompt_embeddings",
            "seed": str(image.seed),
            "sampler": f"{image.scheduler}, {image.steps} steps, guidance {image.guidance:g}",
            "size": f"{image.width} x {image.height} px",
            **_steering(story),
            "noise": image.noise_sha256 or "none",
            "latents": image.latents_sha256 or "none",
        },
    )
    weights = story.weights
    _block(
        console,
        "made with",
        {
            "model": f"{image.model}, snapshot {image.model_snapshot}",
            "weights": f"{len(weights.files)} files, {weights.licence}" if weights else "not recorded",
            "machine": _machine(story),
            "run": f"{image.run_id}, began {image.began}" if image.run_id else "unknown: its process was killed",
            "cost": f"{image.denoise_seconds:.3f} s of denoising" if image.denoise_seconds else "not recorded",
        },
    )
    attempts = Table("", "round", "image", "move", "why", "verdict", title="attempts", title_justify="left")
    for attempt in story.attempts:
        here = ">" if attempt.recipe_id == image.recipe_id else ""
        why = (attempt.move or "first try").replace("_", " "), (attempt.reason or "").replace("_", " ")
        attempts.add_row(here, str(attempt.round), attempt.recipe_id[:DIGITS], *why, verdict_of(attempt))
    console.print(attempts)
    scores = {
        f"{one.critic} {one.version}": "none" if one.score is None else f"{one.score:.4g} {one.unit}"
        for one in image.scores
    }
    _block(console, "scores", scores)
    if story.decisions:
        lines = {f"{one.time:%Y-%m-%d %H:%M} {one.reviewer}": _decision_text(one) for one in story.decisions}
        _block(console, "people", lines)
    files = {file.path: "" if file.there else "gone" for file in story.files}
    _block(console, "delivered", files or {"nothing": ""})


def _found_by(found: Found) -> str:
    """How the image was found, and how close the match is."""
    if found.by == "likeness":
        other = "no other picture" if found.next_distance is None else f"the next picture {found.next_distance:g}"
        return f"what it shows: {found.distance:g} of 255 away, {other}"
    what = {"id": "its recipe id", "metadata": "the file's own metadata"}[found.by]
    return what if found.distance is None else f"{what}, and its picture matches ({found.distance:g} of 255 away)"


def verdict_of(image: ProvenanceRecord) -> str:
    """The verdict on an image as text."""
    if image.passed:
        return "passed, selected" if image.selected else "passed, waits for a person"
    failed = ", ".join(str(one["expectation"]).replace("_", " ") for one in image.failed)
    return f"failed: {failed}"


def _decision_text(decision: Decision) -> str:
    score = "" if decision.score is None else f", score {decision.score}"
    return f"{decision.action}{score}" + "".join(f", {tag}" for tag in decision.tags)


def _steering(story: Story) -> dict[str, str]:
    """Each LoRA, the control and the start picture of an image, with hashes, scales and names of the files."""
    from genart_assets.stages.briefs.control_images import control_path
    from genart_assets.stages.briefs.start_pictures import start_path

    steering = story.image.steering
    names = {adapter.snapshot_id: f", {adapter.name}, {adapter.licence}" for adapter in story.adapters}
    lines = {
        f"LoRA {lora.name}": f"scale {lora.scale:g}, snapshot {lora.snapshot}{names.get(lora.snapshot, '')}"
        for lora in steering.loras
    }
    if control := steering.control:
        where = names.get(control.snapshot, "")
        lines[f"{control.kind} control"] = f"scale {control.scale:g}, snapshot {control.snapshot}{where}"
        lines["control image"] = control_path(control.image)
    if start := steering.start:
        lines["start picture"] = f"strength {start.strength:g}, {start_path(start.image)}"
        if start.mask:
            lines["mask"] = start_path(start.mask)
    return lines


def _values(image: ProvenanceRecord) -> str:
    return "(" + ", ".join(image.values.values()) + ")" if image.values else ""


def _machine(story: Story) -> str:
    there = story.environment
    if there is None:
        return "not recorded"
    packages = ", ".join(f"{name} {there.packages.get(name, '?')}" for name in ("torch", "diffusers", "genart-assets"))
    return f"{there.device_class}; {there.cpu}; {there.driver or 'no GPU'}; {there.os}; {packages}"


def _block(console: Console, title: str, lines: dict[str, str]) -> None:
    console.print(title, style="bold")
    width = max(map(len, lines), default=0)
    for name, value in lines.items():
        console.print(f"  {name:<{width}}  {value}", markup=False, soft_wrap=True)
