import math

import pytest

from genart_assets.errors import ModelError
from genart_assets.models.families.installed import family_for
from genart_assets.models.families.schedulers import SCHEDULERS
from genart_assets.models.schedules import schedule_for

SIZE = (64, 64)


def scheduler_of(schedule, steps):
    return family_for("starter").scheduler(schedule, steps, SIZE)


@pytest.mark.parametrize("sampler", ["model", *SCHEDULERS])
def test_a_schedule_is_json_and_is_followed_again(sampler):
    schedule = schedule_for("starter", sampler, 12, SIZE)
    again = type(schedule).model_validate_json(schedule.canonical())
    assert again == schedule
    assert [float(t) for t in scheduler_of(again, 12).timesteps] == list(schedule.timesteps)
    assert len(schedule.timesteps) == 12


def test_the_models_own_betas_and_prediction_type_are_kept():
    config = schedule_for("starter", "euler", 10, SIZE).config
    assert config["prediction_type"] == "v_prediction"
    assert config["rescale_betas_zero_snr"] is True
    assert config["timestep_spacing"] == "trailing"


def test_infinities_in_a_config_survive_json():
    schedule = schedule_for("starter", "dpm++", 10, SIZE)
    assert schedule.config["lambda_min_clipped"] == "-inf"
    assert scheduler_of(schedule, 10).config["lambda_min_clipped"] == -math.inf


def test_other_timesteps_than_the_recipes_are_refused():
    schedule = schedule_for("starter", "ddim", 10, SIZE)
    forged = schedule.model_copy(update={"timesteps": (*schedule.timesteps[:-1], 7.0)})
    with pytest.raises(ModelError, match="makes the timesteps"):
        scheduler_of(forged, 10)
