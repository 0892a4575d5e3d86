"""1,000 images: the first paint within a second, and the next image within a tenth of one after a key."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from genart_assets_tests.review_page.pages import review_server
from genart_assets_tests.review_page.speed import measure, store_images


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_images(chromium: Browser, tmp_path: Path) -> None:
    """The best paint and the median key are the page's own time; the others have met a busy machine."""
    store_images(tmp_path)
    with review_server(tmp_path) as server:
        found = measure(chromium, server)
    print(found)
    assert found["first_paint_ms_best"] < 1000
    assert found["key_to_next_ms_median"] < 100
