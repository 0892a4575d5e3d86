"""Small icon packages in Iconify's layout: a few shapes, drawn for the tests."""

from __future__ import annotations

import json
from pathlib import Path

from genart_assets.starter_training.icons import NAMED_AS, PACKAGES, Sources
from genart_assets.starter_training.vocabulary import Vocabulary

SHAPES = {
    "ball": '<circle cx="16" cy="16" r="12" fill="{fill}"/>',
    "box": '<path d="M6 10h20v14H6z" fill="{fill}"/>',
    "kite": '<path d="M16 2l9 12-9 16-9-16z" fill="{fill}"/>',
    "ring": '<circle cx="16" cy="16" r="9" fill="none" stroke="{fill}" stroke-width="5"/>',
}
CODE_POINTS = {"ball": "26BD", "box": "1F4E6", "kite": "1FA81", "ring": "1F48D"}
WORDS = Vocabulary(
    subjects=tuple(SHAPES),
    styles={"classic": "noto", "glossy": "fluent-emoji", "flat": "fluent-emoji-flat", "cartoon": "twemoji"},
    lora_style="ink",
    judging_style="first edition",
    other_sets={"ink": "fluent-emoji-high-contrast", "first edition": "noto-v1"},
    backgrounds={"white": (255, 255, 255), "teal": (30, 148, 149)},
)
FILLS = {
    "noto": "#d8343f",
    "fluent-emoji": "#f58a2c",
    "fluent-emoji-flat": "#2f6fde",
    "twemoji": "#4caf50",
    "fluent-emoji-high-contrast": "#000000",
    "noto-v1": "#7d4bb5",
}


def write_packages(folder: Path, without: tuple[str, str] | None = None) -> Sources:
    """Write every package that the recipe names; ``without`` leaves one subject out of one set."""
    for package, version in PACKAGES.items():
        root = folder / "node_modules" / package
        root.mkdir(parents=True)
        (root / "package.json").write_text(json.dumps({"name": package, "version": version}))
        name = package.partition("/")[2]
        if name not in FILLS:
            continue
        icons = {
            f"a-{subject}": {"body": body.format(fill=FILLS[name])}
            for subject, body in SHAPES.items()
            if (name, subject) != without
        }
        (root / "icons.json").write_text(json.dumps({"icons": icons, "width": 32, "height": 32}))
        if name not in NAMED_AS:
            names = {code.lower(): f"a-{subject}" for subject, code in CODE_POINTS.items()}
            (root / "chars.json").write_text(json.dumps(names))
    labels = [{"label": subject, "hexcode": code, "tags": [f"{subject} toy"]} for subject, code in CODE_POINTS.items()]
    english = folder / "node_modules" / "emojibase-data" / "en"
    english.mkdir()
    (english / "data.json").write_text(json.dumps(labels))
    return Sources(folder)
