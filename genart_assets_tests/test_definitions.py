"""The code location: what it declares, and that it loads fast and silently."""

import json
import subprocess
import sys

import yaml

from genart_assets_tests.asset_graph import FILE, asset_graph

HEAVY = (
    "torch",
    "diffusers",
    "transformers",
    "accelerate",
    "great_expectations",
    "feast",
    "hopsworks",
    "ray",
    "kubernetes",
    "skimage",
    "scipy",
    "matplotlib",
    "vtracer",
    "sklearn",
    "pandas",
    "sqlalchemy",
    "jinja2",
    "upath",
    "fsspec",
    "s3fs",
    "boto3",
    "duckdb",
    "c2pa",
    "cryptography",
    "fastapi",
    "rich",
)
TIMED = """
import json, sys, time
began = time.process_time()
import dagster
dagster_seconds = time.process_time() - began
known = set(sys.modules)
import genart_assets.definitions
seconds = time.process_time() - began - dagster_seconds
print(json.dumps({"dagster": dagster_seconds, "ours": seconds, "modules": sorted(set(sys.modules) - known)}))
"""
TIMES_DAGSTER = 1.6
"""Of the processor's time, where `import dagster` takes 0.55 s: no more than one second on top of it."""


def test_the_graph_is_the_one_that_was_agreed_on() -> None:
    agreed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert asset_graph() == agreed, "if the change is meant: python -m genart_assets_tests.asset_graph"


def test_definitions_load_no_heavy_library_and_fast() -> None:
    """The fastest of three is the program's own time; the others have met a busy machine, or had no bytecode yet."""
    runs = [json.loads(_python("-c", TIMED)) for _ in range(3)]
    loaded = {module.partition(".")[0] for module in runs[0]["modules"]}
    assert not loaded & {*HEAVY}
    times = min(run["ours"] / run["dagster"] for run in runs)
    assert times < TIMES_DAGSTER, f"our own part takes {times:.2f} times as long as import dagster"


def test_our_definitions_load_without_a_warning() -> None:
    """Dagster itself may warn while it is imported; from then on every warning is an error."""
    _python("-c", "import dagster, warnings; warnings.simplefilter('error'); import genart_assets.definitions")


def _python(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout
