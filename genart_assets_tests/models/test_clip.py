from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from PIL import Image
from transformers import SiglipModel, SiglipProcessor

from genart_assets.critics.prompt_alignment import PromptAlignment
from genart_assets.errors import ModelError
from genart_assets.models.clip import Clip, kind_of, load_clip
from genart_assets.records.brief import Brief
from genart_assets.stages.acceptance.model_checks import check_model
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, pictures_of, plan_of
from genart_assets_tests.models.tiny_siglip import TEXTS, WIDTH, save_tiny_siglip

PIXELS = pictures_of(plan_of(brief_of()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="module")
def siglip(folder: Path) -> Clip:
    return load_clip(str(folder))


@pytest.mark.parametrize("name", ["starter", "siglip"])
def test_an_embedding_has_length_one_and_depends_on_its_row_alone(name: str, folder: Path) -> None:
    clip = load_clip("starter" if name == "starter" else str(folder))
    for whole, alone in (
        (clip.embed_images(PIXELS), np.concatenate([clip.embed_images([picture]) for picture in PIXELS])),
        (clip.embed_texts(TEXTS), np.concatenate([clip.embed_texts([text]) for text in TEXTS])),
    ):
        assert whole.shape == (len(alone), clip.width)
        assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-6)
        assert np.array_equal(whole, alone)
        assert len({row.tobytes() for row in whole}) == len(whole)
    assert clip.embed_images([]).shape == clip.embed_texts([]).shape == (0, clip.width)


def test_siglip_gives_what_its_own_processor_and_model_give(folder: Path, siglip: Clip) -> None:
    processor = SiglipProcessor.from_pretrained(str(folder))
    model = SiglipModel.from_pretrained(str(folder)).eval()
    inputs = processor(
        text=TEXTS,
        images=[Image.fromarray(p) for p in PIXELS],
        padding="max_length",
        truncation=True,
        return_tensors="pt",
    )
    with torch.inference_mode():
        out = model(input_ids=inputs["input_ids"], pixel_values=inputs["pixel_values"])
    assert siglip.width == WIDTH
    assert_allclose(siglip.embed_texts(TEXTS), out.text_embeds.numpy(), atol=1e-5)
    assert_allclose(siglip.embed_images(PIXELS), out.image_embeds.numpy(), atol=0.02)  # Pillow resizes, or torchvision


def test_a_text_longer_than_the_context_is_cut(siglip: Clip) -> None:
    words = "a flat icon of apple " * 20
    assert np.array_equal(siglip.embed_texts([words]), siglip.embed_texts([words + "rocket"]))


def test_prompt_alignment_runs_on_siglip(siglip: Clip) -> None:
    plan = plan_of(brief_of())
    look = look_at(plan, PIXELS)
    context = context_of(brief_of(), look)
    critic = PromptAlignment(type(context)(**{**vars(context), "embed_texts": siglip.embed_texts}))
    embedded = type(look)(look.pixels, siglip.embed_images(PIXELS), plan)
    scores = critic.score(embedded)
    texts = siglip.embed_texts([planned.recipe.prompt for planned in plan])
    assert_allclose(scores, (embedded.embeddings * texts).sum(axis=1), atol=1e-6)


def test_another_kind_of_model_is_a_problem_of_the_brief(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert check_model(Brief(brief="a", prompt="b", style_guide={"clip_model": str(tmp_path)})) == []
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
    [(field, problem)] = check_model(Brief(brief="a", prompt="b", style_guide={"clip_model": str(tmp_path)}))
    assert field == "style_guide.clip_model"
    assert "holds a 'bert' model; give a CLIP or a SigLIP model" in problem
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="does not name a model_type"):
        kind_of(tmp_path)


def test_a_model_without_a_tokenizer_is_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        if "token" not in file.name and file.suffix != ".model":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ModelError, match=r"the tokenizer of .* cannot be loaded"):
        load_clip(str(tmp_path))
