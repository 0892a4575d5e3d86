"""What cannot be rendered again stays alone: it is told by hash or with its reason, and all else is replayed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import torch
from PIL import Image

from genart_assets.defs.audits import replays_identically
from genart_assets.defs.resources.storage import StorageResource
from genart_assets.instance.home import Home
from genart_assets.models.controls import control_snapshot
from genart_assets.models.families.stable_diffusion import StableDiffusion
from genart_assets.models.loras import lora_snapshot
from genart_assets.provenance.index import provenance_index
from genart_assets.provenance.record import ProvenanceRecord
from genart_assets.provenance.replay import replay
from genart_assets.provenance.reproduce import Replay
from genart_assets.records.base import sha256_hex
from genart_assets.stages.briefs.control_images import control_path
from genart_assets.starter.shipped import SHIPPED_CONTROLS, SHIPPED_LORAS
from genart_assets.storage.root import Storage
from genart_assets_tests.models.tiny_controls import disc
from genart_assets_tests.models.tiny_loras import random_lora
from genart_assets_tests.runner.command import SUBJECTS, answer, genart, write_brief

INK = lora_snapshot("ink").snapshot_id[:12]
SILHOUETTE = control_snapshot("silhouette").snapshot_id[:12]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a LoRA, a ControlNet, and a home in which three briefs of two images were run: two use them."""
    folder = tmp_path_factory.mktemp("studio")
    shutil.copytree(SHIPPED_LORAS["ink"], folder / "house")
    shutil.copytree(SHIPPED_CONTROLS["silhouette"], folder / "outline")
    for subject, radius in zip(SUBJECTS[:2], (24, 14), strict=True):
        Image.fromarray(disc(radius)).convert("L").save(folder / f"{subject}.png")
    control = {"kind": "silhouette", "model": "outline", "image": "{subject}.png"}
    briefs = [
        write_brief(folder, "plain", 2),
        write_brief(folder, "inked", 2, loras=[{"name": "house"}]),
        write_brief(folder, "shaped", 2, control=control),
    ]
    told = answer(genart(folder / "home", "run", *briefs, "--json"))
    assert told["delivered"] == 6, told
    return folder


@pytest.fixture
def storage(studio: Path, tmp_path: Path) -> Storage:
    """A copy of what the run stored."""
    shutil.copytree(Home.open(studio / "home").storage_root, tmp_path / "storage")
    return Storage.open(str(tmp_path / "storage"))


@pytest.fixture
def records(storage: Storage) -> list[ProvenanceRecord]:
    """Two of `inked`, two of `plain`, two of `shaped`."""
    with provenance_index(storage) as index:
        return sorted(index.sample(10), key=lambda record: (record.brief, record.slot_index))


@pytest.fixture
def lost(studio: Path, tmp_path: Path) -> Iterator[None]:
    """The LoRA is gone and the ControlNet's config is another, until the test is over."""
    config = studio / "outline" / "config.json"
    whole = config.read_bytes()
    (studio / "house").rename(tmp_path / "house")
    config.write_text("{}", encoding="utf-8")
    yield
    config.write_bytes(whole)
    (tmp_path / "house").rename(studio / "house")


def problems(found: list[Replay]) -> list[str]:
    assert all((one.pixel_sha256 is None) == bool(one.problem) for one in found)
    return [one.problem for one in found]


@pytest.mark.usefixtures("lost")
def test_a_lost_lora_and_a_changed_controlnet_are_told_before_the_others_are_replayed(
    studio: Path, storage: Storage, records: list[ProvenanceRecord]
) -> None:
    told: list[Replay] = []
    found = replay(storage, records, found=told.append)
    gone = f"weights {INK} of LoRA 'house' are gone: there is no LoRA {str(studio / 'house')!r}"
    now = control_snapshot(str(studio / "outline")).snapshot_id[:12]
    changed = f"weights {SILHOUETTE} of ControlNet 'silhouette' have changed, they are {now} now: config.json was "
    assert problems(found)[:4] == [gone, gone, "", ""]
    for problem in problems(found)[4:]:
        assert problem.startswith(changed)
        assert problem.endswith(f", is {sha256_hex('{}')[:12]}")
    inked, plain, shaped = records[:2], records[2:4], records[4:]
    assert [one.image for one in found] == [one.recipe_id for one in records]
    assert [one.image for one in told] == [one.recipe_id for one in (*inked, *shaped, *plain)]


@pytest.mark.usefixtures("lost")
def test_the_command_line_tells_lost_adapters_and_replays_the_rest(studio: Path) -> None:
    told = genart(studio / "home", "reproduce", "--sample", 10, "--json")
    answered = answer(told, code=1)
    assert (answered["replayed"], answered["identical"]) == (6, 2)
    gone = f"weights {INK} of LoRA 'house' are gone"
    assert sum(found["problem"].startswith(gone) for found in answered["images"]) == 2
    assert sum(found["problem"].startswith(f"weights {SILHOUETTE} of ") for found in answered["images"]) == 2
    assert told.stderr.count(gone) == 2
    printed = genart(studio / "home", "reproduce", "--sample", 2, "--brief", "inked")
    assert (printed.returncode, printed.stdout.count(f"not rendered: {gone}")) == (1, 2)
    assert printed.stdout.endswith("0 of 2 bit-identical\n")


@pytest.mark.usefixtures("lost")
def test_the_audit_fails_and_names_the_lost_lora(storage: Storage) -> None:
    audited = replays_identically(StorageResource(root=storage.root))
    assert isinstance(audited, dg.AssetCheckResult)
    assert not audited.passed
    assert f"; weights {INK} of LoRA 'house' are gone: " in (audited.description or "")


def test_a_lora_that_changed_under_its_name_is_told_by_its_file(
    studio: Path, tmp_path: Path, storage: Storage, records: list[ProvenanceRecord]
) -> None:
    file = studio / "house" / "pytorch_lora_weights.safetensors"
    file.rename(tmp_path / file.name)
    random_lora(studio / "house", 1, rank=2)
    try:
        (found,) = replay(storage, records[:1])
        now = lora_snapshot(str(studio / "house"))
    finally:
        shutil.move(tmp_path / file.name, file)
    assert found.problem == (
        f"weights {INK} of LoRA 'house' have changed, they are {now.snapshot_id[:12]} now: {file.name} was "
        f"{lora_snapshot('ink').files[file.name][:12]}, is {now.files[file.name][:12]}"
    )


def test_adapters_whose_files_nothing_leads_to_are_not_known(
    storage: Storage, records: list[ProvenanceRecord], tmp_path: Path
) -> None:
    """Their snapshots were never kept, or what was kept is damaged."""
    lora, net = (Path(storage.root, "models", f"{records[k].adapter_snapshots[0]}.json") for k in (0, 4))
    lora.unlink()
    net.write_bytes(b"{")
    assert problems(replay(storage, records[::2])) == [
        f"weights {INK} of LoRA 'house' are not known here",
        "",
        f"weights {SILHOUETTE} of ControlNet 'silhouette' are not known here; {net} is damaged: "
        "Invalid JSON: EOF while parsing an object at line 1 column 1",
    ]


def test_a_lost_control_image_fails_its_own_image(storage: Storage, records: list[ProvenanceRecord]) -> None:
    control = records[4].steering.control
    assert control is not None
    place = Path(storage.root, control_path(control.image))
    place.unlink()
    lost, *others = problems(replay(storage, records[4:] + records[2:4]))
    assert lost.startswith("control image: ")
    assert str(place) in lost
    assert others == ["", "", ""]


def test_values_that_are_not_finite_fail_their_own_image(
    storage: Storage, records: list[ProvenanceRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = StableDiffusion.decode

    def poisoned(self: StableDiffusion, pipe: Any, latents: torch.Tensor) -> torch.Tensor:
        decoded = whole(self, pipe, latents)
        decoded[1] = torch.nan
        return decoded

    monkeypatch.setattr(StableDiffusion, "decode", poisoned)
    assert problems(replay(storage, records[2:4])) == ["", "the decoded picture is not finite"]
