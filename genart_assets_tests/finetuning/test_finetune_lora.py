"""A fine-tune of the starter: its objective, its bits, its bounds, and what it leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from genart_assets.errors import InputError, ModelError, StorageError, TrainingError
from genart_assets.finetuning.finetune_lora import Step, finetune_lora
from genart_assets.finetuning.processes import Processes
from genart_assets.loras.folder import WEIGHTS, read_lora, save_lora
from genart_assets.loras.records import Preference
from genart_assets.models.loading import load_model
from genart_assets.models.lora_weights import config_of
from genart_assets.models.lora_weights import read_lora as read_adapter
from genart_assets_tests.finetuning.sets import QUICK, small_data
from genart_assets_tests.learning.lora_renders import render_with
from genart_assets_tests.models.families.tiny_sd3 import save_tiny_sd3
from genart_assets_tests.models.families.tiny_sdxl import save_tiny_sdxl


@pytest.fixture(scope="module")
def model():
    return load_model("starter")


@pytest.fixture(scope="module")
def data():
    return small_data(pairs=3)


@pytest.fixture(scope="module")
def undisturbed(model, data):
    return finetune_lora(model, data, QUICK)


def test_the_same_run_gives_the_same_weights_and_another_seed_others(model, data, undisturbed) -> None:
    assert finetune_lora(model, data, QUICK).weights == undisturbed.weights
    assert finetune_lora(model, data, QUICK.model_copy(update={"seed": 6})).weights != undisturbed.weights


def test_the_share_that_is_kept_scales_the_learnt_change(model, data, undisturbed) -> None:
    from safetensors.torch import load

    half = load(finetune_lora(model, data, QUICK.model_copy(update={"kept": 0.5})).weights)
    whole = load(undisturbed.weights)
    assert half.keys() == whole.keys()
    for name, tensor in whole.items():
        assert half[name].equal(tensor * 0.5 if ".lora.up." in name or ".lora_B." in name else tensor), name


def test_the_base_keeps_its_weights_and_gets_no_adapter(model, data) -> None:
    before = {name: tensor.clone() for name, tensor in model.pipe.unet.state_dict().items()}
    finetune_lora(model, data, QUICK.model_copy(update={"steps": 1}))
    after = model.pipe.unet.state_dict()
    assert after.keys() == before.keys()
    assert all(bool((after[name] == before[name]).all()) for name in before)


def test_a_long_enough_run_lowers_the_loss(model) -> None:
    config = QUICK.model_copy(update={"steps": 24, "rows": 4, "rank": 8, "rate": 5e-3, "drop_captions": 0.0})
    lines = finetune_lora(model, small_data(2), config).record.losses
    first, last = (np.mean([line.denoising for line in some]) for some in (lines[:6], lines[-6:]))
    assert last < 0.8 * first


def test_diffusers_loads_it_and_draws_something_else(model, data, undisturbed) -> None:
    strong = finetune_lora(model, data, QUICK.model_copy(update={"rate": 0.05})).weights
    prompts, seeds = ["flat icon of lemon"], [3]
    plain = render_with(None, prompts, seeds, steps=4)
    assert (render_with(undisturbed.weights, prompts, seeds, steps=4) != plain).any()
    assert (render_with(strong, prompts, seeds, steps=4) != plain).mean() > 0.5


def test_the_callback_hears_of_every_step_and_can_take_a_sample(model, data, undisturbed) -> None:
    told: list[Step] = []
    samples: list[bytes] = []

    def callback(step: Step) -> None:
        told.append(step)
        samples.append(step.lora())

    assert finetune_lora(model, data, QUICK, callback).weights == undisturbed.weights
    assert [(step.number, step.of) for step in told] == [(number, 6) for number in range(1, 7)]
    assert [step.denoising for step in told] == [line.denoising for line in undisturbed.record.losses]
    assert samples[-1] == undisturbed.weights
    assert len(set(samples)) == 6


def test_rows_in_smaller_passes_learn_the_same_up_to_rounding(model, data, undisturbed) -> None:
    found = finetune_lora(model, data, QUICK.model_copy(update={"micro_rows": 1}))
    losses = [[line.denoising for line in one.record.losses] for one in (found, undisturbed)]
    np.testing.assert_allclose(*losses, rtol=1e-3)


def test_activations_may_be_computed_twice(model, data, undisturbed) -> None:
    found = finetune_lora(model, data, QUICK.model_copy(update={"gradient_checkpointing": True, "steps": 2}))
    np.testing.assert_allclose(found.record.losses[1].denoising, undisturbed.record.losses[1].denoising, rtol=1e-3)


def test_preference_begins_at_the_base_and_moves_away_from_what_was_rejected(model, data) -> None:
    taken = Preference(weight=1.0, beta=500.0, rows=4)
    config = QUICK.model_copy(update={"preference": taken, "steps": 10, "rank": 8, "rate": 2e-3})
    lines = finetune_lora(model, data, config).record.losses
    assert lines[0].preference == pytest.approx(np.log(2), abs=1e-5)
    assert np.median([line.preference for line in lines[1:]]) < 0.1


def test_a_run_without_pairs_leaves_preference_out(model) -> None:
    found = finetune_lora(model, small_data(), QUICK.model_copy(update={"preference": Preference(), "steps": 1}))
    assert found.record.losses[0].preference is None


def test_a_run_stops_with_a_checkpoint_at_its_bound_of_time_and_goes_on_from_there(
    tmp_path, model, data, undisturbed
) -> None:
    ticks = iter(range(100))
    bounded = QUICK.model_copy(update={"most_seconds": 3.0, "checkpoint_every": 100})
    cut = finetune_lora(model, data, bounded, checkpoints=tmp_path, clock=lambda: float(next(ticks)))
    assert (cut.steps, cut.stopped) == (3, "most_seconds 3")
    again = finetune_lora(model, data, QUICK, checkpoints=tmp_path)
    assert (again.steps, again.stopped) == (6, "")
    assert again.weights == undisturbed.weights
    assert again.record.losses == undisturbed.record.losses


def test_a_bound_that_is_always_reached_still_lets_each_run_take_a_step(tmp_path, model, data, undisturbed) -> None:
    tight = QUICK.model_copy(update={"most_seconds": 1e-9})
    taken = [finetune_lora(model, data, tight, checkpoints=tmp_path).steps for _ in range(6)]
    assert taken == [1, 2, 3, 4, 5, 6]
    assert finetune_lora(model, data, tight, checkpoints=tmp_path).weights == undisturbed.weights


def test_a_run_stops_at_its_bound_of_memory(model, data) -> None:
    found = finetune_lora(model, data, QUICK.model_copy(update={"most_gib": 1e-3}))
    assert (found.steps, found.stopped) == (1, "most_gib 0.001")


def test_a_finished_run_is_not_trained_again(tmp_path, model, data, undisturbed) -> None:
    finetune_lora(model, data, QUICK, checkpoints=tmp_path)
    told: list[Step] = []
    again = finetune_lora(model, data, QUICK, told.append, checkpoints=tmp_path)
    assert again.weights == undisturbed.weights
    assert told == []


def test_checkpoints_of_another_run_are_refused(tmp_path, model, data) -> None:
    config = QUICK.model_copy(update={"steps": 2})
    finetune_lora(model, data, config, checkpoints=tmp_path)
    with pytest.raises(InputError, match=r"belongs to another run: config .* instead of"):
        finetune_lora(model, data, config.model_copy(update={"rate": 0.5}), checkpoints=tmp_path)
    with pytest.raises(InputError, match="belongs to another run: training_set"):
        finetune_lora(model, replace(data, training_set="other"), config, checkpoints=tmp_path)


def test_a_damaged_checkpoint_is_named(tmp_path, model, data) -> None:
    config = QUICK.model_copy(update={"steps": 2})
    finetune_lora(model, data, config, checkpoints=tmp_path)
    (file,) = (tmp_path / "tensors").iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    with pytest.raises(StorageError, match="its hash differs"):
        finetune_lora(model, data, config, checkpoints=tmp_path)


def test_a_loss_that_is_not_finite_ends_the_run(model, data) -> None:
    wild = QUICK.model_copy(update={"rate": 0.9, "steps": 200, "clip": 1e9, "weight_decay": 1e3})
    with pytest.raises(TrainingError, match=r"the loss of step \d+ is (nan|inf|.* norm nan)") as told:
        finetune_lora(model, data, wild)
    assert "lower rate" in told.value.remedy


def test_nothing_to_learn_from_is_refused(model) -> None:
    with pytest.raises(InputError, match="no picture to learn from"):
        finetune_lora(model, small_data(0), QUICK)


def test_layers_that_are_not_there_are_named(model, data) -> None:
    with pytest.raises(ModelError, match="cannot be adapted"):
        finetune_lora(model, data, QUICK.model_copy(update={"targets": ("to_z",)}))


def test_rows_that_do_not_divide_among_processes_are_refused(model, data) -> None:
    with pytest.raises(InputError, match="do not divide among 3 processes"):
        finetune_lora(model, data, QUICK, processes=Processes(0, 3))


def test_it_is_saved_with_its_record_and_nothing_is_overwritten(tmp_path, undisturbed) -> None:
    save_lora(tmp_path, undisturbed.weights, undisturbed.record)
    assert read_lora(tmp_path) == (undisturbed.weights, undisturbed.record)
    record = undisturbed.record
    assert record.base_snapshot == load_model("starter").snapshot.snapshot_id
    assert record.images == 6
    assert "Apache" in record.licence
    with pytest.raises(InputError, match="holds another"):
        save_lora(tmp_path, undisturbed.weights + b" ", undisturbed.record)


def test_sdxl_learns_with_its_pooled_states_and_sizes(tmp_path) -> None:
    model = load_model(str(save_tiny_sdxl(tmp_path / "sdxl")))
    found = finetune_lora(model, small_data(), QUICK)
    assert found.steps == 6
    assert found.weights != finetune_lora(model, small_data(), QUICK.model_copy(update={"seed": 1})).weights


def test_a_transformer_learns_by_flow_matching_and_its_lora_renders(tmp_path) -> None:
    from diffusers import StableDiffusion3Pipeline

    name = str(save_tiny_sd3(tmp_path / "sd3"))
    model = load_model(name)
    config = QUICK.model_copy(update={"rate": 0.05, "targets": (*QUICK.targets, "add_k_proj")})
    found = finetune_lora(model, small_data(pairs=3), config, checkpoints=tmp_path / "checkpoints")
    assert finetune_lora(model, small_data(pairs=3), config).weights == found.weights
    assert found.steps == 6
    save_lora(tmp_path / "lora", found.weights, found.record)
    assert read_adapter(tmp_path / "lora" / WEIGHTS, model.family, config_of(model.pipe.transformer)).tensors
    pipe = StableDiffusion3Pipeline.from_pretrained(name, dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)

    def drawn() -> np.ndarray:
        noise = torch.Generator("cpu").manual_seed(3)
        return pipe("a lemon", generator=noise, num_inference_steps=2, width=32, height=32, output_type="np").images

    plain = drawn()
    pipe.load_lora_weights(str(tmp_path / "lora"), weight_name=WEIGHTS)
    assert np.abs(drawn() - plain).max() > 0.01
