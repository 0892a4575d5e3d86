from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

from genart_assets import progress

Told = tuple[str, str, int, int]


def test_listeners_hear_reports_while_they_subscribe() -> None:
    heard: list[Told] = []
    with progress.subscribe(lambda *report: heard.append(report)):
        progress.report("latents", "b", 1, 2)
    progress.report("latents", "b", 2, 2)
    assert heard == [("latents", "b", 1, 2)]


def test_two_threads_at_once_are_heard_by_their_own_listeners_also_from_threads_that_write_for_them() -> None:
    together = Barrier(2)

    def work(batch: str) -> list[Told]:
        heard: list[Told] = []
        with progress.subscribe(lambda *report: heard.append(report)):
            together.wait(60)
            tell = progress.reporter("latents", batch)
            writer = Thread(target=tell, args=(1, 2))
            writer.start()
            writer.join()
            progress.report("images", batch, 2, 2)
            together.wait(60)
        return heard

    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(work, "ab"))
    assert found == [[("latents", batch, 1, 2), ("images", batch, 2, 2)] for batch in "ab"]
