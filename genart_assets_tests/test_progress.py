from genart_assets import progress


def test_listeners_hear_reports_while_they_subscribe() -> None:
    heard: list[tuple[str, str, int, int]] = []
    with progress.subscribe(lambda *report: heard.append(report)):
        progress.report("latents", "b", 1, 2)
    progress.report("latents", "b", 2, 2)
    assert heard == [("latents", "b", 1, 2)]
