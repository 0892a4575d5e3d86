from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from genart_assets.errors import GenartError, InputError
from genart_assets.plugins import ExtensionPoint
from genart_assets_tests.studio_package import StudioPackages, studio

__all__ = ["studio"]

GROUP = "genart_assets_tests.hats"
HAT = "class Hat:\n    name = 'bowler'\n"


def hats(**changes: Any) -> ExtensionPoint[Any]:
    return ExtensionPoint[Any](GROUP, "hat", **changes)


def test_what_a_package_registers_is_found_by_its_name(studio: StudioPackages) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", HAT)
    assert hats().names() == ("bowler",)
    assert hats().find("bowler").name == "bowler"


def test_it_is_loaded_once(studio: StudioPackages) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", HAT)
    point = hats()
    assert point.find("bowler") is point.find("bowler")


def test_an_unknown_name_is_the_users_error_with_the_known_ones(studio: StudioPackages) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", HAT)
    with pytest.raises(InputError, match="no hat is called 'bowlr'; known: bowler") as caught:
        hats().find("bowlr")
    assert caught.value.remedy == f"correct the name, or install the package that registers it under [{GROUP}]"


def test_two_packages_cannot_claim_a_name(studio: StudioPackages) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", HAT)
    studio.install(GROUP, "bowler = studio_two:Hat", HAT, module="studio_two")
    assert hats().names() == ("bowler",)
    with pytest.raises(GenartError, match=r"two packages register a hat 'bowler': studio_\w+:Hat and studio_\w+:Hat"):
        hats().find("bowler")


def test_a_package_that_is_found_twice_is_one(studio: StudioPackages) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", HAT)
    studio.install(GROUP, "bowler = studio_package:Hat", "", module="studio_again")
    assert hats().find("bowler").name == "bowler"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "AttributeError: module 'studio_package' has no attribute 'Hat'"),
        ("import hats_that_are_not_installed", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("class Hat", "SyntaxError"),
    ],
)
def test_what_cannot_be_loaded_is_named(studio: StudioPackages, code: str, says: str) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", code)
    with pytest.raises(GenartError, match=rf"hat 'bowler' \(studio_package:Hat\) cannot be loaded: {says}") as caught:
        hats().find("bowler")
    assert not isinstance(caught.value, InputError)
    assert "uninstall the package" in caught.value.remedy


@pytest.mark.parametrize("code", [HAT.replace("bowler", "top"), "class Hat: pass"])
def test_it_calls_itself_as_it_is_registered(studio: StudioPackages, code: str) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", code)
    with pytest.raises(GenartError, match=r"calls itself (None|'top')"):
        hats().find("bowler")
    assert hats(named=False).find("bowler")


def test_the_extension_point_may_refuse_what_it_cannot_use(studio: StudioPackages) -> None:
    studio.install(GROUP, "bowler = studio_package:Hat", HAT)
    with pytest.raises(GenartError, match=r"hat 'bowler' \(studio_package:Hat\): bowler has no brim"):
        hats(problem=lambda name, found: f"{name} has no brim").find("bowler")


def test_knowing_the_names_loads_nothing() -> None:
    check = (
        "import sys\n"
        "from genart_assets.stages.acceptance.what_is_installed import installed\n"
        "known = installed()\n"
        "assert {'sharpness'} < known.critics and {'svg'} < known.formats and {'new_seed'} < known.moves\n"
        "names = {'critics.sharpness', 'deliverables.svg', 'moves.scales'}\n"
        "assert not {'vtracer', 'torch', *(f'genart_assets.{name}' for name in names)} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)
