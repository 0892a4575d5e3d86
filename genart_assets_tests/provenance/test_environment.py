import subprocess

from genart_assets.models.device import device_class
from genart_assets.provenance.environment import Environment, capture_environment, store_environment
from genart_assets.storage.root import Storage
from genart_assets_tests.warm.python import warm_python


def test_the_environment_names_what_bits_depend_on():
    found = capture_environment(device_class())
    assert found.device_class == device_class().name
    assert found.kernel_flags["deterministic_algorithms"] == "True"
    assert found.kernel_flags["threads"] == str(device_class().threads)
    assert {"torch", "diffusers", "transformers", "numpy"} <= found.packages.keys()
    assert found.cpu


def test_it_is_stored_once_under_its_hash(tmp_path):
    storage = Storage.open(str(tmp_path))
    first = store_environment(storage, device_class())
    assert store_environment(storage, device_class()) == first
    assert storage.names("environments") == [f"{first}.json"]
    assert Environment.model_validate_json(storage.read(f"environments/{first}.json")).environment_id == first


def test_another_process_on_this_machine_has_the_same_environment():
    script = (
        "from genart_assets.models.device import device_class\n"
        "from genart_assets.provenance.environment import capture_environment\n"
        "print(capture_environment(device_class()).environment_id)"
    )
    told = subprocess.run([warm_python(), "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.split()[-1] == capture_environment(device_class()).environment_id
