"""Draws docs/architecture.svg from the asset graph: ``python docs/_media/draw_architecture.py``.

A box is a group in Dagit, a line is what an asset is made from; lines that follow from others are left out. Dashed
lines are what sensors start: the next round, and briefs that take what was promoted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from genart_assets.definitions import defs

FILE = Path(__file__).parents[1] / "architecture.svg"
ROWS = (("planning", "rendering", "judging", "delivery"), ("learning", "reviewing", "retrying"))
"""Where the groups stand: the flow from left to right, and the way back from right to left."""
LEFT_OUT = "starter_training"
"""Makes the shipped model, beside the flow."""
LOOPS = (("round_outcomes", "generation_plan", "next round"), ("promoted_lora", "briefs", "next brief"))
WIDTH, GAP_X, GAP_Y, MARGIN = 186, 62, 76, 22
NODE, STEP, HEAD, FOOT = 30, 48, 44, 16
"""px: size of a box and of an asset in it."""
COLOURS = {
    "planning": "#3867d6",
    "rendering": "#8854d0",
    "judging": "#b7791f",
    "delivery": "#20805a",
    "learning": "#b83280",
    "reviewing": "#2b7a8c",
    "retrying": "#c0392b",
}


@dataclass(frozen=True)
class Place:
    """An asset on the picture: its left upper corner, and the box that it stands in."""

    x: float
    y: float
    group: str

    @property
    def middle(self) -> float:
        return self.y + NODE / 2


def drawn() -> str:
    """The picture as SVG text; the same graph gives the same text."""
    graph = defs.resolve_asset_graph()
    parents: dict[str, set[str]] = {}
    groups: dict[str, list[str]] = {}
    for key in graph.toposorted_asset_keys:
        node = graph.get(key)
        if node.group_name != LEFT_OUT:
            parents[key.to_user_string()] = {parent.to_user_string() for parent in node.parent_keys}
            groups.setdefault(node.group_name, []).append(key.to_user_string())
    if unplaced := set(groups) - {group for row in ROWS for group in row}:
        raise SystemExit(f"place the groups {', '.join(sorted(unplaced))} in ROWS")
    places, boxes = _arranged({group: _chained(names, parents) for group, names in groups.items()})
    lines = [_line(places, parent, name) for name in parents for parent in sorted(_direct(name, parents))]
    loops = [_loop(places, *loop) for loop in LOOPS]
    width = MARGIN * 2 + 4 * WIDTH + 3 * GAP_X
    height = max(y + tall for _, y, tall in boxes.values()) + MARGIN
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<title>The asset graph: planning, rendering, judging, delivery, and the way back</title>",
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#5b6472"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *(_box(group, *boxes[group]) for group in boxes),
        *lines,
        *loops,
        *(_asset(name, place) for name, place in places.items()),
        "</svg>\n",
    ])  # fmt: skip


def _chained(names: Sequence[str], parents: Mapping[str, set[str]]) -> list[str]:
    """The assets of a group in an order in which each stands below one that it is made from, where it can."""
    left, ordered = list(names), list[str]()
    while left:
        ready = [name for name in left if not parents[name] & {*left}]
        following = [name for name in ready if ordered and ordered[-1] in parents[name]]
        ordered.append((following or ready)[0])
        left.remove(ordered[-1])
    return ordered


def _arranged(groups: Mapping[str, Sequence[str]]) -> tuple[dict[str, Place], dict[str, tuple[float, float, float]]]:
    places: dict[str, Place] = {}
    boxes: dict[str, tuple[float, float, float]] = {}
    y = float(MARGIN)
    for row in ROWS:
        tall = max(_height(groups[group]) for group in row)
        for column, group in enumerate(row):
            x = MARGIN + column * (WIDTH + GAP_X)
            boxes[group] = (x, y, _height(groups[group]))
            for number, name in enumerate(groups[group]):
                places[name] = Place(x + 12, y + HEAD + number * STEP, group)
        y += tall + GAP_Y
    return places, boxes


def _height(names: Sequence[str]) -> float:
    return HEAD + len(names) * STEP - (STEP - NODE) + FOOT


def _direct(name: str, parents: Mapping[str, set[str]]) -> set[str]:
    """The parents that are not ancestors of another parent."""
    return {one for one in parents[name] if not any(one in set(_ancestors(other, parents)) for other in parents[name])}


def _ancestors(name: str, parents: Mapping[str, set[str]]) -> Iterator[str]:
    for parent in parents.get(name, ()):
        yield parent
        yield from _ancestors(parent, parents)


def _line(places: Mapping[str, Place], start: str, end: str) -> str:
    a, b = places[start], places[end]
    wide = WIDTH - 24
    if a.group == b.group:
        if b.y - a.y == STEP:
            return _path(f"M{a.x + 30} {a.y + NODE} L{b.x + 30} {b.y - 2}")
        edge, bend = a.x + wide, a.x + wide + 15
        return _path(f"M{edge} {a.middle} C{bend} {a.middle} {bend} {b.middle} {edge + 2} {b.middle}")
    if a.x < b.x:
        return _path(_curve(a.x + wide, a.middle, b.x - 2, b.middle))
    if a.x > b.x:
        return _path(_curve(a.x, a.middle, b.x + wide + 2, b.middle))
    side = a.x + wide
    return _path(f"M{side} {a.middle} C{side + 34} {a.middle} {side + 34} {b.middle} {side + 2} {b.middle}")


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (to_x - x) / 2
    return f"M{x} {y} C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"


def _loop(places: Mapping[str, Place], start: str, end: str, label: str) -> str:
    """A dashed line back up, along the left edge of the target's box or between the rows."""
    a, b = places[start], places[end]
    if a.x == b.x:
        edge = a.x - 12 - MARGIN / 2
        path = f"M{a.x} {a.middle} L{edge} {a.middle} L{edge} {b.middle} L{b.x - 2} {b.middle}"
        word = (edge + 38, b.y + (a.y - b.y) / 2)
    else:
        between = a.y - HEAD - GAP_Y / 2
        foot = b.x + (WIDTH - 24) / 2
        start_x = a.x + WIDTH - 60
        path = f"M{start_x} {a.y} L{start_x} {between} L{foot} {between} L{foot} {b.y + NODE + 2}"
        word = ((start_x + foot) / 2, between - 6)
    x, y = word
    text = f'<text x="{x}" y="{y}" font-size="12" text-anchor="middle" fill="#5b6472">'
    return _path(path, 'stroke-dasharray="5 4"') + f"{text}{escape(label)}</text>"


def _path(path: str, more: str = "") -> str:
    return f'<path d="{path}" fill="none" stroke="#5b6472" stroke-width="1.4" marker-end="url(#end)" {more}/>'


def _box(group: str, x: float, y: float, tall: float) -> str:
    colour = COLOURS[group]
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{tall}" rx="10" fill="{colour}" fill-opacity="0.07" '
        f'stroke="{colour}" stroke-opacity="0.5"/>'
        f'<text x="{x + 12}" y="{y + 26}" font-size="15" font-weight="bold" fill="{colour}">{escape(group)}</text>'
    )


def _asset(name: str, place: Place) -> str:
    colour = COLOURS[place.group]
    return (
        f'<rect x="{place.x}" y="{place.y}" width="{WIDTH - 24}" height="{NODE}" rx="5" fill="#ffffff" '
        f'stroke="{colour}"/><text x="{place.x + 10}" y="{place.y + 20}" font-size="13.5" '
        f'fill="#23272e">{escape(name)}</text>'
    )


if __name__ == "__main__":
    FILE.write_text(drawn(), encoding="utf-8")
