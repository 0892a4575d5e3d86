"""The review page tells the story of any image of the storage, as a page that runs nothing."""

from __future__ import annotations

from starlette.testclient import TestClient

from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.review_page.app import review_app
from genart_assets.review_page.queue import ReviewQueue
from genart_assets.storage.root import Storage
from genart_assets_tests.review_page.posting import ADDRESS, TOKEN


def test_a_story_is_told_to_who_has_the_token(storage: Storage, records: list[ProvenanceRecord]) -> None:
    app = review_app(ReviewQueue(storage), TOKEN)
    reviewer = TestClient(app, base_url=ADDRESS, headers={"Authorization": f"Bearer {TOKEN}"})
    told = reviewer.get(f"/trace/{records[0].recipe_id}")
    assert records[0].recipe_id in told.text
    assert "data:image/png;base64," in told.text
    assert "default-src 'none'" in told.headers["content-security-policy"]
    assert told.headers["x-frame-options"] == "DENY"
    unknown = reviewer.get(f"/trace/{'0' * 64}")
    assert unknown.status_code == 404
    assert "no record of an image" in unknown.text
    stranger = TestClient(app, base_url=ADDRESS)
    assert stranger.get(f"/trace/{records[0].recipe_id}").status_code == 401
