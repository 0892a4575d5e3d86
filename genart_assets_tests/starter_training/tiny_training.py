"""The whole training on four shapes in two steps each, for the tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from genart_assets.starter_training import autoencoder, control, critic, evaluation, generator, style_lora, vocabulary

VOCABULARY = """\
styles: {classic: noto, glossy: fluent-emoji, flat: fluent-emoji-flat, cartoon: twemoji}
lora_style: {ink: fluent-emoji-high-contrast}
judging_style: {first edition: noto-v1}
backgrounds: {white: "#ffffff", teal: "#1e9495"}
subjects: {toys: "ball, box, kite, ring"}
"""


def make_training_tiny(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Two steps of four rows, four subjects, two backgrounds; the networks keep their real sizes."""
    file = folder / "vocabulary.yaml"
    file.write_text(VOCABULARY)
    monkeypatch.setattr(vocabulary, "FILE", file)
    vocabulary.vocabulary.cache_clear()
    for module in (autoencoder, generator, critic, control, style_lora):
        monkeypatch.setattr(module, "SCHEDULE", replace(module.SCHEDULE, steps=2, rows=4, warm_up=1))
        if hasattr(module, "VARIANTS"):
            monkeypatch.setattr(module, "VARIANTS", 1)
    monkeypatch.setattr(evaluation, "GUIDANCES", (1.0, 5.0))
    monkeypatch.setattr(evaluation, "STEP_COUNTS", (2,))
    monkeypatch.setattr(evaluation, "STEPS", 2)
