"""What a command hears of its executions is added up."""

from __future__ import annotations

from genart_assets.runner.heard import Heard


def test_executions_are_added_up() -> None:
    watched: list[tuple[str, str, int, int]] = []
    heard = Heard(lambda *told: watched.append(told))
    one, two = heard.of("one"), heard.of("two")
    one.progress("latents", 1, 4)
    two.progress("latents", 0, 2)
    one.progress("latents", 4, 4)
    two.progress("images", 2, 2)
    two.progress("latents", 2, 2)
    assert heard.new_images == 3 + 2
    assert watched[:2] == [("one", "latents", 1, 4), ("two", "latents", 0, 2)]
    one.model_seconds("denoise", 1.0)
    two.model_seconds("denoise", 0.5)
    two.model_seconds("decode", 0.25)
    assert heard.model_seconds == {"denoise": 1.5, "decode": 0.25}
    assert heard.line == ""
    one.problem("a node was lost")
    heard.problem(None)
    heard.problem("two failed")
    assert heard.problems == ("a node was lost", "two failed")
    assert heard.line == "a node was lost; two failed"
