"""Builds the review page as a web application; only `genart review` loads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, get_args

import jinja2
from fastapi import FastAPI, HTTPException, Request
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from genart_assets.errors import GenartError, InputError, StorageError
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.story import story_of
from genart_assets.provenance.story_page import story_page
from genart_assets.provenance.which import find_image
from genart_assets.records.base import ORDER_KEY_PATTERN
from genart_assets.records.decision import Defect
from genart_assets.review_page.access import CSRF_HEADER, Access
from genart_assets.review_page.decide import NotInQueue, Refused, decide
from genart_assets.review_page.details import Details
from genart_assets.review_page.pictures import File, Pictures, placeholder
from genart_assets.review_page.queue import Entry, ReviewQueue
from genart_assets.review_page.redo_form import fields_of

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    "review.css": "text/css; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
DECISION_BYTES = 64 * 1024
FIRST_TILES = 200
"""Number of tiles in the page; the browser loads the others when these are shown."""
STORY_POLICY = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
"""The page of a story contains its style and pictures, and runs no script."""
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}

OrderKey = Annotated[str, InPath(pattern=ORDER_KEY_PATTERN)]
SlotIndex = Annotated[int, InPath(ge=0)]
RecipeId = Annotated[str, InPath(pattern=r"^[0-9a-f]{64}$")]


def review_app(queue: ReviewQueue, token: str, *, reviewer: str = "", host: str = "127.0.0.1") -> Access:
    """The page for a queue, protected by a token. ``reviewer`` is the initial name in a browser."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    access = Access(app, token, host)
    page = _Page(queue, access, reviewer)
    pictures = Pictures(queue.storage)
    page.index()  # renders the tiles before the first visitor comes

    @app.get("/")
    def index() -> HTMLResponse:
        queue.refresh()
        return HTMLResponse(page.index())

    @app.get("/tiles")
    def tiles() -> HTMLResponse:
        queue.refresh()
        return HTMLResponse("".join(page.tiles()))

    @app.get("/slots/{order}/{slot}")
    def slot(order: OrderKey, slot: SlotIndex) -> HTMLResponse:
        entry = queue.entry(order, slot)
        if entry is None:
            raise HTTPException(404, "this slot is not in the review queue")
        return HTMLResponse(page.slot(entry))

    @app.get("/state")
    def state(request: Request) -> Response:
        queue.refresh()
        body = page.state().encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    @app.get("/images/{order}/{slot}/{recipe}")
    def image(order: OrderKey, slot: SlotIndex, recipe: RecipeId) -> Response:
        return _picture(queue.entry(order, slot), recipe, pictures.full)

    @app.get("/thumbnails/{order}/{slot}/{recipe}")
    def thumbnail(order: OrderKey, slot: SlotIndex, recipe: RecipeId) -> Response:
        return _picture(queue.entry(order, slot), recipe, pictures.thumbnail)

    @app.get("/trace/{recipe}")
    def trace(recipe: RecipeId) -> HTMLResponse:
        with provenance_index(queue.storage) as records:
            try:
                story = story_of(queue.storage, records, *find_image(recipe, records))
            except InputError as error:
                raise HTTPException(404, error.message) from error
        return HTMLResponse(story_page(queue.storage, story), headers=STORY_POLICY)

    @app.post("/decisions")
    async def decisions(request: Request) -> JSONResponse:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise HTTPException(415, "a decision is posted as application/json")
        return await run_in_threadpool(_decided, queue, await _limited_body(request))

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in MEDIA_TYPES:
            raise HTTPException(404, "no such file")
        return Response((STATIC / name).read_bytes(), media_type=MEDIA_TYPES[name], headers=FOR_EVER)

    @app.exception_handler(GenartError)
    def answer_refusal(request: Request, error: GenartError) -> JSONResponse:
        return _refused(error)

    return access


def _decided(queue: ReviewQueue, body: bytes) -> JSONResponse:
    """Store a posted decision and answer with the row's state: 201, or 200 if the same decision was stored before."""
    decision, entry, is_new = decide(queue, body)
    state = queue.state(entry) if entry else None
    answer = {
        "decision": decision.model_dump(mode="json"),
        "key": entry.key if entry else None,
        "state": state.model_dump(mode="json") if state else None,
    }
    return JSONResponse(answer, 201 if is_new else 200)


def _refused(error: GenartError) -> JSONResponse:
    code = 404 if isinstance(error, NotInQueue) else 422 if isinstance(error, Refused) else 409
    code = 503 if isinstance(error, StorageError) else code
    return JSONResponse({"error": error.message, "remedy": error.remedy}, code)


async def _limited_body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > DECISION_BYTES:
            raise HTTPException(413, f"a decision has at most {DECISION_BYTES} bytes")
    return body


def _picture(entry: Entry | None, recipe: str, read: Callable[[str, str], File]) -> Response:
    """An image of a row's attempts; if it cannot be read, a picture that says why, with code 404."""
    attempt = next((a for a in entry.row.attempts if a.recipe_id == recipe), None) if entry else None
    if attempt is None:
        raise HTTPException(404, "this image is not in the review queue")
    try:
        file = read(attempt.batch, recipe)
    except StorageError as error:
        file = placeholder(error.message)
        return Response(file.data, 404, media_type=file.media_type)
    return Response(file.data, media_type=file.media_type, headers=FOR_EVER)


class _Page:
    """Renders the HTML and JSON of the page; each tile is rendered once."""

    def __init__(self, queue: ReviewQueue, access: Access, reviewer: str) -> None:
        self._queue = queue
        self._details = Details(queue.storage)
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("genart_assets.review_page"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._tiles: dict[tuple[str, int], str] = {}
        self._state = (-1, "")
        self._fixed = {
            "csrf": access.csrf,
            "csrf_header": CSRF_HEADER,
            "home": access.home_id,
            "reviewer": reviewer,
            "defects": get_args(Defect),
            "versions": {name: hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12] for name in MEDIA_TYPES},
        }

    def index(self) -> str:
        state = self.state().replace("<", "\\u003c")  # for a script element
        tiles = self.tiles()[:FIRST_TILES]
        return self._templates.get_template("page.html").render(**self._fixed, tiles=tiles, state=state)

    def tiles(self) -> list[str]:
        template = self._templates.get_template("tile.html")
        found: list[str] = []
        for entry in self._queue.entries():
            place = (entry.key, len(entry.row.attempts))
            if place not in self._tiles:
                self._tiles[place] = template.render(entry=entry, row=entry.row)
            found.append(self._tiles[place])
        return found

    def slot(self, entry: Entry) -> str:
        decisions = self._queue.decisions(entry)
        return self._templates.get_template("slot.html").render(
            entry=entry,
            row=entry.row,
            details=self._details.of(entry),
            fields=fields_of(entry.brief, entry.values),
            decisions=decisions,
            undone={decision.undoes for decision in decisions},
        )

    def state(self) -> str:
        """The state of every row as JSON, made again when something has changed."""
        generation, text = self._state
        if generation != self._queue.generation:
            generation = self._queue.generation  # first: changes meanwhile are reported next time
            slots = {key: state.model_dump(mode="json") for key, state in self._queue.states().items()}
            text = json.dumps({"slots": slots, "problems": self._queue.problems}, separators=(",", ":"))
            self._state = (generation, text)
        return text
