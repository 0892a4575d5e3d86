"""The studio's latitudes as the studio writes them, read or refused with every problem named."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.stages.briefs.fields import allowed
from genart_assets.stages.briefs.problems import Problem, refusal
from genart_assets.stages.briefs.read_briefs import read_text
from genart_assets.stages.briefs.validation import problems_of
from genart_assets.stages.briefs.written import Written
from genart_assets.stages.briefs.yaml_text import BriefTree, read_tree

FILE = "studio.yaml"
STUDIO = Written(
    record=StudioLatitudes,
    name="studio file",
    wanted=f"write a key, such as 'most_images: 5000', or remove {FILE}: without it the studio has no bounds",
    example="write keys and values, such as 'most_images: 5000'",
    shorter="forbid fewer words, or shorter ones",
    then="try again; until then no brief is accepted",
)


def read_studio(home: Path) -> StudioLatitudes:
    """What the file ``studio.yaml`` of a home says; no bounds where there is no such file.

    An empty file is refused: one that lost its content must not free the studio.

    Raises:
        InputError: the file is unreadable, over 1 MiB, not UTF-8, empty or no YAML mapping; or a line for every
            unknown key and wrong value, with line, field, value, and what is allowed.
    """
    path = home / FILE
    if not os.path.lexists(path):
        return UNBOUND
    source = os.fspath(path)
    tree = read_tree(read_text(path, STUDIO), source, STUDIO)
    tree.problems += _without_value(tree)
    try:
        studio = StudioLatitudes.model_validate(tree.data, strict=True)
    except ValidationError as error:
        raise refusal(source, problems_of(error, tree), tree.lines, STUDIO.then) from error
    if tree.problems:
        raise refusal(source, tree.problems, tree.lines, STUDIO.then)
    return studio


def _without_value(tree: BriefTree) -> list[Problem]:
    """A key with nothing behind it is no bound: perhaps its lines were lost."""
    empty = [(key,) for key, value in tree.data.items() if value is None and key in StudioLatitudes.model_fields]
    return [
        Problem(path, f"given nothing; allowed: {allowed(path, StudioLatitudes)}; remove the key if there is no bound")
        for path in empty
    ]
