from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import CLIPConfig, CLIPImageProcessorPil

from genart_assets.critics.protocol import Look
from genart_assets.critics.safety_checker import SafetyCheckerMargin
from genart_assets.errors import ModelError
from genart_assets.models.safety_checker import load_safety_checker
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, part, pictures_of, plan_of

PLAN = plan_of(brief_of())
SIDE = 32


def network() -> Any:
    """The real class with two small layers; what it calls unwanted is set by the tests."""
    torch.manual_seed(0)
    tower = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2, "num_hidden_layers": 2}
    config = CLIPConfig(vision_config={**tower, "image_size": SIDE, "patch_size": 8}, projection_dim=16)
    return StableDiffusionSafetyChecker(config).eval()


def tensors_of(pixels: np.ndarray) -> torch.Tensor:
    process: Any = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    return process(list(pixels), return_tensors="pt", input_data_format="channels_last")["pixel_values"]


@pytest.fixture(scope="module")
def look() -> Look:
    return look_at(PLAN, pictures_of(PLAN))


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "with a special concept"])
def checker(
    request: pytest.FixtureRequest, look: Look, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[bool]]:
    """A checker that cannot bear the first picture, and what it says itself of each of them."""
    ours = network()
    with torch.no_grad():
        embedded = ours.visual_projection(ours.vision_model(tensors_of(look.pixels)).pooler_output)
        ours.concept_embeds.copy_(torch.randn(17, 16))
        ours.concept_embeds[0] = embedded[0]
        ours.concept_embeds_weights.fill_(0.999)
        ours.special_care_embeds_weights.fill_(0.5 if request.param else 1.1)
        ours.special_care_embeds.copy_(embedded[:3])
    folder = tmp_path_factory.mktemp("checker")
    ours.save_pretrained(folder, safe_serialization=True)
    _, says = ours(tensors_of(look.pixels), np.zeros_like(look.pixels))
    return folder, says


def test_it_stops_what_the_checker_itself_would_blacken(look: Look, checker: tuple[Path, list[bool]]) -> None:
    folder, says = checker
    critic = SafetyCheckerMargin.for_batch(context_of(brief_of(style_guide={"safety_checker": str(folder)}), look))
    assert critic is not None
    scores = critic.score(look)
    assert list(scores.round(3) > 0) == says
    assert says[0]
    assert np.array_equal(critic.score(part(look, [4, 1])), scores[[4, 1]])
    assert critic.version.startswith("1 snapshot ")


def test_the_special_concepts_make_it_stricter(look: Look, tmp_path: Path) -> None:
    ours = network()
    margins: list[float] = []
    for name, threshold in (("mild", 1.1), ("strict", -1.1)):
        with torch.no_grad():
            ours.special_care_embeds_weights.fill_(threshold)
        ours.save_pretrained(tmp_path / name, safe_serialization=True)
        margins.append(load_safety_checker(str(tmp_path / name)).margins(look.pixels)[0])
    assert margins[1] - margins[0] == pytest.approx(0.01, abs=1e-6)


def test_another_model_is_refused(tmp_path: Path) -> None:
    network().vision_model.save_pretrained(tmp_path, safe_serialization=True)
    with pytest.raises(ModelError, match="is not a safety checker"):
        load_safety_checker(str(tmp_path))


def test_a_brief_without_a_checker_cannot_bound_it(look: Look) -> None:
    assert SafetyCheckerMargin.for_batch(context_of(brief_of(), look)) is None
    assert "add style_guide.safety_checker" in SafetyCheckerMargin.missing_requirement(brief_of())
