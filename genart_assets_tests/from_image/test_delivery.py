from __future__ import annotations

from pathlib import Path

import pytest

from genart_assets.deliverables.embedded import text_chunks
from genart_assets.deliverables.formats import find_format
from genart_assets.deliverables.xmp import packet_of
from genart_assets.errors import InputError
from genart_assets.from_image.delivery import read_delivery
from genart_assets.from_image.generation_metadata import GenerationMetadata
from genart_assets.records.recipe import RecipeStart
from genart_assets_tests.deliverables.samples import FORMATS, embedded, icon, recipe


@pytest.mark.parametrize("name", FORMATS)
def test_the_recipe_of_every_format_is_the_making(name: str, tmp_path: Path) -> None:
    made = recipe("glossy {kiwi} & <fruit>")
    facts = embedded(made)
    path = tmp_path / "a"
    path.write_bytes(find_format(name).encode(icon(), packet_of(facts), text_chunks(facts, made)).data)
    assert read_delivery(path) == GenerationMetadata(
        tool=f"genart-assets, brief {facts.brief}, slot {facts.slot}",
        prompt="glossy {kiwi} & <fruit>",
        negative_prompt="blurry",
        size=(64, 64),
        sampler="DDIMScheduler",
        steps=3,
        guidance=5.5,
        guidance_rescale=0.0,
        seed=str(2**64 - 1),
        model=facts.model,
        model_hash="ab" * 32,
        model_reference=facts.model,
    )


def test_what_no_brief_can_take_over_is_named(tmp_path: Path) -> None:
    made = recipe(start=RecipeStart(image="ef" * 32, strength=0.5))
    path = tmp_path / "a.png"
    path.write_bytes(find_format("png").encode(icon(), packet_of(embedded(made)), {}).data)
    assert read_delivery(path).left_out == ("start picture, strength 0.5",)


def test_a_changed_recipe_is_refused(tmp_path: Path) -> None:
    made = recipe(seed=1234567)
    packet = packet_of(embedded(made)).replace("1234567", "1234568")
    path = tmp_path / "a.png"
    path.write_bytes(find_format("png").encode(icon(), packet, {}).data)
    with pytest.raises(InputError, match="was changed"):
        read_delivery(path)
