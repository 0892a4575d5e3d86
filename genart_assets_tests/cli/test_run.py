"""What `genart run` says to wrong input and to a disk that refuses: code, place and remedy, nothing half-done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from genart_assets_tests.runner.command import ONE_THREAD, answer, genart, tree, write_brief
from genart_assets_tests.storage.roots import on_small_disk

WRONG: dict[str, tuple[dict[str, Any] | str, tuple[str, ...]]] = {
    "malformed": ("brief: [unclosed\nprompt: x\n", ("wrong.yaml:",)),
    "unknown-key": ({"promt": "x"}, ("promt", "did you mean 'prompt'?")),
    "wrong-type": ({"repeats": "many"}, ("repeats", "'many'", "allowed: ")),
    "empty-product": ({"vary": {"subject": []}}, ("vary.subject", "empty")),
    "ten-million-slots": ({"repeats": 10_000_000}, ("slots; allowed: at most 1,000,000",)),
    "path-in-id": ({"brief": "../escape"}, ("brief", "'../escape'", "allowed: ")),
    "size": ({"size": [4096, 64]}, ("size", "4096 px is outside of what the model can do")),
    "no-revision": ({"model": "studio/some-model"}, ("model", "without a revision; write studio/some-model@REVISION")),
    "no-such-model": ({"model": "missing-folder"}, ("model", "missing-folder")),
    "pickle": ({"model": "pickled"}, ("model", "weights.bin", "convert the weights to safetensors")),
    "no-control-image": (
        {"control": {"kind": "silhouette", "image": "outlines/{subject}.png"}},
        ("control", "outlines/red apple.png"),
    ),
}


def _write_wrong(folder: Path, name: str) -> Path:
    content, _ = WRONG[name]
    if isinstance(content, str):
        path = folder / "wrong.yaml"
        path.write_text(content, encoding="utf-8")
        return path
    if content.get("model") == "pickled":
        (folder / "pickled").mkdir()
        (folder / "pickled" / "weights.bin").write_bytes(b"\x80\x04.")
    return write_brief(folder, "wrong", 2, **content).rename(folder / "wrong.yaml")


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_brief(tmp_path: Path, name: str) -> None:
    path = _write_wrong(tmp_path, name)
    told = genart(tmp_path / "home", "run", path, "--json")
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith(f"error: {path}")
    assert "\nremedy: " in told.stderr
    assert "Traceback" not in told.stderr
    for fragment in WRONG[name][1]:
        assert fragment in told.stderr
    assert tree(tmp_path / "home" / "storage") == {}


def test_a_missing_file(tmp_path: Path) -> None:
    told = genart(tmp_path / "home", "run", tmp_path / "nowhere.yaml")
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        f"error: {tmp_path}/nowhere.yaml: there is no such file",
        "remedy: give the path of a brief, a YAML file",
    ]


def test_several_wrong_briefs_are_all_named(tmp_path: Path) -> None:
    wrong = _write_wrong(tmp_path, "unknown-key")
    told = genart(tmp_path / "home", "run", wrong, tmp_path / "nowhere.yaml")
    assert told.returncode == 2
    assert "did you mean 'prompt'?" in told.stderr
    assert "nowhere.yaml: there is no such file" in told.stderr


def test_one_wrong_brief_does_not_stop_the_others(tmp_path: Path) -> None:
    wrong, good = _write_wrong(tmp_path, "unknown-key"), write_brief(tmp_path, "good", 2)
    told = genart(tmp_path / "home", "run", wrong, good, "--json")
    summary = answer(told, 2)
    assert summary["delivered"] == 2
    (problem,) = summary["problems"]
    assert problem.startswith(f"{wrong}:")
    assert "did you mean 'prompt'?" in problem
    assert told.stderr.index("refused, the others go on: ") < told.stderr.rindex("refused: ")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("GENART_THREADS", "many", "give a whole number from 1"),
        ("GENART_DEVICE", "abacus", "use cpu"),
        ("GENART_DTYPE", "float8", "use one of float32"),
        ("GENART_STORAGE", "ftp://studio", "set it to s3://bucket/prefix"),
    ],
)
def test_a_wrong_environment(tmp_path: Path, variable: str, value: str, said: str) -> None:
    told = genart(tmp_path / "home", "run", write_brief(tmp_path, "good", 2), **{variable: value})
    assert told.returncode == 2
    error, remedy = told.stderr.splitlines()[-2:]
    assert error.startswith(f"error: {variable} is {value!r}")
    assert remedy.startswith("remedy: ")
    assert said in remedy


@pytest.mark.parametrize("kind", ["order", "brief"])
def test_damage_in_the_catalogue_is_named(tmp_path: Path, kind: str) -> None:
    home, path = tmp_path / "home", write_brief(tmp_path, "good", 2)
    accepted_only = {"GENART_THREADS": "refused once the brief is accepted"}
    genart(home, "run", path, **accepted_only)
    before = tree(home / "storage")
    folder = "orders" if kind == "order" else "briefs/good"
    (damaged,) = (home / "storage" / folder).glob("*.json")
    damaged.write_text('{"brief": "go', encoding="utf-8")
    told = genart(home, "run", path)
    assert told.returncode == 1
    assert f"{damaged} is damaged" in told.stderr
    assert "delete the file and give the brief again" in told.stderr
    assert "Traceback" not in told.stderr
    damaged.unlink()
    assert genart(home, "run", path, **accepted_only).returncode == 2
    assert tree(home / "storage") == before


def _on_small_disk(folder: Path, script: str, options: str) -> subprocess.CompletedProcess[str]:
    command, environment = on_small_disk(["sh", "-c", script], folder, options=options)
    environment |= {"GENART_HOME": str(folder / "home"), "NO_COLOR": "1", "COLUMNS": "200", **ONE_THREAD}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=500, check=False)


def test_a_read_only_home(tmp_path: Path) -> None:
    command = f"{sys.executable} -m genart_assets run {write_brief(tmp_path, 'good', 2)}"
    told = _on_small_disk(tmp_path / "disk", command, "ro")
    assert told.returncode == 1
    assert "cannot be written" in told.stderr
    assert "remedy: make it writable, free space, or set GENART_HOME to a writable directory" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.slow
@pytest.mark.parametrize("kibibytes", [600, 1800])
def test_a_full_disk_loses_nothing(tmp_path: Path, kibibytes: int) -> None:
    """It fills up in the database or in the storage; once there is space, the same command goes on."""
    disk = tmp_path / "disk"
    command = f"{sys.executable} -m genart_assets run {write_brief(tmp_path, 'good', 4)} --batch-rows 2 --json"
    script = (
        f"{command} >&2; echo first $? >&2; "
        f'mount -o remount,size=200m "{disk}" && {command} && cp -r "{disk}/home/storage" "{tmp_path}/kept"'
    )
    told = _on_small_disk(disk, script, f"size={kibibytes}k")
    assert "Traceback" not in told.stderr
    assert "\nfirst 1\n" in told.stderr
    assert "full" in told.stderr
    summary = answer(told)
    assert (summary["delivered"], summary["problems"]) == (4, [])
    assert len(list((tmp_path / "kept" / "deliveries").rglob("*.png"))) == 4


def test_a_brief_beyond_the_studios_latitudes_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "studio.yaml").write_text("forbidden_words: [Lemonhead]\nsteps: [1, 4]\nmost_images: 2\n", encoding="utf-8")
    beyond = write_brief(tmp_path, "beyond", 3, prompt="icon of {subject}head", latitudes={"steps": [1, 5]})
    good = write_brief(tmp_path, "good", 2, latitudes={"steps": [1, 4]})
    told = genart(home, "run", beyond, good, "--json")
    summary = answer(told, 2)
    assert (summary["delivered"], summary["slots"]) == (2, 2)
    (problem,) = summary["problems"]
    for fragment in (
        "field 'prompt': reads 'icon of lemonhead'; studio.yaml forbids 'Lemonhead' in prompts; use other words",
        "field 'latitudes.steps': given [1, 5]; studio.yaml allows [1, 4], which a brief can only narrow",
        "field 'vary': 3 slots, each tried up to 1 times, are 3 images; studio.yaml allows 2 a brief",
    ):
        assert fragment in problem
    assert "beyond" not in "".join(tree(home / "storage"))
    assert [name for name in tree(home / "storage") if name.endswith(".studio.json")]


def test_without_sound_latitudes_of_the_studio_no_brief_is_accepted(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "studio.yaml").write_text("# ours\nmost_image: 2\n", encoding="utf-8")
    told = genart(home, "run", write_brief(tmp_path, "good", 2))
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        f"error: {home}/studio.yaml:2: field 'most_image': unknown key; did you mean 'most_images'?",
        f"remedy: correct this place in {home}/studio.yaml and try again; until then no brief is accepted",
    ]
    assert tree(home / "storage") == {}
