"""A style's YAML is read with the pictures that it names; what is wrong is told line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from genart_assets.errors import InputError
from genart_assets.learning.read_style import read_style
from genart_assets.learning.styles import store_style, stored_style, style_names
from genart_assets.storage.pixels import encode_png, pixel_sha256
from genart_assets.storage.root import Storage

PICTURES = [np.full((8, 8, 3), value, np.uint8) for value in (10, 200)]
STYLE: dict[str, Any] = {
    "style": "house",
    "briefs": ["icons"],
    "references": "pictures",
    "trial": {"prompts": ["a lemon", "a frog"]},
}


def written(folder: Path, **keys: Any) -> Path:
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "empty").mkdir(exist_ok=True)
    for place, picture in enumerate(PICTURES):
        (folder / "pictures" / f"{place}.png").write_bytes(encode_png(picture))
    (folder / "pictures" / "notes.txt").write_text("no picture")
    path = folder / "house.yaml"
    content = {key: value for key, value in {**STYLE, **keys}.items() if value is not None}
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return path


def test_a_folder_of_references_is_all_its_pictures_and_a_list_is_taken_as_it_is(tmp_path: Path) -> None:
    hashes = [pixel_sha256(picture) for picture in PICTURES]
    assert [one.sha256 for one in read_style(written(tmp_path)).references] == hashes
    listed = written(tmp_path, references=["pictures/1.png", "pictures/0.png"])
    assert [one.sha256 for one in read_style(listed).references] == hashes[::-1]


def test_a_key_that_is_true_or_false_is_read(tmp_path: Path) -> None:
    assert read_style(written(tmp_path, finetune={"gradient_checkpointing": True})).finetune.gradient_checkpointing
    path = written(tmp_path, finetune={"steps": 5})
    path.write_text(path.read_text(encoding="utf-8") + "  gradient_checkpointing: yes\n", encoding="utf-8")
    with pytest.raises(InputError, match="given 'yes'; allowed: true or false"):
        read_style(path)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"style": "House"}, "field 'style'"),
        ({"briefs": []}, "field 'briefs'"),
        ({"references": "nowhere"}, "a folder, or a list of pictures"),
        ({"references": ["pictures/7.png"]}, "there is no such file"),
        ({"references": ["pictures/notes.txt"]}, "is not a readable picture"),
        ({"references": None}, "give either references or house_style"),
        ({"house_style": "pictures"}, "give either references or house_style"),
        ({"trial": {"prompts": ["one"]}}, "field 'trial.prompts'"),
        ({"trial": {"prompts": ["one", "two"], "size": [60, 64]}}, "field 'trial.size[0]'"),
        ({"trial": {"prompts": ["one", "two", "one"]}}, "field 'trial.prompts[2]': 'one' is repeated"),
        ({"trial": {"prompts": ["one", "two"], "seeds": [3, 3]}}, "field 'trial.seeds[1]': 3 is repeated"),
        (
            {"trial": {"prompts": ["one", "two"], "seeds": [3, -1]}},
            "field 'trial.seeds[1]': given -1; allowed: 0 or more",
        ),
        ({"briefs": ["icons", "icons.yaml"]}, "field 'briefs[1]': given 'icons.yaml'; allowed: the id of a brief"),
        ({"references": "empty"}, "empty; allowed: a folder with a picture, or a list of pictures"),
        ({"finetune": {"steps": 0}}, "field 'finetune.steps'"),
        ({"finetune": {"step": 5}}, "field 'finetune.step'"),
        ({"finetune": {"steps": 0}}, "given 0; allowed: a whole number from 1 to 1000000"),
        ({"finetune": {"rate": 1}}, "given 1; allowed: a number above 0, below 1"),
        ({"finetune": {"decay_from": 1}}, "given 1; allowed: a number of 0 or more, below 1"),
        ({"finetune": {"gradient_checkpointing": "often"}}, "given 'often'; allowed: true or false"),
        ({"finetune": {"gradient_checkpointing": 1}}, "given 1; allowed: true or false"),
        ({"model": "studio/model"}, "hub id without a revision"),
        ({"model": "nobody"}, "field 'model'"),
        ({"preference_head": "nowhere"}, "field 'preference_head'"),
        ({"new_images": 0}, "field 'new_images'"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(tmp_path: Path, keys: dict[str, Any], told: str) -> None:
    path = written(tmp_path, **keys)
    with pytest.raises(InputError) as error:
        read_style(path)
    assert told in error.value.message
    assert error.value.message.startswith(f"{path}:")


def test_the_last_style_of_a_name_counts_and_an_equal_one_is_not_kept_twice(tmp_path: Path) -> None:
    storage = Storage.open(str(tmp_path / "storage"))
    style = read_style(written(tmp_path))
    assert store_style(storage, style)
    assert not store_style(storage, read_style(written(tmp_path)))
    assert store_style(storage, style.model_copy(update={"new_images": 7}))
    assert stored_style(storage, "house").new_images == 7
    assert style_names(storage) == ["house"]
    with pytest.raises(InputError, match="there is no style 'hause'") as error:
        stored_style(storage, "hause")
    assert "house" in error.value.remedy
