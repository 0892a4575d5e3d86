"""Walks ComfyUI's graph: nodes with inputs, which are values or links to the outputs of other nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from genart_assets.from_image.generation_metadata import items, mapping, text

Follow = Callable[[str], bool]
"""Returns whether to follow an input, by its name."""
_TEXT_INPUTS = ("text", "text_g", "text_l", "clip_l", "t5xxl", "prompt")
_VALUE_INPUTS = ("value", "text", "string", "int", "float", "seed")
_BESIDE_CONDITIONING = frozenset(
    {"clip", "clip_vision", "clip_vision_output", "model", "vae", "control_net", "style_model", "ipadapter"}
    | {"image", "mask", "pixels", "latent", "latent_image", "samples", "noise", "sigmas", "sampler"}
)
_ZERO = "ConditioningZeroOut"
_MOST_HOPS = 8


def along(*names: str) -> Follow:
    """Follow the inputs of these names only."""
    return frozenset(names).__contains__


class Graph:
    """The nodes of one workflow; cycles, dangling links and unknown values are skipped."""

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        found = {node: mapping(content) for node, content in nodes.items()}
        self.inputs = {node: mapping(content.get("inputs")) for node, content in found.items()}
        self.kinds = {node: text(content.get("class_type")) for node, content in found.items()}

    def target(self, node: str, name: str) -> str | None:
        """The node that an input links to; None if it is a value or a dangling link."""
        link = items(self.inputs[node].get(name))
        is_link = len(link) == 2 and isinstance(link[0], str | int) and isinstance(link[1], int)
        return str(link[0]) if is_link and str(link[0]) in self.inputs else None

    def upstream(self, start: str, follow: Follow | None = None) -> Iterator[str]:
        """A node and the nodes that it depends on, the nearest first."""
        seen, queue = {start}, deque([start])
        while queue:
            yield (node := queue.popleft())
            queue.extend(self._next(node, follow, seen))

    def _next(self, node: str, follow: Follow | None, seen: set[str]) -> Iterator[str]:
        for name in self.inputs[node]:
            target = self.target(node, name) if follow is None or follow(name) else None
            if target is not None and target not in seen:
                seen.add(target)
                yield target

    def value(self, node: str, name: str) -> str | int | float | None:
        """The value of an input, also through nodes that only pass a value on."""
        given = self.inputs[node].get(name)
        for _ in range(_MOST_HOPS):
            target = self.target(node, name)
            if target is None:
                break
            names = [each for each in (name, *_VALUE_INPUTS) if each in self.inputs[target]]
            if not names:
                return None
            node, name = target, names[0]
            given = self.inputs[node].get(name)
        return given if isinstance(given, str | int | float) and not isinstance(given, bool) else None

    def nearest(self, start: str, names: Collection[str], follow: Follow | None = None) -> str | int | float | None:
        """The nearest upstream value of an input with one of these names."""
        values = (self.value(node, name) for node in self.upstream(start, follow) for name in names)
        return next((value for value in values if value is not None), None)

    def prompt(self, start: str, role: str, other_role: str) -> str:
        """The texts of a conditioning. Controls have inputs for both roles; those of ``other_role`` are ignored."""
        found: list[str] = []
        seen, queue = {start}, deque([start])
        while queue:
            node = queue.popleft()
            if self.kinds[node] == _ZERO:
                continue
            values = [self.value(node, name) for name in _TEXT_INPUTS] + [self.inputs[node].get(role)]
            if texts := [value.strip() for value in values if isinstance(value, str)]:
                found += texts
                continue
            queue.extend(self._next(node, lambda name: name not in _BESIDE_CONDITIONING | {other_role}, seen))
        return ", ".join(filter(None, dict.fromkeys(found)))
