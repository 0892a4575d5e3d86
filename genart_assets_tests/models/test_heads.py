from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from safetensors.numpy import save_file

from genart_assets.errors import InputError, ModelError
from genart_assets.models.heads import Head, HeadConfig, load_head, save_head
from genart_assets.records.brief import Brief
from genart_assets.records.style_guide import StyleGuide
from genart_assets.stages.acceptance.model_checks import check_model

CLIP = "c" * 64


def saved(folder: Path, widths: tuple[int, ...] = (4, 1), **config: object) -> Path:
    rng = np.random.default_rng(len(widths))
    pairs = list(itertools.pairwise(widths))
    weights = [rng.normal(size=(out, width)).astype(np.float32) for width, out in pairs]
    biases = [rng.normal(size=out).astype(np.float32) for _, out in pairs]
    fields = {"clip_snapshot": CLIP, "dim": widths[0], "unit": "rating", "layers": len(pairs)} | config
    save_head(folder, HeadConfig.model_validate(fields), weights, biases)
    return folder


def by_hand(head: Head, rows: np.ndarray, between=lambda x: x) -> np.ndarray:
    for k, (weight, bias) in enumerate(zip(head.weights, head.biases, strict=True)):
        rows = (between(rows) if k else rows) @ weight.T.astype(np.float64) + bias
    return rows[:, 0]


def test_a_linear_head_is_a_product_and_a_probability_its_logistic(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    rating = load_head(saved(tmp_path / "a"), CLIP)
    assert_allclose(rating.predict(rows), by_hand(rating, rows), rtol=1e-9)
    probability = load_head(saved(tmp_path / "b", unit="probability"), CLIP)
    assert_allclose(probability.predict(rows), 1 / (1 + np.exp(-by_hand(rating, rows))), rtol=1e-9)
    assert np.array_equal(rating.predict(rows[[5, 2]]), rating.predict(rows)[[5, 2]])


def test_several_layers_with_and_without_an_activation(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    plain = load_head(saved(tmp_path / "a", (4, 8, 3, 1)), CLIP)
    assert_allclose(plain.predict(rows), by_hand(plain, rows), rtol=1e-9)
    rectified = load_head(saved(tmp_path / "b", (4, 8, 3, 1), activation="relu"), CLIP)
    assert_allclose(rectified.predict(rows), by_hand(rectified, rows, lambda x: np.maximum(x, 0)), rtol=1e-9)


def test_an_extreme_probability_is_no_overflow(tmp_path: Path) -> None:
    head = load_head(saved(tmp_path / "a", unit="probability"), CLIP)
    far = np.array([head.weights[0][0] * 1e4, head.weights[0][0] * -1e4], np.float32)
    assert head.predict(far).tolist() == [1, 0]


def test_a_head_is_known_by_its_hash_and_not_overwritten(tmp_path: Path) -> None:
    first = load_head(saved(tmp_path / "a"), CLIP)
    assert load_head(saved(tmp_path / "b"), CLIP).digest == first.digest
    assert load_head(saved(tmp_path / "c", unit="probability"), CLIP).digest != first.digest
    saved(tmp_path / "a")
    with pytest.raises(InputError, match=r"holds another config\.json already"):
        saved(tmp_path / "a", unit="probability")


def test_what_does_not_fit_is_refused_with_the_remedy(tmp_path: Path) -> None:
    good = saved(tmp_path / "good")
    with pytest.raises(
        ModelError, match=r"was fitted on CLIP snapshot cccccccccccc, the brief's is dddddddddddd"
    ) as told:
        load_head(good, "d" * 64)
    assert "style_guide.clip_model" in told.value.remedy
    for name, config, says in (
        ("dim", {"dim": 5}, r"tensor weight\.0 is \(1, 4\), \(1, 5\) is wanted"),
        ("fewer", {"layers": 2}, r"tensor weight\.1 is missing"),
        ("unit", {"unit": "stars"}, r"holds no readable head\.safetensors"),
    ):
        folder = saved(tmp_path / name)
        fields = {"clip_snapshot": CLIP, "dim": 4, "unit": "rating", "layers": 1} | config
        (folder / "config.json").write_text(str(fields).replace("'", '"'))
        with pytest.raises(ModelError, match=says):
            load_head(folder, CLIP)
    folder = saved(tmp_path / "more", (4, 1, 1))
    (folder / "config.json").write_text((good / "config.json").read_text())
    with pytest.raises(ModelError, match="has 4 tensors, 1 layers have 2"):
        load_head(folder, CLIP)


def test_damaged_unsafe_and_not_finite_files_are_refused(tmp_path: Path) -> None:
    folder = saved(tmp_path / "damaged")
    (folder / "head.safetensors").write_bytes(b"\xff" * 40)
    with pytest.raises(ModelError, match="holds no readable"):
        load_head(folder, CLIP)
    folder = saved(tmp_path / "pickle")
    (folder / "head.pth").touch()
    with pytest.raises(ModelError, match="can run code"):
        load_head(folder, CLIP)
    folder = saved(tmp_path / "nan")
    save_file(
        {"weight.0": np.full((1, 4), np.nan, np.float32), "bias.0": np.zeros(1, np.float32)},
        folder / "head.safetensors",
    )
    with pytest.raises(ModelError, match="not finite"):
        load_head(folder, CLIP)


def test_a_head_for_another_clip_model_is_a_problem_of_the_brief(tmp_path: Path) -> None:
    brief = Brief(brief="a", prompt="b", style_guide=StyleGuide(aesthetic_head=str(saved(tmp_path / "a"))))
    [(field, problem)] = check_model(brief)
    assert field == "style_guide.aesthetic_head"
    assert "was fitted on CLIP snapshot cccccccccccc" in problem
