"""Makes captions of renderings in the few forms that briefs use, complete or in part."""

from __future__ import annotations

import numpy as np

FORMS = (
    "{style} icon of {subject} on {background} background",
    "a {style} {subject} on a {background} background",
    "{style} {subject}, {background} background",
)
FORM_SHARES = (0.6, 0.25, 0.15)
PARTS = (
    "{subject}",
    "{style} icon of {subject}",
    "{subject} on {background} background",
    "{style} icon",
    "{background} background",
)
PART_SHARE, EMPTY_SHARE = 0.1, 0.1
"""A tenth of the captions has only a part, so that single words have a meaning in negative prompts; a tenth is empty,
for classifier-free guidance (Ho and Salimans, 2022)."""


def full_caption(subject: str, style: str, background: str, form: int = 0) -> str:
    """A complete caption of one form."""
    return FORMS[form].format(style=style, subject=subject, background=background)


def random_caption(
    subject: str,
    style: str,
    background: str,
    random: np.random.Generator,
    *,
    part_share: float = PART_SHARE,
    empty_share: float = EMPTY_SHARE,
) -> str:
    """A caption of a random form; sometimes only a part of it, sometimes empty."""
    drawn = random.random()
    if drawn < empty_share:
        return ""
    if drawn < empty_share + part_share:
        form = PARTS[random.integers(len(PARTS))]
    else:
        form = FORMS[random.choice(len(FORMS), p=FORM_SHARES)]
    return form.format(style=style, subject=subject, background=background)
