"""A small brief, its schedule and its snapshot, for the tests of plans."""

from __future__ import annotations

from genart_assets.records.brief import Brief
from genart_assets.records.recipe import Schedule

SNAPSHOT = "5" * 64


SCHEDULE = Schedule(
    scheduler="DDIMScheduler", config={"beta_start": 0.00085, "trained_betas": None}, timesteps=(999.0, 499.5, 1e-7)
)


VARY = {"subject": ("pear", "plum"), "style": ("classic", "glossy"), "background": ("teal", "navy", "pink")}


def brief_of(**changes: object) -> Brief:
    prompt = " ".join(f"{{{name}}}" for name in VARY)
    return Brief.model_validate({"brief": "fruit", "prompt": prompt, "vary": VARY, "repeats": 2, **changes})
