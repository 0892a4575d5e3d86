import subprocess

import pytest

from genart_assets.models.device import device_class
from genart_assets_tests.warm.python import warm_python

SHOW = (
    "from genart_assets.errors import InputError\n"
    "from genart_assets.models.device import device_class\n"
    "import torch\n"
    "try:\n"
    "    print(device_class().name, torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())\n"
    "except InputError as error:\n"
    "    print('refused:', error.message)"
)


def told(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = subprocess.run([warm_python(), "-c", SHOW], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_the_class_fixes_threads_and_deterministic_kernels(monkeypatch):
    found = told(monkeypatch, GENART_THREADS="1", GENART_DEVICE="cpu")
    assert found.endswith("/float32/1 threads 1 True")


def test_the_precision_is_part_of_the_class(monkeypatch):
    assert "/bfloat16/" in told(monkeypatch, GENART_DTYPE="bfloat16", GENART_DEVICE="cpu")


@pytest.mark.parametrize(
    ("variable", "value"), [("GENART_THREADS", "many"), ("GENART_DTYPE", "float8"), ("GENART_DEVICE", "tpu")]
)
def test_nonsense_is_refused_by_name(monkeypatch, variable, value):
    assert told(monkeypatch, **{variable: value}).startswith(f"refused: {variable} is {value!r}")


def test_it_is_one_class_a_process():
    assert device_class() is device_class()
