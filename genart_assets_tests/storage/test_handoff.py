import torch

from genart_assets.storage.handoff import Handoff


def part(name: str) -> tuple[str, str, str, str]:
    return ("root", "latents", "b", name)


def test_the_least_recently_used_go_first() -> None:
    handoff = Handoff(budget=300)
    handoff.offer(part("1"), {"x": torch.zeros(25)})
    handoff.offer(part("2"), {"x": torch.zeros(25)})
    handoff.offer(part("3"), {"x": torch.zeros(25)})
    assert handoff.get(part("1"))
    handoff.offer(part("4"), {"x": torch.zeros(25)})
    assert [name for name in "1234" if handoff.get(part(name))] == ["1", "3", "4"]


def test_what_exceeds_the_budget_is_not_kept() -> None:
    handoff = Handoff(budget=10)
    handoff.offer(part("1"), {"x": torch.zeros(25)})
    assert handoff.get(part("1")) is None
