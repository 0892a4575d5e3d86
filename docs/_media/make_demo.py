"""Makes docs/demo.webp: `genart demo` in a terminal, the sheet of its images, and the story of one of them.

Nothing is staged: the commands run here, the pictures come out of the home, and Chromium shows the page.

    pip install pyte playwright
    python docs/_media/make_demo.py --work EMPTY_FOLDER --chromium "$(command -v chromium)"

The recordings stay in the folder: run it again to draw the same run anew.
"""

from __future__ import annotations

import argparse
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import terminal
from PIL import Image, ImageDraw, ImageFont
from sheets import last_images, provenance

OUT = Path(__file__).parents[1] / "demo.webp"
SIZE = (880, 520)
BAR = 34
"""px: height of the line of text below each scene."""
PLAYED_SECONDS = 9.0
"""How long the run is shown, however long it took."""
FRAMES_A_SECOND = 5
HOLD = 2600
"""Milliseconds that a scene stays before the next one."""
SCROLLED = 900
"""Milliseconds of each frame of the story's page."""
STORY_WIDTH = 860
SCROLLS = (0, 0, 180, 360, 540)
"""px: where the story's page stands in each of its frames."""
BYTES = 3_000_000

Frame = tuple[Image.Image, int]


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--work", type=Path, required=True)
    given.add_argument("--chromium", required=True)
    options = given.parse_args()
    work: Path = options.work.absolute()
    work.mkdir(exist_ok=True)
    os.chdir(work)
    environment = {**os.environ, "GENART_HOME": str(work / "genart_home")}
    run, trace = work / "demo.jsonl", work / "trace.jsonl"
    if not run.exists():
        terminal.record(["genart demo"], environment, run)
    images = provenance(work / "genart_home/storage")
    told = retried(images)
    if not trace.exists():
        terminal.record([f"genart trace {told[:12]} --html story.html"], environment, trace)
    final = last_images(work / "genart_home/storage", images, columns=10)
    pages = list(story(work / "story.html", options.chromium))
    frames = [
        *played(run),
        (still(last(run), "48 slots, 3 retry rounds, files delivered"), HOLD),
        (still(final, "the last image of every slot: passed green, failed red"), HOLD),
        (still(last(trace), "genart trace: how one of them came to be"), HOLD),
        *((still(page, "its story: what failed, what was changed, what made it"), SCROLLED) for page in pages),
    ]
    save(frames)


def retried(images: pd.DataFrame) -> str:
    """The recipe id of the selected image that took the most rounds."""
    selected = images[images["selected"]]
    return str(selected.sort_values(["round", "slot_index"]).iloc[-1]["recipe_id"])


def played(recording: Path) -> Iterator[Frame]:
    """The run, made shorter: one frame every so many of its seconds."""
    total = json.loads(recording.read_text(encoding="utf-8").splitlines()[-1])[0]
    step = total / (PLAYED_SECONDS * FRAMES_A_SECOND)
    due = 0.0
    for seconds, screen in terminal.screens(recording):
        if seconds >= due:
            yield still(terminal.draw(screen, shown()), "genart demo"), round(1000 / FRAMES_A_SECOND)
            due += step


def last(recording: Path) -> Image.Image:
    *_, (_, screen) = terminal.screens(recording)
    return terminal.draw(screen, shown())


def story(page: Path, chromium: str) -> Iterator[Image.Image]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        height = shown()[1]
        tab = browser.new_page(viewport={"width": STORY_WIDTH, "height": height}, color_scheme="light")
        tab.goto(page.absolute().as_uri())
        for scroll in SCROLLS:
            tab.evaluate(f"window.scrollTo(0, {scroll})")
            yield Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
        browser.close()


def shown() -> tuple[int, int]:
    return SIZE[0], SIZE[1] - BAR


def still(scene: Image.Image, caption: str) -> Image.Image:
    """One frame: the scene in the middle, what it shows in the bar below."""
    width, height = shown()
    scale = min(width / scene.width, height / scene.height, 1.0)
    fitted = scene.resize((round(scene.width * scale), round(scene.height * scale)), Image.Resampling.LANCZOS)
    frame = Image.new("RGB", SIZE, scene.getpixel((0, 0)))
    frame.paste(fitted, ((width - fitted.width) // 2, (height - fitted.height) // 2))
    pen = ImageDraw.Draw(frame)
    pen.rectangle((0, height, width, SIZE[1]), fill="#23272e")
    font = ImageFont.truetype(str(terminal.FONT), 14)
    pen.text((14, height + BAR // 2), caption, font=font, fill="#e8eaee", anchor="lm")
    return frame


def save(frames: list[Frame]) -> None:
    pictures, seconds = [frame for frame, _ in frames], [shown_for for _, shown_for in frames]
    pictures[0].save(
        OUT, "WEBP", save_all=True, append_images=pictures[1:], duration=seconds, loop=0, quality=75, method=4,
        allow_mixed=True, minimize_size=True,
    )  # fmt: skip
    if OUT.stat().st_size > BYTES:
        raise SystemExit(f"{OUT} has {OUT.stat().st_size:,} bytes, at most {BYTES:,} are allowed")


if __name__ == "__main__":
    main()
