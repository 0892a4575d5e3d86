from __future__ import annotations

from genart_assets.deliverables.embedded import parameters, text_chunks
from genart_assets_tests.deliverables.samples import embedded, recipe


def test_parameters_are_the_three_lines_that_picture_browsers_read() -> None:
    assert parameters(recipe("a pear", seed=42)).splitlines() == [
        "a pear",
        "Negative prompt: blurry",
        "Steps: 3, Sampler: DDIMScheduler, CFG scale: 5.5, Seed: 42, Size: 64x64, Model hash: ababababab",
    ]


def test_no_negative_prompt_no_line() -> None:
    assert "Negative" not in parameters(recipe(negative_prompt=""))


def test_text_chunks_hold_the_whole_recipe() -> None:
    made = recipe()
    chunks = text_chunks(embedded(made), made)
    assert chunks["recipe"] == made.canonical()
    assert chunks["recipe_id"] == made.recipe_id
