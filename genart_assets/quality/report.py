"""Writes the validation report of a batch: one HTML page that loads nothing from elsewhere."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genart_assets.quality.bounds import bound_text, bounds_of, score_text
from genart_assets.quality.gate_result import GateResult
from genart_assets.quality.histogram import Histogram, histograms
from genart_assets.records.brief import Brief
from genart_assets.records.plan import PlannedImage
from genart_assets.records.verdict import FailedExpectation, Verdict

if TYPE_CHECKING:
    import jinja2
    import pandas as pd

CHART_WIDTH, CHART_HEIGHT, CHART_MARGIN = 300, 90, 2
"""Sizes in px; the margin leaves room for a bound at the chart's first or last value."""


@dataclass(frozen=True)
class Bar:
    """A rectangle of the chart, in px."""

    x: float
    y: float
    width: float
    height: float
    outside: bool
    title: str


@dataclass(frozen=True)
class CriticChart:
    """A critic's row in the report: its bound, how many images are within it, and its histogram."""

    critic: str
    unit: str
    bound: str
    within: int
    images: int
    without_score: int
    low: str
    high: str
    bars: tuple[Bar, ...]
    bound_lines: tuple[float, ...]


@dataclass(frozen=True)
class FailedImage:
    """An image that failed, as the report shows it."""

    recipe_id: str
    slot: int
    values: str
    prompt: str
    seed: int
    thumbnail: str
    failed: tuple[str, ...]


def validation_report(
    batch: str,
    brief: Brief,
    plan: Sequence[PlannedImage],
    scores: pd.DataFrame,
    verdicts: Sequence[Verdict],
    style_gate: GateResult,
    thumbnails: Mapping[str, bytes],
    structural_gates: Sequence[GateResult] = (),
) -> bytes:
    """The page, in UTF-8. ``thumbnails`` are PNG files by recipe_id and may be missing.

    The page contains no time and no address, so that the same batch gives the same bytes.
    """
    passed = sum(verdict.passed for verdict in verdicts)
    not_rendered = sum(any(item.expectation == "rendered" for item in verdict.failed) for verdict in verdicts)
    page = _template().render(
        batch=batch,
        brief=brief,
        planned=len(plan),
        rendered=len(plan) - not_rendered,
        passed=passed,
        failed=len(verdicts) - passed,
        round=plan[0].round if plan else 0,
        snapshot=plan[0].recipe.model_snapshot if plan else "",
        charts=[_chart(histogram, style_gate) for histogram in histograms(scores, bounds_of(brief))],
        chart_width=CHART_WIDTH,
        chart_height=CHART_HEIGHT,
        gates=[*structural_gates, style_gate],
        failed_images=_failed_images(plan, verdicts, thumbnails),
    )
    return page.encode()


def expectation_text(failed: FailedExpectation) -> str:
    """A failed expectation as text: ``sharpness 12.3, wanted ≥ 30`` or ``rendered: the latent is not finite``."""
    if failed.value is None:
        return f"{failed.expectation}: {failed.reason}"
    return f"{failed.expectation} {score_text(failed.value)}, wanted {bound_text(failed.min, failed.max)}"


def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("genart_assets.quality", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _failed_images(
    plan: Sequence[PlannedImage], verdicts: Sequence[Verdict], thumbnails: Mapping[str, bytes]
) -> list[FailedImage]:
    by_id = {verdict.recipe_id: verdict for verdict in verdicts if not verdict.passed}
    return [
        FailedImage(
            recipe_id=planned.recipe_id,
            slot=planned.slot.index,
            values=", ".join(f"{name}: {value}" for name, value in planned.slot.values.items()),
            prompt=planned.recipe.prompt,
            seed=planned.recipe.seed,
            thumbnail=_data_uri(thumbnails.get(planned.recipe_id)),
            failed=tuple(expectation_text(item) for item in by_id[planned.recipe_id].failed),
        )
        for planned in plan
        if planned.recipe_id in by_id
    ]


def _data_uri(png: bytes | None) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else ""


def _chart(histogram: Histogram, gate: GateResult) -> CriticChart:
    own = [outcome for outcome in gate.outcomes if outcome.expectation.kwargs.get("column") == histogram.critic]
    failed = {row.id for outcome in own for row in outcome.failed}
    images = histogram.scored + histogram.without_score
    bound = histogram.bound
    return CriticChart(
        critic=histogram.critic,
        unit=histogram.unit,
        bound=bound_text(bound.min, bound.max) if bound else "",
        within=images - len(failed),
        images=images,
        without_score=histogram.without_score,
        low=score_text(histogram.low),
        high=score_text(histogram.high),
        bars=tuple(_bars(histogram)),
        bound_lines=tuple(_x(histogram, end) for end in histogram.bounds),
    )


def _x(histogram: Histogram, value: float) -> float:
    share = (value - histogram.low) / (histogram.high - histogram.low)
    return round(CHART_MARGIN + (CHART_WIDTH - 2 * CHART_MARGIN) * share, 1)


def _bars(histogram: Histogram) -> Iterator[Bar]:
    """For each bin, a bar of all its scores, and over it a bar of the scores outside the bound."""
    px_per_image = CHART_HEIGHT / max(*histogram.counts, 1)
    for k, count in enumerate(histogram.counts):
        left, right = histogram.edges[k], histogram.edges[k + 1]
        title = f"{count} images from {score_text(left)} to {score_text(right)}"
        x, width = _x(histogram, left), round(_x(histogram, right) - _x(histogram, left) - 1, 1)
        for images, outside in ((count, False), (histogram.outside[k], True)):
            if images:
                height = round(max(2.0, images * px_per_image), 1)
                yield Bar(x, round(CHART_HEIGHT - height, 1), width, height, outside, title)
