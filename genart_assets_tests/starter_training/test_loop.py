import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from genart_assets.errors import InputError
from genart_assets.starter_training.loop import Effects, Schedule, train

SCHEDULE = Schedule(steps=40, rows=8, rate=0.05, warm_up=4, average=0.8, seed=3)
TRUE_WEIGHTS = torch.tensor([[1.0, -2.0, 0.5]])


class CutOffError(Exception):
    pass


def fresh() -> torch.nn.Linear:
    torch.manual_seed(0)
    return torch.nn.Linear(3, 1)


def run(module, folder, *, cut_off_at=None, schedule=SCHEDULE, **effects):
    steps = 0

    def losses_of(random: np.random.Generator):
        nonlocal steps
        steps += 1
        if steps == cut_off_at:
            raise CutOffError
        x = torch.from_numpy(random.standard_normal((schedule.rows, 3), np.float32))
        return {"squared": (module(x) - x @ TRUE_WEIGHTS.T).pow(2).mean()}

    found = train({"linear": module}, schedule, losses_of, Effects(folder, checkpoint_every=7, **effects))
    return found, steps


def test_it_learns_and_leaves_the_averaged_weights(tmp_path):
    module = fresh()
    losses, _ = run(module, tmp_path, schedule=replace(SCHEDULE, steps=300))
    torch.testing.assert_close(module.weight.detach(), TRUE_WEIGHTS, atol=0.02, rtol=0)
    assert losses["squared"] < 1e-3


@pytest.mark.parametrize("cut_off_at", [2, 8, 15, 39])
def test_a_run_that_was_cut_off_ends_in_the_weights_of_an_undisturbed_one(tmp_path, cut_off_at):
    undisturbed = fresh()
    run(undisturbed, tmp_path / "undisturbed")
    with pytest.raises(CutOffError):
        run(fresh(), tmp_path / "cut", cut_off_at=cut_off_at)
    resumed = fresh()
    _, steps = run(resumed, tmp_path / "cut")
    assert steps <= SCHEDULE.steps - (cut_off_at - 1) // 7 * 7
    assert torch.equal(resumed.weight, undisturbed.weight)
    assert torch.equal(resumed.bias, undisturbed.bias)


def test_a_run_with_muon_goes_on_from_its_momentum(tmp_path):
    schedule = replace(SCHEDULE, muon_rate=0.05)
    undisturbed, resumed, with_adam = fresh(), fresh(), fresh()
    run(undisturbed, tmp_path / "undisturbed", schedule=schedule)
    with pytest.raises(CutOffError):
        run(fresh(), tmp_path / "cut", cut_off_at=15, schedule=schedule)
    run(resumed, tmp_path / "cut", schedule=schedule)
    run(with_adam, tmp_path / "adam")
    assert torch.equal(resumed.weight, undisturbed.weight)
    assert not torch.equal(resumed.weight, with_adam.weight)


def test_a_finished_run_takes_no_step_again(tmp_path):
    first, again = fresh(), fresh()
    run(first, tmp_path)
    _, steps = run(again, tmp_path)
    assert steps == 0
    assert torch.equal(first.weight, again.weight)


def test_samples_are_drawn_from_the_averaged_weights_and_change_nothing(tmp_path):
    module, plain = fresh(), fresh()
    seen: dict[int, torch.Tensor] = {}
    run(module, tmp_path / "sampled", sample_every=10, sample=lambda step: seen.update({step: module.weight.clone()}))
    run(plain, tmp_path / "plain")
    assert list(seen) == [10, 20, 30, 40]
    assert torch.equal(seen[40], module.weight)
    assert torch.equal(module.weight, plain.weight)


def test_the_log_holds_each_stretch_once_also_after_a_cut(tmp_path):
    long = replace(SCHEDULE, steps=100)
    with pytest.raises(CutOffError):
        run(fresh(), tmp_path, cut_off_at=60, schedule=long)
    told: list[int] = []
    run(fresh(), tmp_path, schedule=long, progress=lambda done, total, losses: told.append(done))
    logged = [json.loads(line)["step"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert logged == [25, 50, 75, 100]
    assert told == [75, 100]


def test_frozen_parameters_stay(tmp_path):
    module = fresh()
    module.bias.requires_grad_(False)
    before = module.bias.clone()
    run(module, tmp_path)
    assert torch.equal(module.bias, before)


def test_the_rate_rises_stays_and_falls_to_zero():
    rates = [SCHEDULE.share_at(step) for step in range(SCHEDULE.steps)]
    assert rates[0] < rates[1] < rates[3] == 1
    assert rates[10] == 1
    assert rates[-1] < 0.01
    assert rates[16:] == sorted(rates[16:], reverse=True)


def test_a_checkpoint_of_another_schedule_is_refused(tmp_path):
    run(fresh(), tmp_path)
    with pytest.raises(InputError, match="belongs to another schedule") as refused:
        run(fresh(), tmp_path, schedule=replace(SCHEDULE, rate=0.1))
    assert f"remove {tmp_path}" in refused.value.remedy
