from __future__ import annotations

import pytest

from genart_assets.from_image.found_sampler import sampler_for
from genart_assets.models.schedules import SCHEDULERS


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("Euler", "euler"),
        ("euler", "euler"),
        ("DPM++ 2M", "dpm++"),
        ("dpmpp_2m", "dpm++"),
        ("DDIM", "ddim"),
        ("UniPC", "unipc"),
        ("uni_pc", "unipc"),
        ("uni_pc_bh2", "unipc"),
    ],
)
def test_the_same_sampler_has_no_note(name: str, ours: str) -> None:
    assert sampler_for(name) == (ours, ())


@pytest.mark.parametrize(
    ("name", "ours"),
    [("Euler a", "euler"), ("euler_ancestral", "euler"), ("DPM++ SDE", "dpm++"), ("dpmpp_2m_sde_gpu", "dpm++")],
)
def test_a_kin_is_the_nearest_and_said(name: str, ours: str) -> None:
    found, notes = sampler_for(name)
    assert found == ours
    assert notes == (f"there is no sampler {name!r} here: {ours} is the nearest",)


@pytest.mark.parametrize("name", ["Heun", "LMS", "lcm", "\x00", "+" * 99])
def test_without_an_equal_it_is_the_models(name: str) -> None:
    found, notes = sampler_for(name)
    assert found == "model"
    assert notes[0].startswith(f"there is no sampler {name!r} here")


def test_no_name_is_said() -> None:
    assert sampler_for("") == ("model", ("its metadata does not name a sampler: `model` stands for the model's own",))


@pytest.mark.parametrize(
    ("name", "schedule"), [("DPM++ 2M Karras", ""), ("dpmpp_2m_k", ""), ("dpmpp_2m", "karras"), ("DPM++ 2M", "Karras")]
)
def test_a_noise_schedule_is_not_kept(name: str, schedule: str) -> None:
    found, notes = sampler_for(name, schedule)
    assert found == "dpm++"
    assert [note.lower() for note in notes] == ["its noise schedule 'karras' is not used: the model's own is"]


def test_our_own_schedulers_are_known_by_their_class() -> None:
    assert {name: sampler_for(kind) for name, kind in SCHEDULERS.items()} == {name: (name, ()) for name in SCHEDULERS}
    assert sampler_for("PNDMScheduler") == ("model", ())
