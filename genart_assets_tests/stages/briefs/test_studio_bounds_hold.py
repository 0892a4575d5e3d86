"""No sequence of changes leads out of the studio's latitudes."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.records.brief import Brief
from genart_assets.records.plan import Change, Settings
from genart_assets.records.studio import UNBOUND, StudioLatitudes
from genart_assets.records.words import Phrases
from genart_assets.stages.briefs.studio_checks import check_studio
from genart_assets.stages.briefs.templates import fill
from genart_assets.stages.planning.latitudes import OutsideLatitudes, changed, settings_of
from genart_assets.stages.planning.plan import slots

WORDS = ["red", "head", "gun", "redhead", "a"]


_ends = st.tuples(st.integers(1, 10), st.integers(1, 10)).map(sorted)


_studios = st.builds(
    StudioLatitudes,
    guidance=st.none() | _ends,
    steps=st.none() | _ends,
    lora_scale=st.none() | _ends.map(lambda ends: [end / 5 for end in ends]),
    control_scale=st.none() | _ends.map(lambda ends: [end / 5 for end in ends]),
    forbidden_words=st.none() | st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(tuple),
)


_templates = st.lists(st.sampled_from(["{a}", "{b}", " ", "head", "RED"]), min_size=1, max_size=5).map("".join)


_numbers = st.integers(1, 10)


_briefs = st.builds(
    lambda prompt, others, guidance, steps, lora, control, latitudes: Brief.model_validate(
        {
            "brief": "a",
            "prompt": prompt,
            "vary": {"a": ["red", "blue"], "b": ["gun", "head"]},
            "sampler": {"guidance": guidance, "steps": steps},
            "loras": [{"name": "ink", "scale": lora / 5}],
            "control": {"kind": "silhouette", "image": "a.png", "scale": control / 5},
            "latitudes": {**latitudes, "alternative_prompts": others},
        }
    ),
    _templates,
    st.lists(_templates, max_size=2),
    _numbers,
    _numbers,
    _numbers,
    _numbers,
    st.fixed_dictionaries({}, optional={"guidance": _ends, "steps": _ends, "lora_scale": st.just([0, 1])}),
)


_changes = st.builds(
    Change,
    prompt=st.none() | _templates,
    steps=st.none() | st.integers(0, 12),
    guidance=st.none() | st.floats(0, 12),
    lora_scales=st.none() | st.tuples(st.floats(0, 3)),
    control_scale=st.none() | st.floats(0, 3),
)


@settings(deadline=None)
@given(_briefs, _studios, st.data())
def test_no_sequence_of_changes_leaves_the_studios_latitudes(
    brief: Brief, studio: StudioLatitudes, data: st.DataObject
) -> None:
    """Neither by way of a brief that was accepted, whose own latitudes suffice, nor past the check, of any brief."""
    is_inside = not list(check_studio(brief, studio, set(Brief.model_fields)))
    own = [brief.prompt, *brief.latitudes.alternative_prompts]
    now = settings_of(brief)
    if is_inside:
        require_inside(studio, now, brief)
    for change in data.draw(st.lists(_changes | st.builds(Change, prompt=st.sampled_from(own)), max_size=8)):
        with suppress(OutsideLatitudes):
            now = changed(brief, now, change, UNBOUND if is_inside else studio)
            require_inside(studio, now, brief if is_inside else None)


def require_inside(studio: StudioLatitudes, now: Settings, brief: Brief | None) -> None:
    for name, values in (
        ("guidance", [now.guidance]),
        ("steps", [now.steps]),
        ("lora_scale", now.lora_scales),
        ("control_scale", [now.control_scale]),
    ):
        ends = getattr(studio, name)
        assert ends is None or all(value is not None and ends[0] <= value <= ends[1] for value in values)
    forbidden = Phrases(studio.forbidden_words or ())
    for slot in slots(brief) if brief else ():
        assert not forbidden.found_in(fill(now.prompt, slot.values))
