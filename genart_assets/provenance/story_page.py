"""An image's story as one HTML page that needs nothing else: its pictures are inside."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from genart_assets.errors import StorageError
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.story import Story
from genart_assets.storage.images import ImageStore, StoredImages
from genart_assets.storage.root import Storage

if TYPE_CHECKING:
    import jinja2

TEMPLATE = "story.html"


def story_page(storage: Storage, story: Story) -> str:
    """The page. An attempt whose picture is gone is shown without, with the reason."""
    opened = cache(lambda batch: ImageStore(storage, batch).open())
    pictures = {shown.recipe_id: _picture(opened, shown) for shown in (*story.attempts, *story.siblings)}
    return _template().render(story=story, image=story.image, pictures=pictures)


@cache
def _template() -> jinja2.Template:
    import jinja2

    folder = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=folder, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template(TEMPLATE)


def _picture(opened: Callable[[str], StoredImages], attempt: ProvenanceRecord) -> dict[str, str]:
    """``data`` for an ``img``, or why there is none."""
    if attempt.path is None:
        return {"reason": "it was never rendered"}
    try:
        png = opened(attempt.batch).file_of(attempt.recipe_id)
    except StorageError as error:
        return {"reason": error.message}
    return {"data": f"data:image/png;base64,{base64.b64encode(png).decode()}"}
