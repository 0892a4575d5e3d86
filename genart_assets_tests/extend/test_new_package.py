"""What `genart new` writes. That its test passes once it is installed is seen by `.ci/extensions`."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from genart_assets.errors import InputError
from genart_assets.extend.new_package import KINDS, Kind, NewPackage, write_package

NAMES: dict[Kind, str] = {
    "critic": "redness",
    "format": "archive_tiff",
    "move": "all_steps",
    "family": "StableDiffusionPAGPipeline",
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, NewPackage]:
    folder = tmp_path_factory.mktemp("packages")
    return {kind: write_package(kind, name, folder) for kind, name in NAMES.items()}


def test_there_is_a_template_of_every_kind() -> None:
    assert set(get_args(Kind)) == set(KINDS) == set(NAMES)


@pytest.mark.parametrize("kind", NAMES)
def test_a_package_is_one_file_its_entry_point_and_its_test(packages: dict[Kind, NewPackage], kind: Kind) -> None:
    package = packages[kind]
    folder = Path(package.folder)
    project, module, test = package.files
    assert sorted(package.files) == sorted(file.name for file in folder.iterdir())
    assert test == f"test_{module}"
    read = tomllib.loads((folder / project).read_text())
    (entry,) = read["project"]["entry-points"][KINDS[kind].point.group].items()
    assert entry[0] == NAMES[kind]
    assert entry[1].startswith(f"{module.removesuffix('.py')}:")
    assert read["tool"]["setuptools"]["py-modules"] == [module.removesuffix(".py")]
    names = {getattr(node, "name", None) or ast.unparse(node) for node in ast.parse((folder / module).read_text()).body}
    registered = entry[1].partition(":")[2]
    assert any(name == registered or name.startswith(f"{registered} = ") for name in names)


@pytest.mark.parametrize("kind", NAMES)
def test_it_imports_from_the_one_place(packages: dict[Kind, NewPackage], kind: Kind) -> None:
    folder = Path(packages[kind].folder)
    for file in packages[kind].files[1:]:
        imported = {
            node.module
            for node in ast.walk(ast.parse((folder / file).read_text()))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("genart_assets")
        }
        assert imported <= {"genart_assets.extend", "genart_assets.extend.kit"}


def test_their_rules_hold_before_they_are_installed(packages: dict[Kind, NewPackage]) -> None:
    folders = [packages[kind].folder for kind in ("critic", "format", "move")]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not briefs_find_it", *folders]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "6 passed, 3 deselected" in done.stdout


def test_a_generated_name_becomes_a_class_and_a_module(tmp_path: Path) -> None:
    package = write_package("critic", "house_red_2", tmp_path)
    assert package.files == ("pyproject.toml", "house_red_2_critic.py", "test_house_red_2_critic.py")
    assert "class HouseRed2(BaseCritic):" in (tmp_path / "house_red_2" / "house_red_2_critic.py").read_text()
    assert package.commands == ("pip install --no-build-isolation -e house_red_2", "pytest house_red_2")
    assert package.use == "style_guide: {expect: {house_red_2: {max: 200}}}"


@pytest.mark.parametrize("name", ["", "Redness", "2red", "red-ness", "../red", "a b", "r" * 33, "rød", "red\n"])
@pytest.mark.parametrize("kind", ["critic", "format", "move"])
def test_a_bad_name_is_refused_with_what_is_allowed(tmp_path: Path, kind: Kind, name: str) -> None:
    with pytest.raises(InputError, match=f"cannot be the name of a {kind}") as caught:
        write_package(kind, name, tmp_path)
    assert caught.value.remedy == "use at most 32 of a-z, 0-9 and _, a letter first"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["redness", "StableDiffusionPipelines", "../StableDiffusionPAGPipeline"])
def test_a_family_is_named_as_a_pipeline_of_diffusers(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"diffusers \S+ has no pipeline class") as caught:
        write_package("family", name, tmp_path)
    assert "model_index.json" in caught.value.remedy


@pytest.mark.parametrize(
    ("kind", "name"),
    [("critic", "sharpness"), ("format", "png"), ("move", "new_seed"), ("family", "StableDiffusionPipeline")],
)
def test_a_name_that_is_taken_is_refused(tmp_path: Path, kind: Kind, name: str) -> None:
    with pytest.raises(InputError, match=f"a {kind} is registered as '{name}' already"):
        write_package(kind, name, tmp_path)


def test_nothing_that_is_there_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "redness").mkdir()
    (tmp_path / "redness" / "mine.txt").write_text("mine")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("redness", "dangling"):
        with pytest.raises(InputError, match="is there already") as caught:
            write_package("critic", name, tmp_path)
        assert "another name" in caught.value.remedy
    assert [file.name for file in (tmp_path / "redness").iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be made: No such file"):
        write_package("critic", "redness", tmp_path / "gone")
