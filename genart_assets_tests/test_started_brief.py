"""Start pictures and masks as a user meets them: a brief is run, delivered, verified, traced and reproduced."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genart_assets.deliverables.read_back import read_recipe
from genart_assets.instance.home import Home
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.stages.acceptance.what_is_installed import installed
from genart_assets.stages.briefs.read_briefs import read_brief_file
from genart_assets.stages.briefs.start_pictures import start_path, stored_start
from genart_assets.storage.images import pixel_path
from genart_assets.storage.pixels import decode_png
from genart_assets.storage.root import Storage
from genart_assets_tests.deliverables.samples import icon
from genart_assets_tests.models.tiny_controls import disc
from genart_assets_tests.provenance.records_of import records_of
from genart_assets_tests.runner.command import answer, genart, write_brief

SUBJECTS = ("red apple", "lemon")
RETRY = {"rounds": 1, "moves": ["less_strength", "more_strength"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which one command ran three briefs: one redraws, one repaints, one is tried again."""
    folder = tmp_path_factory.mktemp("started")
    for name in ("pictures", "masks"):
        (folder / name).mkdir()
    for k, subject in enumerate(SUBJECTS):
        icon(k, (128, 128)).save(folder / "pictures" / f"{subject}.png")
        Image.fromarray(disc(10 + 8 * k)).convert("L").save(folder / "masks" / f"{subject}.png")
    start = {"image": "pictures/{subject}.png", "strength": 0.5}
    redrawn = write_brief(folder, "redrawn", 2, start=start, loras=[{"name": "ink", "scale": 0.5}])
    repainted = write_brief(folder, "repainted", 2, start={**start, "mask": "masks/{subject}.png", "strength": 1.0})
    tried = write_brief(
        folder,
        "tried",
        2,
        start=start,
        sampler={"steps": 10},
        latitudes={"strength": [0.2, 0.9]},
        retry=RETRY,
        style_guide={"expect": {"prompt_alignment": {"min": 2}}},
    )
    told = answer(genart(folder / "home", "run", redrawn, repainted, tried, "--json"))
    assert (told["rendered"], told["delivered"]) == (8, 4), told
    return folder / "home"


@pytest.fixture(scope="module")
def storage(home: Path) -> Storage:
    return Storage.open(Home.open(home).storage_root)


@pytest.fixture(scope="module")
def records(storage: Storage) -> dict[str, list[ProvenanceRecord]]:
    return records_of(storage)


def test_a_delivered_file_holds_the_hashes_of_what_it_was_made_of(home: Path, storage: Storage) -> None:
    files = sorted((home / "storage" / "deliveries" / "redrawn").rglob("*.png"))
    recipes = [read_recipe(file) for file in files]
    assert len({recipe["start"]["image"] for recipe in recipes}) == 2
    assert all(storage.exists(start_path(recipe["start"]["image"])) for recipe in recipes)
    assert answer(genart(home, "verify", *files, "--json"))
    assert all(b"compositeWithTrainedAlgorithmicMedia" in file.read_bytes() for file in files)


def test_what_a_mask_leaves_out_is_delivered_as_it_was_given(
    storage: Storage, records: dict[str, list[ProvenanceRecord]]
) -> None:
    for record in records["repainted"]:
        start = record.steering.start
        assert start is not None
        assert start.mask is not None
        assert record.pixel_sha256 is not None
        picture = decode_png(storage.read(pixel_path(record.pixel_sha256)))
        kept = stored_start(storage, start.mask)[..., 0] == 0
        assert np.array_equal(picture[kept], stored_start(storage, start.image)[kept])
        assert not np.array_equal(picture, stored_start(storage, start.image))


def test_every_image_is_reproduced_bit_for_bit(home: Path) -> None:
    told = answer(genart(home, "reproduce", "--sample", 100, "--json"))
    assert (told["replayed"], told["identical"]) == (8, 8)


def test_the_story_of_an_image_names_its_start_picture_and_its_mask(
    home: Path, tmp_path: Path, records: dict[str, list[ProvenanceRecord]]
) -> None:
    image = records["repainted"][0]
    start = image.steering.start
    assert start is not None
    assert start.mask is not None
    page = tmp_path / "story.html"
    told = genart(home, "trace", image.recipe_id, "--html", page)
    assert f"strength 1, {start_path(start.image)}" in told.stdout
    assert start_path(start.mask) in told.stdout
    html = page.read_text(encoding="utf-8")
    assert start.image in html
    assert start.mask in html


def test_retries_move_the_strength_inside_its_latitude(records: dict[str, list[ProvenanceRecord]]) -> None:
    for before, after in zip(records["tried"][::2], records["tried"][1::2], strict=True):
        assert before.steering.start is not None
        assert after.steering.start is not None
        assert before.steering.start.strength == 0.5
        assert after.steering.start.strength == {"less_strength": 0.35, "more_strength": 0.7}[after.move or ""]


def test_a_wrong_picture_is_named_and_the_other_briefs_are_rendered(home: Path) -> None:
    folder = home.parent
    wrong = write_brief(folder, "wrong", 2, start={"image": "pictures/{subject}.png", "mask": "pictures/none.png"})
    told = genart(home, "run", wrong, folder / "redrawn.yaml", "--json")
    assert told.returncode == 2, told.stderr
    assert "start masks that do not exist: pictures/none.png" in told.stderr + told.stdout


def test_a_stored_picture_that_is_lost_costs_its_images_alone(home: Path, storage: Storage) -> None:
    """Last, for it takes away what the others replay."""
    folder = home.parent
    again = write_brief(folder, "again", 2, start={"image": "pictures/{subject}.png", "strength": 0.5})
    brief = read_brief_file(again, known=installed())
    assert brief.start is not None
    lost, kept = (brief.start.images[f"pictures/{subject}.png"].sha256 for subject in SUBJECTS)
    assert storage.exists(start_path(lost))
    Path(str(storage.path(start_path(lost)))).write_bytes(b"damaged")
    told = answer(genart(home, "run", again, "--json"))
    assert (told["rendered"], told["delivered"]) == (1, 1), told
    with provenance_index(storage) as index:
        found = [record for record in index.sample(100) if record.brief == "again"]
    assert [record.steering.start and record.steering.start.image for record in found] == [kept]
