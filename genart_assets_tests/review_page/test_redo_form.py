"""The form of a redo: what the brief lets vary, and what it does not."""

from genart_assets.records.brief import Brief, ControlUse, LoraUse, StartUse
from genart_assets.records.plan import Change
from genart_assets.review_page.redo_form import fields_of
from genart_assets.stages.planning.latitudes import changed, settings_of

BRIEF = Brief.model_validate(
    {
        "brief": "fruit",
        "prompt": "a {subject}",
        "vary": {"subject": ["pear"]},
        "latitudes": {
            "guidance": [3, 9],
            "alternative_prompts": ["one {subject}", "a {subject}"],
            "lora_scale": [0, 1],
            "strength": [0.2, 0.9],
        },
        "loras": [LoraUse(name="ink", scale=0.5)],
        "control": ControlUse(kind="silhouette", image="x.png", scale=0.5),
        "start": StartUse(image="x.png", strength=0.5),
    }
)


def test_fields_have_the_latitudes_as_bounds() -> None:
    fields = {field.name: field for field in fields_of(BRIEF, {"subject": "pear"})}
    assert [(o.value, o.text) for o in fields["prompt"].options] == [
        ("a {subject}", "a pear"),
        ("one {subject}", "one pear"),
    ]
    assert (fields["guidance"].low, fields["guidance"].high) == (3, 9)
    assert (fields["lora_scales.0"].low, fields["lora_scales.0"].high) == (0, 1)
    assert fields["steps"].is_fixed
    assert fields["control_scale"].is_fixed
    assert (fields["strength"].low, fields["strength"].high) == (0.2, 0.9)
    assert [o.value for o in fields["negative_prompt"].options] == [""]


def test_every_end_of_the_form_lies_inside_the_latitudes() -> None:
    written = settings_of(BRIEF)
    for field in fields_of(BRIEF, {"subject": "pear"}):
        name, _, place = field.name.partition(".")
        for value in [*(option.value for option in field.options), field.low, field.high]:
            if value is not None:
                wanted = Change.model_validate({name: (value,) if place else value})
                assert changed(BRIEF, written, wanted), field.name
