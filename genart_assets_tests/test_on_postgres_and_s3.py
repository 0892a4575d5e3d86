"""The whole flow on a real PostgreSQL and a real S3 server, by two environment variables."""

import hashlib

import pytest
from sqlalchemy.engine import make_url

from genart_assets.instance.home import Home
from genart_assets.storage.root import Storage
from genart_assets_tests.runner.command import answer, deliveries, genart, write_brief


def delivered_on_s3(storage: Storage) -> dict[str, str]:
    filesystem, root = storage.path("deliveries").fs, storage.path("deliveries").path
    return {
        path.removeprefix(f"{root}/"): hashlib.sha256(filesystem.cat_file(path)).hexdigest()
        for path in filesystem.find(root)
    }


@pytest.mark.slow
def test_the_same_bytes_are_delivered_as_on_the_local_disk(tmp_path, postgres_url, s3_root, monkeypatch):
    brief = write_brief(tmp_path, "cloud")
    cloud = {"GENART_POSTGRES_URL": postgres_url, "GENART_STORAGE": s3_root}

    there = answer(genart(tmp_path / "cloud-home", "run", brief, "--json", **cloud))
    here = answer(genart(tmp_path / "local-home", "run", brief, "--json"))
    assert there["storage"] == s3_root
    assert (there["slots"], there["delivered"]) == (here["slots"], here["delivered"]) == (4, 4)

    on_s3 = delivered_on_s3(Storage.open(s3_root))
    assert on_s3 == deliveries(tmp_path / "local-home")
    assert len(on_s3) == 8

    for name, value in cloud.items():
        monkeypatch.setenv(name, value)
    with Home.open(tmp_path / "cloud-home").instance() as instance:
        assert {run.job_name: run.status.value for run in instance.get_runs()} == {
            "render": "SUCCESS",
            "deliver": "SUCCESS",
        }
    assert not any((tmp_path / "cloud-home").rglob("*.db"))

    again = answer(genart(tmp_path / "cloud-home", "run", brief, "--json", **cloud))
    assert again["delivered"] == 4
    assert delivered_on_s3(Storage.open(s3_root)) == on_s3


def test_a_wrong_secret_is_named(tmp_path, s3_root):
    brief = write_brief(tmp_path, "cloud")
    told = genart(tmp_path / "home", "run", brief, GENART_STORAGE=s3_root, AWS_SECRET_ACCESS_KEY="wrong")
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert "remedy:" in told.stderr


def test_a_wrong_database_password_is_named(tmp_path, postgres_url):
    address = make_url(postgres_url).set(password="not-this-one").render_as_string(hide_password=False)
    told = genart(tmp_path / "home", "run", write_brief(tmp_path, "cloud"), GENART_POSTGRES_URL=address)
    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    assert "remedy:" in told.stderr
    assert "not-this-one" not in told.stderr
