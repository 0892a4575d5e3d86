from __future__ import annotations

from io import StringIO

from rich.console import Console

from genart_assets.cli.run_progress import RunProgress
from genart_assets.records.plan import Batch


def _batch(index: int) -> Batch:
    return Batch(
        key=f"fruit.0123456789.r0.{index:04d}",
        brief="fruit",
        brief_hash="h",
        model="starter",
        model_snapshot="s",
        round=0,
        index=index,
        first_row=index * 4,
        rows=4,
    )


def test_what_is_not_a_terminal_gets_two_lines_at_the_end() -> None:
    told = StringIO()
    batches = [_batch(0), _batch(1)]
    with RunProgress(Console(file=told, width=120), batches) as watcher:
        for done in range(5):
            watcher.progress(batches[0].key, "latents", done, 4)
        watcher.progress(batches[0].key, "images", 4, 4)
        watcher.rendered(batches[0].key, 3)
        watcher.delivered(batches[0].key)
        watcher.rendered(batches[1].key, None)
        assert told.getvalue() == ""
    images, deliveries = told.getvalue().splitlines()
    assert "4/8" in images
    assert "3 passed, 1 failed, " in images
    assert "images/s" in images
    assert "1/2" in deliveries


def test_what_was_rendered_before_does_not_make_the_speed_look_better() -> None:
    told = StringIO()
    with RunProgress(Console(file=told, width=120), [_batch(0)]) as watcher:
        watcher.progress(_batch(0).key, "latents", 4, 4)
        watcher.rendered(_batch(0).key, 4)
    assert "images/s" not in told.getvalue()
    assert "4/4" in told.getvalue()


def test_images_of_a_batch_that_broke_off_count_neither_as_failed_nor_below_zero() -> None:
    told = StringIO()
    with RunProgress(Console(file=told, width=120), [_batch(0)]) as watcher:
        watcher.rendered(_batch(0).key, None)
        watcher.planned([_batch(1)])
    assert "0 failed, 4 retried" in told.getvalue()
