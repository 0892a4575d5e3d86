"""A control image as the studio drew it, to the pixels that a ControlNet takes in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

import numpy as np

from genart_assets.errors import InputError
from genart_assets.pictures.upright import upright_picture
from genart_assets.records.fields import ControlKind
from genart_assets.storage.pixels import Picture

_GREY_LIKE = ("1", "L", "RGB")


@dataclass(frozen=True)
class Rule:
    """What an image of a kind must be. It is taken as it is: no edges, depths or poses are computed."""

    shows: str
    modes: tuple[str, ...] = _GREY_LIKE
    drawn: Literal["white on black", "anyhow"] = "white on black"


RULES: dict[ControlKind, Rule] = {
    "silhouette": Rule("a white shape on black"),
    "canny": Rule("white edges on black"),
    "lineart": Rule("white lines on black"),
    "depth": Rule("grey levels, near is bright", drawn="anyhow"),
    "pose": Rule("a coloured skeleton on black", modes=("RGB",), drawn="anyhow"),
}


def prepare_control(path: str, kind: ControlKind, size: tuple[int, int]) -> Picture:
    """Read a control image of exactly ``size``, width and height in px; a grey one has its level in all channels.

    Raises:
        InputError: it cannot be read; has another size, or another mode than its kind is drawn in; is of one colour;
            or is drawn black on white.
    """
    rule, shown = RULES[kind], os.path.basename(path)
    upright = upright_picture(path, shown, _resize(size))
    mode, pixels = upright.mode, np.asarray(upright.convert("RGB"))
    if mode not in rule.modes:
        raise InputError(
            f"{shown} has mode {mode}, a {kind} image is {' or '.join(rule.modes)}",
            remedy=f"save {rule.shows} with 8 bits a channel, without transparency or palette",
        )
    if upright.size != size:
        raise InputError(f"{shown} is {upright.width} x {upright.height} px", remedy=_resize(size))
    if (pixels == pixels[0, 0]).all():
        raise InputError(f"{shown} is of one colour", remedy=f"draw {rule.shows}")
    if rule.drawn == "white on black" and _is_inverted(pixels):
        raise InputError(f"{shown} has a white frame", remedy=f"invert it: a {kind} image is {rule.shows}")
    return pixels


def _resize(size: tuple[int, int]) -> str:
    return f"give it the brief's size, {size[0]} x {size[1]} px"


def _is_inverted(pixels: Picture) -> bool:
    """Whether most of the outermost pixels are bright: what is drawn leaves them out."""
    frame = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return float(frame.mean()) > 127.5
