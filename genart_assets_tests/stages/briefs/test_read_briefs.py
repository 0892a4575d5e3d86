from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genart_assets.errors import InputError
from genart_assets.instance.home import HOME_VARIABLE
from genart_assets.records.brief import Brief
from genart_assets.records.style_guide import Bound
from genart_assets.signing.studio import CERTIFICATE_VARIABLE, KEY_VARIABLE
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.installed import Installed
from genart_assets.stages.briefs.read_briefs import read_brief, read_brief_file
from genart_assets_tests.deliverables.test_formats import TIFF
from genart_assets_tests.studio_package import StudioPackages, studio

__all__ = ["studio"]

CRITICS = {
    "prompt_alignment",
    "sharpness",
    "palette_distance",
    "near_duplicate",
    "unsafe",
    "brand_colours",
    "aesthetic",
    "style_adherence",
    "stray_text",
}
FORMATS = {"png", "webp", "avif", "svg"}
SMALL = 'brief: fruit\nprompt: "{subject} icon"\nvary: {subject: [pear, plum]}\n'
EVERY_KEY = """\
brief: spring-market
prompt: "{style} icon of {subject} on {background} background"
vary:
  subject: [red apple, pineapple, carrot]
  style: [classic, glossy]
  background: [white, teal]
repeats: 2
negative_prompt: "blurry"
model: stabilityai/stable-diffusion-xl-base-1.0@462165984030
size: [64, 64]
sampler: {scheduler: dpm++, steps: 20, guidance: 5}
loras: [{name: house-style, version: promoted, scale: 0.8}]
control: {kind: silhouette, image: "outlines/{subject}.png", scale: 0.7}
start: {image: "outlines/{subject}.png", mask: "outlines/carrot.png", strength: 0.5}
latitudes:
  guidance: [3.0, 9.0]
  steps: [12, 40]
  lora_scale: [0, 1]
  control_scale: [0.5, 1]
  strength: [0.2, 0.9]
  alternative_prompts: ["{subject}, {style} style, {background} background"]
style_guide:
  palette: {background: "#1e9696", max_delta_e: 10}
  expect:
    prompt_alignment: {min: 0.24}
    unsafe: {max: 0.2}
retry: {rounds: 3}
review: {sample: 0.1}
deliver: {formats: [png, webp, avif, svg], sizes: [64, 256]}
"""


def read(text: str, folder: Path | None = None) -> Brief:
    known = replace(installed(), critics=frozenset(CRITICS), formats=frozenset(FORMATS))
    return read_brief(text, source="b.yaml", folder=folder, known=known)


def refused(text: str, folder: Path | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(text, folder)
    assert caught.value.remedy
    return caught.value.message


def test_every_key_of_the_architecture_page_is_read(tmp_path: Path) -> None:
    (tmp_path / "outlines").mkdir()
    for subject in ("red apple", "pineapple", "carrot"):
        silhouette(tmp_path / "outlines" / f"{subject}.png")
    brief = read(EVERY_KEY, tmp_path)
    assert brief.slot_count == 24
    assert list(brief.vary) == ["subject", "style", "background"]
    assert brief.loras[0].scale == 0.8
    assert brief.control is not None
    assert brief.control.image == "outlines/{subject}.png"
    assert brief.latitudes.guidance == (3.0, 9.0)
    assert brief.style_guide.expect["palette_distance"] == Bound(max=10)
    assert brief.review.sample == 0.1


@pytest.mark.parametrize(
    ("written", "share"), [("none", 0.0), ("all", 1.0), ("{sample: 0.25}", 0.25), ("{sample: 1}", 1.0)]
)
def test_review_is_a_word_or_a_share(written: str, share: float) -> None:
    assert read(f"{SMALL}review: {written}").review.sample == share


def test_a_stated_palette_expectation_wins_over_the_palette() -> None:
    guide = 'style_guide: {palette: {background: "#1e9696"}, expect: {palette_distance: {max: 3}}}'
    assert read(SMALL + guide).style_guide.expect == {"palette_distance": Bound(max=3)}
    assert read(SMALL + 'style_guide: {palette: {background: "#1e9696"}}').style_guide.expect == {
        "palette_distance": Bound(max=12)
    }


def test_brand_colours_need_no_background() -> None:
    guide = "style_guide: {palette: {brand: ['#dc1e1e']}, expect: {brand_colours: {min: 0.3}}}"
    brief = read(SMALL + guide)
    assert list(brief.style_guide.expect) == ["brand_colours"]
    assert Brief.model_validate_json(brief.canonical()) == brief


def test_layout_comments_and_key_order_are_not_content() -> None:
    other = "# a comment\nvary:\n  subject:\n  - 'pear'\n  - plum\nprompt: '{subject} icon'\nbrief: fruit\nrepeats: 1\n"
    assert read(other).brief_hash == read(SMALL).brief_hash
    assert read(SMALL + "sampler: {guidance: 5}").brief_hash == read(SMALL + "sampler: {guidance: 5.0}").brief_hash


def test_the_order_of_vary_is_content() -> None:
    one = 'brief: a\nprompt: "{x} {y}"\nvary: {x: [p], y: [q, r]}'
    two = 'brief: a\nprompt: "{x} {y}"\nvary: {y: [q, r], x: [p]}'
    assert read(one).brief_hash != read(two).brief_hash
    assert list(Brief.model_validate_json(read(two).canonical()).vary) == ["y", "x"]


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
        ("style_guide: {references: [a.png], house_style: b}", 4, "style_guide", "keep one of them"),
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
        ("brief: a\nprompt: '{s}'", "the placeholder {s} is no key of vary; allowed: none, there is no vary"),
        ("brief: a\nprompt: x\nvary: {s: [a]}", "field 'vary.s': no placeholder {s} in the prompt"),
        ("brief: a\nprompt: '{s}'\nvary: {s: []}", "field 'vary.s': the list is empty"),
        ("brief: a\nprompt: '{s}'\nvary: {s: [a, b, a]}", "field 'vary.s[2]': 'a' stands at [0] too"),
        ("brief: a\nprompt: '{s}'\nvary: {s: [no, yes]}", "field 'vary.s[1]': YAML reads 'yes' as true or false"),
        ("brief: a\nprompt: '{s}'\nvary: {s: a}", "field 'vary.s': given 'a'; allowed: a list, each text"),
        ("brief: a\nprompt: '{s}'\nvary: {s: [a], on: [b]}", "the key 'on' is no text; put a key"),
        ("brief: a\nprompt: x\n? [a]\n: 1", "b.yaml:3: the key a list or a mapping is no text"),
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


def test_placeholders_of_literal_braces_are_text() -> None:
    assert read("brief: a\nprompt: 'json {{x}}'").prompt == "json {{x}}"


def test_a_model_directory_is_relative_to_the_brief_and_becomes_absolute(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    brief = read(SMALL + "model: weights\nstyle_guide: {clip_model: ./weights}", tmp_path)
    assert brief.model == brief.style_guide.clip_model == str(tmp_path / "weights")
    assert "has no folder" in refused(SMALL + "model: weights")


def test_control_images_exist_for_every_value_and_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "briefs"
    folder.mkdir()
    silhouette(tmp_path / "secret.png")
    silhouette(folder / "pear.png")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    control = "control: {kind: silhouette, image: '%s'}"
    assert "do not exist: plum.png;" in refused(SMALL + control % "{subject}.png", folder)
    for outside in ("../secret.png", str(tmp_path / "secret.png"), "link.png"):
        assert "leave the brief's folder" in refused(SMALL + control % outside, folder)
    assert "no key of vary" in refused(SMALL + control % "{subjct}.png", folder)
    (folder / "plum.png").touch()
    assert "plum.png is not a readable picture" in refused(SMALL + control % "{subject}.png", folder)
    silhouette(folder / "plum.png", size=(64, 32))
    assert "plum.png is 64 x 32 px; give it the brief's size, 64 x 64" in refused(
        SMALL + control % "{subject}.png", folder
    )
    silhouette(folder / "plum.png")
    read_control = read(SMALL + control % "{subject}.png", folder).control
    assert read_control is not None
    assert list(read_control.images) == ["pear.png", "plum.png"]


def test_start_pictures_and_masks_exist_for_every_value_fit_and_can_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "briefs"
    folder.mkdir()
    silhouette(tmp_path / "secret.png")
    silhouette(folder / "pear.png")
    start = SMALL + "start: {image: '{subject}.png', mask: %s}"
    assert "start images that do not exist: plum.png;" in refused(start % "pear.png", folder)
    silhouette(folder / "plum.png", size=(64, 32))
    message = refused(start % "../secret.png", folder)
    assert "field 'start.image': plum.png is 64 x 32 px, and the brief's size is 64 x 64 px; crop it" in message
    assert "field 'start.mask': start masks that leave the brief's folder: ../secret.png" in message
    silhouette(folder / "plum.png", size=(128, 128))
    Image.new("L", (64, 64), 0).save(folder / "black.png")
    assert "field 'start.mask': black.png repaints nothing" in refused(start % "black.png", folder)
    assert "field 'start.mask': plum.png is" not in refused(start % "black.png", folder)
    brief = read(start % "pear.png", folder)
    assert brief.start is not None
    assert (list(brief.start.images), list(brief.start.masks)) == (["pear.png", "plum.png"], ["pear.png"])
    assert Brief.model_validate_json(brief.canonical()).brief_hash == brief.brief_hash
    silhouette(folder / "pear.png", margin=8)
    assert read(start % "pear.png", folder).brief_hash != brief.brief_hash


def test_the_hashes_of_start_pictures_are_not_for_the_studio_to_write(tmp_path: Path) -> None:
    silhouette(tmp_path / "a.png")
    for hashes in ("images: {a.png: {sha256: x}}", "mask: a.png, masks: {a.png: {sha256: x}}"):
        message = refused(SMALL + f"start: {{image: a.png, {hashes}}}", tmp_path)
        assert "is filled in when the start" in message


def test_a_brief_without_a_start_keeps_the_hash_that_it_had_before_there_were_any() -> None:
    assert "start" not in read(SMALL).canonical()


def test_an_unusable_picture_is_told_by_the_path_that_the_brief_gives_it(tmp_path: Path) -> None:
    for subject, size in (("pear", (64, 64)), ("plum", (32, 32))):
        (tmp_path / subject).mkdir()
        silhouette(tmp_path / subject / "shape.png", size=size)
    text = "brief: fruit\nprompt: '{subject}'\nvary: {subject: [pear, plum]}\n"
    control = text + "control: {kind: silhouette, image: '{subject}/shape.png'}"
    assert "plum/shape.png: shape.png is 32 x 32 px" in refused(control, tmp_path)
    (tmp_path / "linked.png").symlink_to(tmp_path / "plum" / "shape.png")
    control = text + "control: {kind: silhouette, image: linked.png}"
    assert "linked.png: shape.png is 32 x 32 px" in refused(control, tmp_path)


def test_another_control_image_makes_another_brief(tmp_path: Path) -> None:
    text = SMALL + "control: {kind: silhouette, image: shape.png}"
    silhouette(tmp_path / "shape.png")
    before = read(text, tmp_path)
    assert Brief.model_validate_json(before.canonical()).brief_hash == before.brief_hash
    silhouette(tmp_path / "shape.png", margin=8)
    assert read(text, tmp_path).brief_hash != before.brief_hash


def test_the_hashes_of_control_images_are_not_for_the_studio_to_write(tmp_path: Path) -> None:
    silhouette(tmp_path / "a.png")
    text = SMALL + "control: {kind: silhouette, image: a.png, images: {a.png: {sha256: x}}}"
    assert "remove the key" in refused(text, tmp_path)


def test_a_lora_is_a_shipped_one_a_file_or_a_directory_beside_the_brief_or_a_hub_id(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "soft.safetensors").touch()
    names = "ink, house, soft.safetensors, org/lora@abc"
    loras = ", ".join(f"{{name: {name}}}" for name in names.split(", "))
    found = [use.name for use in read(SMALL + f"loras: [{loras}]", tmp_path).loras]
    assert found == ["ink", str(tmp_path / "house"), str(tmp_path / "soft.safetensors"), "org/lora@abc"]
    for wrong in ("nowhere", "org/lora", "../nowhere.safetensors"):
        message = refused(SMALL + f"loras: [{{name: {wrong}}}]", tmp_path)
        assert "field 'loras[0].name'" in message
        assert "allowed: ink, an existing directory or .safetensors file" in message


def silhouette(path: Path, size: tuple[int, int] = (64, 64), margin: int = 16) -> None:
    image = Image.new("L", size, 0)
    image.paste(255, (margin, margin, size[0] - margin, size[1] - margin))
    image.save(path)


def test_reference_pictures_count_by_their_pixels_and_stay_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "briefs"
    (folder / "refs").mkdir(parents=True)
    Image.new("RGB", (8, 8), "red").save(folder / "refs" / "a.png")
    Image.new("RGBA", (8, 8), (255, 0, 0, 255)).save(folder / "moved.webp", lossless=True)
    Image.new("RGB", (8, 8), "blue").save(tmp_path / "outside.png")
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "broken.png").write_bytes(b"no picture")
    guide = "style_guide:\n  references:\n    - %s\n"
    one = read(SMALL + guide % "refs/a.png", folder)
    assert one.brief_hash == read(SMALL + guide % "moved.webp", folder).brief_hash
    assert one.brief_hash != read(SMALL, folder).brief_hash
    assert "a.png" not in one.canonical()
    back = Brief.model_validate_json(one.canonical())
    assert back.brief_hash == one.brief_hash
    assert back.style_guide.references[0].sha256 == one.style_guide.references[0].sha256
    for outside in ("../outside.png", str(tmp_path / "outside.png"), "link.png", "."):
        message = refused(SMALL + guide % outside, folder)
        assert f"b.yaml:6: field 'style_guide.references[0]': given {outside!r}"[:70] in message
        assert "not below the brief's folder" in message
    for unread in ("broken.png", "missing.png", "refs"):
        assert "is not a readable picture" in refused(SMALL + guide % unread, folder)


@pytest.mark.parametrize(("critic", "extra"), [("unsafe", "unsafe"), ("stray_text", "text")])
def test_a_critic_whose_extra_is_not_installed_is_refused(
    critic: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SMALL + f"style_guide: {{expect: {{{critic}: {{max: 0.2}}}}}}"
    assert critic in read(text).style_guide.expect
    monkeypatch.setattr("genart_assets.models.onnx.find_spec", lambda name: None)
    message = refused(text)
    assert f"b.yaml:4: field 'style_guide.expect.{critic}': " in message
    assert f"are not installed; pip install 'genart-assets[{extra}]'" in message


def test_the_model_is_asked_once_its_fields_are_right() -> None:
    asked: list[Brief] = []

    def check(brief: Brief) -> list[tuple[str, str]]:
        asked.append(brief)
        return [("size", "the model draws 32 to 128 px")]

    def message(text: str) -> str:
        with pytest.raises(InputError) as caught:
            read_brief(text, source="b.yaml", check_model=check, known=installed())
        return caught.value.message

    assert message(SMALL + "size: [256, 256]\nretry: 3").startswith(
        "b.yaml:4: field 'size': the model draws 32 to 128 px\n"
    )
    assert len(asked) == 1
    message(SMALL + "size: [257, 256]")
    assert len(asked) == 1


def test_a_palette_has_a_colour_for_each_background() -> None:
    text = """\
brief: a
prompt: "icon on {background}"
vary: {background: [teal, navy]}
style_guide: {palette: {background: {teal: "#1e9696", nvy: "#182454"}}}
"""
    message = refused(text)
    assert "field 'style_guide.palette.background.nvy': no value of vary.background; did you mean 'navy'?" in message
    assert "field 'style_guide.palette.background': no colour for navy" in message
    assert read(text.replace("nvy", "navy")).style_guide.palette is not None
    assert "field 'style_guide.palette.background.teal'" in refused(text.replace("#1e9696", "teal"))


def test_installed_critics_and_formats_are_known() -> None:
    good = SMALL + "style_guide: {expect: {sharpness: {min: 1}}}\ndeliver: {formats: [jpeg]}"
    assert read_brief(good, source="b.yaml", known=installed()).deliver.formats == ("jpeg",)


def test_retry_moves_are_known_and_named_once() -> None:
    assert read(SMALL + "retry: {rounds: 2, moves: [new_seed, more_steps]}").retry.moves == ("new_seed", "more_steps")
    message = refused(SMALL + "retry: {rounds: 2, moves: [new_seed, more_step, new_seed]}")
    assert "field 'retry.moves[1]': unknown retry move; did you mean 'more_steps'?" in message
    assert "field 'retry.moves[2]': new_seed stands at [0] too; keep one" in message


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "fruit.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_brief_file(path, known=installed()).brief == "fruit"
    bad = {
        b"brief: a\nprompt: \xff\xfe": f"{path}:2: byte 17 (0xff) is not UTF-8",
        SMALL.encode("utf-16"): "is not UTF-8",
        b"#" * (2**20 + 1): "has more than 1,048,576 bytes",
    }
    for data, says in bad.items():
        path.write_bytes(data)
        with pytest.raises(InputError, match=r".") as caught:
            read_brief_file(path, known=installed())
        assert says in caught.value.message
    for missing in (tmp_path / "none.yaml", tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match="there is no such file"):
            read_brief_file(missing, known=installed())


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


@pytest.mark.parametrize("image", ["0{0", "{nobody}.png"])
def test_a_wrong_template_of_pictures_waits_where_the_prompt_is_missing(image: str) -> None:
    with pytest.raises(InputError, match="field 'prompt'"):
        read(f"brief: b\ncontrol: {{kind: silhouette, image: '{image}'}}\n", Path(__file__).parent)


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


def test_a_format_that_cannot_be_signed_is_refused_where_deliveries_are_signed(
    studio: StudioPackages, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.install("genart_assets.deliverables", "unsigned_tiff = studio_package:encode", TIFF % "False")
    text = SMALL + "deliver: {formats: [png, unsigned_tiff]}"
    with pytest.raises(InputError) as caught:
        read_brief(text, source="b.yaml", known=installed())
    assert "b.yaml:4: field 'deliver.formats[1]': deliverable format 'unsigned_tiff' cannot be signed" in str(
        caught.value
    )
    assert "take the format out of deliver.formats" in str(caught.value)
    for variable in (HOME_VARIABLE, CERTIFICATE_VARIABLE, KEY_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    assert read_brief(text, source="b.yaml", known=installed()).deliver.formats == ("png", "unsigned_tiff")


def test_a_format_that_does_not_load_is_refused_before_anything_is_drawn(studio: StudioPackages) -> None:
    studio.install("genart_assets.deliverables", "broken = studio_package:missing", "")
    with pytest.raises(InputError, match=r"field 'deliver\.formats\[0\]': .*'broken' .* cannot be loaded"):
        read_brief(SMALL + "deliver: {formats: [broken]}", source="b.yaml", known=installed())


def test_what_is_known_is_handed_in() -> None:
    known = Installed(
        critics=frozenset({"redness"}),
        formats=frozenset({"tiff"}),
        moves=frozenset({"repaint"}),
        missing_requirement=lambda name, brief: f"{name} misses {brief.brief}; add it",
        format_problem=lambda name: f"{name} has a problem; solve it",
    )
    guide = (
        "style_guide: {expect: {redness: {max: 3}}}\nretry: {rounds: 1, moves: [repaint]}\ndeliver: {formats: [tiff]}"
    )
    with pytest.raises(InputError) as caught:
        read_brief(f"{SMALL}{guide}", source="b.yaml", known=known)
    lines = caught.value.message.splitlines()
    assert [line.partition("': ")[2] for line in lines] == [
        "redness misses fruit; add it",
        "tiff has a problem; solve it",
    ]
