"""A wrong brief is refused with file, line, field and what is allowed; all of its problems at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets_tests.stages.briefs.briefs_read import SMALL, read, refused


@pytest.mark.parametrize(
    ("more", "line", "field", "says"),
    [
        ("promt: x", 4, "promt", "did you mean 'prompt'?"),
        ("sampler: {guidence: 5}", 4, "sampler.guidence", "unknown key; did you mean 'guidance'?"),
        ("steps: 20", 4, "steps", "did you mean 'sampler.steps'?"),
        ("sampler:\n  steps: 0", 5, "sampler.steps", "given 0; allowed: a whole number from 1 to 1000"),
        ("sampler: {steps: 20.0}", 4, "sampler.steps", "given 20.0; allowed: a whole number"),
        ("sampler: {steps: '20'}", 4, "sampler.steps", "remove the quotes"),
        ("sampler: {guidance: 1e1}", 4, "sampler.guidance", "YAML reads 1e1 as text"),
        ("sampler: {guidance: .nan}", 4, "sampler.guidance", "finite"),
        ("sampler: {guidance: -.inf}", 4, "sampler.guidance", "finite"),
        ("sampler: {steps: 1:30}", 4, "sampler.steps", "given '1:30'; allowed: a finite decimal number"),
        ("sampler: {steps: 020}", 4, "sampler.steps", "leading zeros"),
        ("sampler: {scheduler: dpm}", 4, "sampler.scheduler", "given 'dpm'; allowed: one of model, ddim, euler, dpm++"),
        ("sampler: 3", 4, "sampler", "a mapping with the keys scheduler, steps, guidance"),
        ("sampler:", 4, "sampler", "given nothing"),
        ("negative_prompt: no", 4, "negative_prompt", "quotes"),
        ("negative_prompt: 7", 4, "negative_prompt", "given 7; allowed: text; put it in quotes"),
        ("negative_prompt: 2026-01-01", 4, "negative_prompt", "as a date; put it in quotes"),
        ("negative_prompt: {subject}", 4, "negative_prompt", "starts with { needs quotes"),
        ('negative_prompt: "{subject}"', 4, "negative_prompt", "no template"),
        ('negative_prompt: "\\0"', 4, "negative_prompt", "control character"),
        ("negative_prompt: !!binary aGk=", 4, "negative_prompt", "the tag binary is not allowed"),
        ("model: !!python/name:os.system x", 4, "model", "is not allowed"),
        ("size: [60, 64]", 4, "size[0]", "given 60; allowed: a whole number from 8 to 8192, a multiple of 8"),
        ("size: [64, 8200]", 4, "size[1]", "8192"),
        ("size: [64]", 4, "size", "given a list of 1; allowed: a list of 2"),
        ("size: [64, 64, 64]", 4, "size", "given a list of 3; allowed: a list of 2"),
        ("repeats: 0", 4, "repeats", "of 1 or more"),
        ("repeats: 10000000", 3, "vary", "x 10,000,000 repeats are 20,000,000 slots; allowed: at most 1,000,000"),
        ("repeats: 1\nrepeats: 2", 5, "repeats", "stands on line 4 too"),
        ("loras: [{version: a}]", 4, "loras[0].name", "is missing"),
        ("latitudes: {steps: [40, 12]}", 4, "latitudes.steps", "the lower bound first"),
        ("latitudes: {guidance: [6, 9]}", 4, "latitudes.guidance", "sampler.guidance is 5, outside [6, 9]"),
        ("latitudes: {guidance: [5.0000001, 9]}", 4, "latitudes.guidance", "is 5, outside [5.0000001, 9]"),
        ("latitudes: {alternative_prompts: ['{subjct}']}", 4, "latitudes.alternative_prompts[0]", "mean 'subject'"),
        ("style_guide: {expect: {sharpnes: {min: 1}}}", 4, "style_guide.expect.sharpnes", "did you mean 'sharpness'?"),
        ("style_guide: {expect: {sharpness: {}}}", 4, "style_guide.expect.sharpness", "needs min, max or both"),
        ("style_guide: {expect: {sharpness: {min: 2, max: 1}}}", 4, "style_guide.expect.sharpness", "above max"),
        ("style_guide: {palette: {background: #fff}}", 5, "", "malformed YAML"),
        ("style_guide:\n  palette:\n    background: #fff", 6, "style_guide.palette.background", "given nothing"),
        ("style_guide: {palette: {brand: ['#dc1e1e', '#fff']}}", 4, "style_guide.palette.brand[1]", "sRGB colour"),
        ("style_guide: {palette: {max_delta_e: 3}}", 4, "style_guide.palette", "needs background, brand or both"),
        ("style_guide: {expect: {palette_distance: {max: 3}}}", 4, "style_guide.expect.palette_distance", "add style"),
        ("style_guide: {expect: {brand_colours: {min: 1}}}", 4, "style_guide.expect.brand_colours", "palette.brand"),
        ("style_guide: {palette: {background: '#fff'}}", 4, "style_guide.palette.background", "given '#fff'"),
        ("style_guide: {palette: {background: {a: '#ffffff'}}}", 4, "style_guide.palette.background", "add vary"),
        ("deliver: {formats: [pgn]}", 4, "deliver.formats[0]", "did you mean 'png'? allowed: avif, png, svg, webp"),
        ("deliver: {formats: []}", 4, "deliver.formats", "given an empty list"),
        ("review: some", 4, "review", "none, all, or {sample: a share from 0 to 1}"),
        ("model: ''", 4, "model", "allowed: starter, an existing directory"),
        ("model: org/name", 4, "model", "write org/name@REVISION"),
        ("model: stater", 4, "model", "allowed: starter"),
        ("style_guide: {clip_model: org/name}", 4, "style_guide.clip_model", "@REVISION"),
        ("style_guide: {references: [a.png]}", 4, "style_guide.references[0]", "read from a folder"),
        ("style_guide: {references: [3]}", 4, "style_guide.references[0]", "given 3; allowed: text, not empty; put it"),
        ("style_guide: {references: a.png}", 4, "style_guide.references", "given 'a.png'; allowed: a list, each text"),
        ("style_guide: {references: [a.png], house_style: b}", 4, "style_guide", "remove one of them"),
        ("style_guide: {house_style: heads/a}", 4, "style_guide.house_style", "allowed: an existing directory"),
        ("style_guide: {safety_checker: nowhere}", 4, "style_guide.safety_checker", "an existing directory"),
        ("style_guide: {expect: {style_adherence: {min: 0}}}", 4, "style_guide.expect.style_adherence", "no style"),
        ("style_guide: {aesthetic_head: heads/a}", 4, "style_guide.aesthetic_head", "absolute: this brief has"),
        ("style_guide: {expect: {aesthetic: {min: 5}}}", 4, "style_guide.expect.aesthetic", "add style_guide"),
        ("control: {kind: silhouette, image: x.png}", 4, "control.image", "read from a folder"),
        ("start: {image: x.png}", 4, "start.image", "read from a folder"),
        ("start: {image: x.png, mask: y.png}", 4, "start.mask", "read from a folder"),
        ("start: {mask: x.png}", 4, "start.image", "is missing"),
        ("start: {image: x.png, strength: 0}", 4, "start.strength", "given 0; allowed: a number above 0, at most 1"),
        ("start: {image: x.png, strength: 1.2}", 4, "start.strength", "a number above 0, at most 1"),
        ("start: {image: x.png, strength: 0.04}", 4, "start.strength", "no step of 20; allowed: 0.05 or more"),
        ("start: {image: '{subjct}.png'}", 4, "start.image", "did you mean 'subject'?"),
        ("start: {image: x.png, mask: '{subjct}.png'}", 4, "start.mask", "did you mean 'subject'?"),
        ("start: {image: x.png, masks: {}, masc: x}", 4, "start.masc", "did you mean 'mask'?"),
        ("start: {image: x.png}\nlatitudes: {steps: [1, 20]}", 5, "latitudes.steps", "strength 0.8 is no step of 1"),
        ("start: {image: x.png}\nlatitudes: {strength: [0.01, 1]}", 5, "latitudes.strength", "0.01 is no step of 20"),
        ("start: {image: x.png}\nlatitudes: {strength: [0.1, 0.5]}", 5, "latitudes.strength", "start.strength is 0.8"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_line_and_what_is_allowed(more: str, line: int, field: str, says: str) -> None:
    message = refused(SMALL + more)
    where = f"b.yaml:{line}: field '{field}': " if field else f"b.yaml:{line}: "
    told = [text for text in message.splitlines() if text.startswith(where)]
    assert any(says in text for text in told), message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "b.yaml:1: the brief is empty"),
        ("# nothing\n", "the brief is empty"),
        ("- brief: a\n", "b.yaml:1: the brief is a list"),
        ("hello", "the brief is a single value"),
        ("brief: [a\n", "malformed YAML"),
        ("brief: a\n\tprompt: x", "b.yaml:2: malformed YAML"),
        ("brief: a\x00", "malformed YAML"),
        ("brief: \ud800", "not valid Unicode"),
        ("brief: a\n---\nbrief: b", "b.yaml:2: malformed YAML"),
        ("a: &x [1]\nb: *x", "b.yaml:2: the alias *x is not allowed"),
        ("a: " + "[" * 10_000, "b.yaml:1: values are nested more than 16 deep"),
        ("a: " + "x" * 2**20, "at most 1,048,576 are allowed"),
        ("{}", "field 'prompt': is missing; allowed: text, not empty"),
        ("brief: a/b\nprompt: x", "field 'brief': given 'a/b'; allowed: id: a-z, 0-9 and -"),
        ("brief: ../a\nprompt: x", "field 'brief': given '../a'"),
        (f"brief: {'a' * 65}\nprompt: x", "field 'brief'"),
        ("brief: a\nprompt: {style} icon", "malformed YAML"),
        ("brief: a\nprompt: on {style", "expected '}' before end of string; write literal braces as {{ and }}"),
        ("brief: a\nprompt: '{s.x}'\nvary: {s: [a]}", "must be a plain name of vary"),
        ("brief: a\nprompt: '{s!r}'\nvary: {s: [a]}", "must be a plain name of vary"),
        ("brief: a\nprompt: '{s}'", "the placeholder {s} is not a key of vary; allowed: none, there is no vary"),
        ("brief: a\nprompt: x\nvary: {s: [a]}", "field 'vary.s': no placeholder {s} in the prompt"),
        ("brief: a\nprompt: '{s}'\nvary: {s: []}", "field 'vary.s': the list is empty"),
        ("brief: a\nprompt: '{s}'\nvary: {s: [a, b, a]}", "field 'vary.s[2]': 'a' stands at [0] too"),
        ("brief: a\nprompt: '{s}'\nvary: {s: [no, yes]}", "field 'vary.s[1]': YAML reads 'yes' as true or false"),
        ("brief: a\nprompt: '{s}'\nvary: {s: a}", "field 'vary.s': given 'a'; allowed: a list, each text"),
        ("brief: a\nprompt: '{s}'\nvary: {s: [a], on: [b]}", "the key 'on' is not text; put a key"),
        ("brief: a\nprompt: x\n? [a]\n: 1", "b.yaml:3: the key a list or a mapping is not text"),
    ],
)  # fmt: skip
def test_a_malformed_brief_is_refused_with_its_line(text: str, says: str) -> None:
    assert says in refused(text)


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """\
brief: A
prompt: "{x}"
vary: {s: []}
sampler: {steps: 0}
style_guide:
  expect:
    shrp: {min: 1}
    unsafe: {}
"""
    lines = refused(text).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "2", "3", "3", "4", "7", "8"]


def test_a_product_of_any_size_is_refused_by_its_number() -> None:
    keys = [f"k{i}" for i in range(5_000)]
    text = yaml.safe_dump(
        {"brief": "a", "prompt": " ".join(f"{{{k}}}" for k in keys), "vary": {k: ["a", "b"] for k in keys}}
    )
    assert "are about 10^1505 slots" in refused(text)


def test_of_very_many_problems_the_first_are_told() -> None:
    lines = refused("".join(f"k{i}: 1\n" for i in range(5000))).splitlines()
    assert len(lines) == 50
    assert "b.yaml:1: field 'k0': unknown key; allowed: brief" in lines[1]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
odd_briefs = st.dictionaries(st.sampled_from(list(Brief.model_fields)), plain, max_size=6)
nearly_briefs = st.fixed_dictionaries(
    {"brief": st.text(max_size=5) | st.just("a"), "prompt": st.text("{s} !.[]:", max_size=8)},
    optional={
        "vary": st.dictionaries(st.sampled_from("st"), st.lists(st.text(max_size=3), max_size=3)),
        "style_guide": st.fixed_dictionaries({}, optional={"palette": plain, "expect": plain, "x": plain}),
        "latitudes": st.fixed_dictionaries(
            {}, optional={"guidance": plain, "alternative_prompts": st.lists(st.text())}
        ),
        "deliver": st.fixed_dictionaries({}, optional={"formats": plain, "sizes": st.lists(st.integers())}),
        "control": st.fixed_dictionaries({"kind": st.just("silhouette"), "image": st.text(max_size=9)}),
        "model": st.text(max_size=12),
        "review": plain,
        "loras": st.lists(plain, max_size=2),
    },
)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(), odd_briefs.map(yaml.safe_dump), nearly_briefs.map(yaml.safe_dump), st.text("{}[]:- \n\"'&*!|>#a1")
    )
)
def test_any_text_is_a_brief_or_an_input_error(text: str) -> None:
    told = ""
    try:
        read(text, Path(__file__).parent)
    except InputError as error:
        told = error.message
    assert told.startswith("b.yaml:") or not told
