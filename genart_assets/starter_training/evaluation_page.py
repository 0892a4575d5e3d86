"""Writes the evaluation of a release as files and as a page: tables of figures, grids of pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from genart_assets.pictures.contact_sheet import contact_sheet
from genart_assets.pictures.markdown_picture import markdown_picture
from genart_assets.starter_training.control_evaluation import evaluate_control
from genart_assets.starter_training.cost import measure_cost
from genart_assets.starter_training.critic_evaluation import evaluate_critic
from genart_assets.starter_training.evaluation import Judged, Progress, evaluate
from genart_assets.starter_training.spread import spread
from genart_assets.starter_training.workshop import Workshop

GRID = 60
LARGEST_SHEET = 400_000


def evaluate_release(workshop: Workshop, progress: Progress) -> tuple[str, dict[str, Any]]:
    """Evaluate ``starter_model/``; write ``evaluation.json``, ``seen.webp`` and ``held_out.webp`` beside its weights.

    Returns the page as Markdown, and the figures.
    """
    folder, words, icons = workshop.path("starter_model"), workshop.words, workshop.icons()
    figures, judged = evaluate(folder / "pipeline", folder / "critic", words, progress)
    figures["critic"] = evaluate_critic(folder / "critic", icons, words)
    figures["control"] = evaluate_control(folder / "pipeline", folder / "silhouette", icons, words)
    figures["cost"] = measure_cost(folder / "pipeline")
    (folder / "evaluation.json").write_text(json.dumps(_rounded(figures), indent=1) + "\n", encoding="utf-8")
    seen = np.array([wish.seen for wish in judged.wishes])
    sheets = {"seen": _sheet(judged, seen), "held_out": _sheet(judged, ~seen)}
    for name, sheet in sheets.items():
        (folder / f"{name}.webp").write_bytes(sheet)
    pictures = "\n\n".join(f"**{name}**\n\n{markdown_picture(sheet, name)}" for name, sheet in sheets.items())
    return f"{tables(figures)}\n\n{pictures}", figures


def tables(figures: Mapping[str, Any]) -> str:
    """The figures as Markdown tables."""
    rows = {"all": figures["all"], "seen pairs": figures["seen"], "held-out pairs": figures["held_out"]}
    for style, parts in figures["styles"].items():
        rows |= {f"{style}, {kind.replace('_', ' ')}": found for kind, found in parts.items()}
    rows |= {f"guidance {value}": found for value, found in figures["guidance"].items()}
    rows |= {f"{value} steps": found for value, found in figures["steps"].items()}
    lines = [
        "| images | number | top-1 | 95 % interval | top-5 | background ≤ ΔE 10 | median ΔE |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in rows.items():
        lines.append(
            f"| {name} | {found['images']} | {found['top_1']:.1%} | {found['top_1_low']:.1%}–{found['top_1_high']:.1%} "
            f"| {found['top_5']:.1%} | {found['background_near']:.1%} | {found['background_median']:.1f} |"
        )
    lines += ["", "| the critic on | renderings | top-1 | top-5 | images/s |", "| --- | --- | --- | --- | --- |"]
    for name, found in figures["critic"].items():
        lines.append(
            f"| {name.replace('_', ' ')} | {found['renderings']} | {found['top_1']:.1%} | {found['top_5']:.1%} "
            f"| {found['images_per_second']:.0f} |"
        )
    control, cost = figures["control"], figures["cost"]
    lines += [
        "",
        f"Silhouette control: median IoU {control['iou_with_control']:.2f}, without it {control['iou_without']:.2f} "
        f"({control['images']} images).",
        "",
        f"Cost: {cost['seconds_per_image']:.2f} s an image, {cost['load_seconds']:.1f} s to load, "
        f"{cost['peak_gib']:.2f} GiB at most, {cost['threads']} threads.",
    ]
    return "\n".join(lines)


def _sheet(judged: Judged, chosen: np.ndarray) -> bytes:
    """A fixed selection of the images; the frame shows whether the critic's first guess is the subject."""
    rows = spread(list(np.flatnonzero(chosen)), GRID)
    return contact_sheet(
        [judged.pictures[row] for row in rows],
        columns=12,
        captions=[f"{judged.wishes[row].pair.style} {judged.wishes[row].pair.subject}" for row in rows],
        verdicts=[bool(judged.ranks[row] == 0) for row in rows],
        max_bytes=LARGEST_SHEET,
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, 4) if isinstance(value, float) else value
