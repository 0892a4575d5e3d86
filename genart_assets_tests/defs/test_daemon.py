"""With Dagit and the daemon alone, a brief copied into the inbox is delivered, retried, and reviewed to the end."""

import json
import urllib.request
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from genart_assets.defs.resources.tags import DRIVER
from genart_assets.instance.home import Home
from genart_assets.records.decision import Decision
from genart_assets.stages.planning.catalogue import order_keys
from genart_assets.stages.planning.order_book import OrderBook, batch_of
from genart_assets.stages.reviewing.decisions import append
from genart_assets.storage.root import Storage
from genart_assets_tests.defs.studio import BRIEF, Studio
from genart_assets_tests.instance.test_servers import serving
from genart_assets_tests.servers.waiting import until

pytestmark = pytest.mark.slow
MINUTES = 60.0
"""Seconds."""


STALE = """query($key: String!) { assetNodeOrError(assetKey: {path: ["generation_plan"]}) {
  ... on AssetNode { staleStatus(partition: $key) } } }"""


def stale_status(address: str, key: str) -> str:
    """What Dagit's page of `generation_plan` shows for a batch."""
    body = json.dumps({"query": STALE, "variables": {"key": key}}).encode()
    request = urllib.request.Request(f"{address}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["data"]["assetNodeOrError"]["staleStatus"]


def ended(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    return [run for run in instance.get_runs() if run.is_finished]


def test_a_brief_in_the_inbox_is_delivered(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    inbox = Path(home.storage_root) / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    with home.instance() as instance, serving(tmp_path, "genart_assets.definitions") as (_, address):
        (inbox / "broken.yaml").write_text(BRIEF.replace("prompt", "promt"))
        (inbox / "brief.yaml").write_text(BRIEF)
        until(lambda: len(ended(instance)) >= 2, "a render run and a delivery run", 8 * MINUTES)
        until(lambda: sorted(path.name for path in inbox.iterdir()) == ["rejected"], "an empty inbox", 2 * MINUTES)
        runs = {run.job_name: run for run in instance.get_runs()}
        assert len(instance.get_runs()) == 2, "each batch is rendered once and delivered once"
        key = runs["render"].tags["dagster/partition"]

        assert stale_status(address, key) == "FRESH"
        (inbox / "corrected.yaml").write_text(BRIEF.replace("lemon", "lime"))
        until(lambda: stale_status(address, key) == "STALE", "Dagit to show the older batch as stale", 2 * MINUTES)
        until(lambda: len(ended(instance)) == 4, "the corrected brief to be rendered and delivered", 8 * MINUTES)

    assert {name: run.status for name, run in runs.items()} == {
        "render": dg.DagsterRunStatus.SUCCESS,
        "deliver": dg.DagsterRunStatus.SUCCESS,
    }
    assert DRIVER not in runs["render"].tags
    assert runs["deliver"].tags["dagster/partition"] == key

    studio = Studio(Storage.open(home.storage_root), instance)
    delivered = studio.table("deliveries", batch_of(studio.storage, key)).read()
    assert delivered.recipe_id.nunique() == 4
    assert all(studio.storage.exists(path) for path in delivered.path)
    assert "did you mean 'prompt'?" in (inbox / "rejected" / "broken.yaml.reason.txt").read_text()


HOPELESS = (
    BRIEF.replace("brief: market", "brief: hopeless")
    + """\
latitudes: {guidance: [3, 9]}
style_guide: {expect: {prompt_alignment: {min: 2}}}
retry: {rounds: 1, moves: [more_guidance]}
"""
)
"""A cosine above 1 does not exist."""


def test_what_fails_is_retried_and_what_a_person_accepts_is_delivered(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    inbox = Path(home.storage_root) / "inbox"
    inbox.mkdir(parents=True, exist_ok=True)
    with home.instance() as instance, serving(tmp_path, "genart_assets.definitions"):

        def succeeded() -> Counter[str]:
            runs = instance.get_runs()
            assert not [run for run in runs if run.status == dg.DagsterRunStatus.FAILURE]
            return Counter(run.job_name for run in runs if run.status == dg.DagsterRunStatus.SUCCESS)

        (inbox / "brief.yaml").write_text(HOPELESS)
        until(lambda: succeeded()["take_turn"] == 2, "both rounds to be looked at", 8 * MINUTES)
        assert succeeded()["render"] == 2

        storage = Storage.open(home.storage_root)
        (key,) = order_keys(storage)
        book = OrderBook.open(storage, key)
        first, second = (book.rows(number) for number in range(2))
        assert list(second["parent"]) == list(first["recipe_id"])
        assert set(second["move"]) == {"more_guidance"}

        chosen = str(second["recipe_id"].iloc[0])
        append(
            storage,
            Decision(
                id=f"{1:032x}",
                order=key,
                recipe_id=chosen,
                action="accept",
                reviewer="ada",
                time=datetime.now(UTC),
            ),
        )
        until(lambda: succeeded()["settle"] == 1, "the decision to be taken in", 8 * MINUTES)

    (manifest,) = [json.loads(file.read_text()) for file in storage.path("deliveries").glob("**/manifest.json")]
    assert (manifest["recipe_id"], manifest["accepted_by"]) == (chosen, "ada")
