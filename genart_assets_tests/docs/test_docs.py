"""Nothing that a user can name is missing from the pages, and no page names what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from genart_assets.learning.styles import Style
from genart_assets.records.brief import Brief
from genart_assets.records.studio import StudioLatitudes
from genart_assets_tests.docs.pages import ROOT, blocks, page, page_files

ERROR = re.compile(r"^class (\w+)\((\w+)\):", re.MULTILINE)
VARIABLE = re.compile(r"\bGENART_[A-Z_]+[A-Z]\b")


def missing(names: Iterable[str], *pages: str) -> list[str]:
    """The names that no page shows as code."""
    text = "\n".join(map(page, pages))
    return [name for name in names if f"`{name}`" not in text]


@pytest.mark.parametrize(
    ("record", "name"), [(Brief, "brief"), (StudioLatitudes, "studio"), (Style, "style")], ids=lambda value: str(value)
)
def test_every_key_is_documented(record: type, name: str) -> None:
    from genart_docs.schema_pages import keys

    known = list(keys(record))
    assert len(known) > 10
    assert not missing(known, f"reference/{name}.md")


def test_every_command_and_option_is_documented() -> None:
    from genart_docs.command_pages import options, tree

    commands = ["genart " + " ".join(words) for words, _ in tree()]
    assert "genart brief from-image" in commands
    assert not missing([*commands, *options() - {"--version", "--help"}], "reference/commands.md")
    assert "`genart --version`" in page("reference/commands.md")


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("critics", "critics"),
        ("moves", "moves"),
        ("deliverables", "formats"),
        ("model_families", "families"),
    ],
)
def test_everything_registered_is_documented(group: str, name: str) -> None:
    from genart_docs.registered_pages import registered

    known = [entry for entry, point in registered(group).items() if point.value.startswith("genart_assets.")]
    assert known
    assert not missing(known, f"reference/{name}.md")


def test_what_a_critic_needs_is_said_of_every_critic() -> None:
    from genart_docs.registered_pages import registered

    own = (ROOT / "docs/reference/critics.md").read_text(encoding="utf-8")
    assert not [name for name in registered("critics") if f"`{name}`" not in own]


def test_every_asset_check_job_sensor_and_schedule_is_documented() -> None:
    from genart_docs.asset_pages import asset_names, check_names, job_names, watcher_names

    names = [*asset_names(), *check_names(), *job_names(), *watcher_names()]
    assert len(names) > 50
    assert not missing(names, "reference/assets.md")


def test_every_stored_table_is_documented() -> None:
    from genart_assets.records.schemas import BY_ASSET

    columns = [column for schema in BY_ASSET.values() for column in schema.names]
    assert not missing([*BY_ASSET, *columns], "reference/storage.md")


def test_the_environment_variables_of_the_code_are_those_of_the_page() -> None:
    code = [*(ROOT / "genart_assets").rglob("*.py"), *(ROOT / "genart_assets_tests").rglob("*.py"), ROOT / ".ci/run"]
    named = {name for file in code for name in VARIABLE.findall(file.read_text(encoding="utf-8"))}
    assert named == {*VARIABLE.findall(page("reference/environment.md"))}


def test_every_kind_of_error_has_an_entry() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "genart_assets").rglob("*.py"))
    kinds = {"GenartError"}
    while found := {name for name, base in ERROR.findall(code) if base in kinds} - kinds:
        kinds |= found
    assert len(kinds) > 10
    assert not missing(sorted(kinds), "help/troubleshooting.md")


def test_the_tree_of_the_architecture_is_that_of_the_package() -> None:
    tree = next(block.body for block in blocks("text") if block.page == "docs/explanation/architecture.md")
    named = {line.split()[0].rstrip("/") for line in tree.splitlines() if len(line.split()) > 1}
    package = ROOT / "genart_assets"
    folders = [folder for place in (package, package / "stages") for folder in place.iterdir() if folder.is_dir()]
    assert not {folder.name for folder in folders if folder.name != "__pycache__"} - named - {"stages"}
    there = {path.name for path in package.rglob("*")} | {"genart_assets_tests", "docs"}
    assert not named - there


def test_every_part_that_is_generated_is_on_a_page() -> None:
    from genart_docs.expanding import MARKER, PARTS

    named = [name for file in page_files() for name in MARKER.findall(file.read_text(encoding="utf-8"))]
    assert sorted(named) == sorted(PARTS)
