from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from genart_assets.deliverables.protocol import Encoded
from genart_assets.deliverables.registry import find_format, known_formats
from genart_assets.errors import GenartError, InputError
from genart_assets_tests.deliverables.samples import FORMATS


def test_the_formats_of_this_package_are_known() -> None:
    assert set(FORMATS) <= set(known_formats())
    assert [name for name in FORMATS if find_format(name).scalable] == ["svg"]


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="'jxl' is no deliverable format") as caught:
        find_format("jxl")
    assert all(name in caught.value.remedy for name in FORMATS)


@pytest.fixture
def studio_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path where a test installs a package of the studio's own."""
    monkeypatch.syspath_prepend(str(tmp_path))
    find_format.cache_clear()
    yield tmp_path
    find_format.cache_clear()
    sys.modules.pop("studio_formats", None)


def install(folder: Path, entry_points: str, code: str) -> None:
    (folder / "studio_formats.py").write_text(code)
    info = folder / "studio_formats-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-formats\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[genart_assets.deliverables]\n{entry_points}\n")
    importlib.invalidate_caches()


def test_another_package_adds_a_format(studio_package: Path) -> None:
    code = "def bmp(picture, xmp, text): return Encoded(b'BM', 'bmp')\n"
    install(studio_package, "bmp = studio_formats:bmp", f"from {Encoded.__module__} import Encoded\n{code}")
    assert "bmp" in known_formats()
    assert find_format("bmp").encode(None, "", {}).data == b"BM"  # type: ignore[arg-type]


def test_a_format_that_does_not_load_is_named(studio_package: Path) -> None:
    install(studio_package, "broken = studio_formats:missing", "")
    with pytest.raises(GenartError, match=r"'broken' \(studio_formats:missing\) does not load"):
        find_format("broken")


def test_two_packages_cannot_register_one_name(studio_package: Path) -> None:
    install(studio_package, "png = studio_formats:other", "other = None\n")
    with pytest.raises(GenartError, match="badly registered"):
        find_format("png")


def test_knowing_the_names_loads_no_format() -> None:
    check = (
        "import sys; from genart_assets.deliverables.registry import known_formats; known_formats();"
        "assert not {'vtracer', 'genart_assets.deliverables.svg'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", check], check=True, timeout=60)
