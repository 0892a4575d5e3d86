import subprocess
import sys

import numpy as np
import pytest

from genart_assets.errors import ModelError
from genart_assets.models import onnx
from genart_assets.models.onnx import load_onnx, missing_package


def test_a_missing_package_is_told_with_the_extra_that_brings_it(monkeypatch):
    assert missing_package("nudenet", "unsafe") == ""
    monkeypatch.setattr(onnx, "find_spec", lambda name: None)
    assert missing_package("nudenet", "unsafe").startswith(
        "nudenet and onnxruntime are not installed; pip install 'genart"
    )
    with pytest.raises(ModelError) as told:
        load_onnx("nudenet", "320n.onnx", "unsafe")
    assert told.value.remedy == "pip install 'genart-assets[unsafe]'"


def test_a_package_without_the_model_is_told():
    with pytest.raises(ModelError, match=r"nudenet [0-9.]+ has no 640m\.onnx"):
        load_onnx("nudenet", "640m.onnx", "unsafe")


def test_a_model_is_loaded_once_and_gives_the_same_bits_again():
    model = load_onnx("nudenet", "320n.onnx", "unsafe")
    assert load_onnx("nudenet", "320n.onnx", "unsafe") is model
    values = np.random.default_rng(0).random((3, 320, 320)).astype(np.float32)
    assert np.array_equal(model.run(values), model.run(values))


def test_the_packages_own_code_is_not_imported():
    """Both bring a cv2 of their own, whose libraries a bare machine lacks."""
    script = """
import sys
from genart_assets.models.text_reader import load_text_reader
from genart_assets.models.exposure_detector import load_exposure_detector
load_text_reader(), load_exposure_detector()
print(sorted({"cv2", "rapidocr", "nudenet"} & sys.modules.keys()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
