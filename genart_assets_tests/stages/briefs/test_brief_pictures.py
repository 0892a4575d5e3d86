"""The files that a brief names: models, LoRAs, control images, start pictures, references."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from genart_assets.errors import InputError
from genart_assets.records.brief import Brief
from genart_assets_tests.stages.briefs.briefs_read import SMALL, read, refused, silhouette


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
    assert "is not a key of vary" in refused(SMALL + control % "{subjct}.png", folder)
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


@pytest.mark.parametrize("image", ["0{0", "{nobody}.png"])
def test_a_wrong_template_of_pictures_waits_where_the_prompt_is_missing(image: str) -> None:
    with pytest.raises(InputError, match="field 'prompt'"):
        read(f"brief: b\ncontrol: {{kind: silhouette, image: '{image}'}}\n", Path(__file__).parent)
