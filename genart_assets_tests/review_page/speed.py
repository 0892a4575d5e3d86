"""How fast the review page is with 1,000 images: `python -m genart_assets_tests.review_page.speed` prints it."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.orders import store_order
from genart_assets_tests.review_page.pages import ReviewServer, review_server
from genart_assets_tests.servers.waiting import until

IMAGES, SIDE, PRESSES, OPENINGS = 1000, 512, 200, 3
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
STAMP = """() => {
  const shown = () => document.querySelector('#stage .slot');
  window.seen = [];
  document.addEventListener('keydown', () => {
    const before = shown()?.dataset.key, pressed = performance.now();
    const look = () => {
      const slot = shown(), image = slot?.querySelector('[data-chosen] img');
      if (!slot || slot.dataset.key === before || !image?.complete || !image.naturalWidth) {
        return requestAnimationFrame(look);
      }
      requestAnimationFrame(() => setTimeout(() => window.seen.push(performance.now() - pressed)));  // it is painted
    };
    look();
  }, true);
}"""


def store_images(home: Path, count: int = IMAGES, side: int = SIDE) -> None:
    """An order of ``count`` slots in the queue, a tenth of which failed twice."""
    storage = Storage.open(str(home / "storage"))
    text = f"brief: many\nprompt: a pear\nrepeats: {count}\nsize: [{side}, {side}]\nreview: all\nretry: {{rounds: 1}}\n"
    store_order(storage, text + "style_guide: {expect: {sharpness: {min: 15}}}\n", failing=range(0, count, 10))


def measure(browser: Browser, server: ReviewServer, presses: int = PRESSES) -> dict[str, float]:
    """Milliseconds in a fresh browser profile each: to the first paint, and from ``a`` to the next image's paint."""
    paints: list[float] = []
    for _ in range(OPENINGS):
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(server.address)
            until(lambda page=page: page.evaluate(FIRST_PAINT) is not None, "the first paint")
            paints.append(page.evaluate(FIRST_PAINT))
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.goto(server.address)
        page.keyboard.press("Enter")
        until(lambda: page.evaluate("document.querySelector('#stage img')?.complete === true"), "the first image")
        page.evaluate(STAMP)
        for count in range(1, presses + 1):
            page.keyboard.press("a")
            until(lambda count=count: page.evaluate("window.seen.length") >= count, "the next image")
        seen: list[float] = page.evaluate("window.seen")
        expect(page.locator("#link")).to_have_text("everything is saved", timeout=60_000)
    cuts = statistics.quantiles(seen, n=20)
    return {
        "first_paint_ms_best": min(paints),
        "first_paint_ms_worst": max(paints),
        "key_to_next_ms_median": round(statistics.median(seen), 1),
        "key_to_next_ms_p95": round(cuts[-1], 1),
        "key_to_next_ms_worst": round(max(seen), 1),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        began = time.perf_counter()
        store_images(home)
        print(f"{IMAGES} images of {SIDE} px stored in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with review_server(home) as server:
            print(json.dumps({"images": IMAGES, "side_px": SIDE, "presses": PRESSES, **measure(browser, server)}))
        browser.close()


if __name__ == "__main__":
    main()
