"""What `genart doctor` tells of the certificate and its key: whose it is, until when, and who can read it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from genart_assets.cli.doctor_lines import Line
from genart_assets.cli.doctor_signing import signing_lines
from genart_assets.instance.home import HOME_VARIABLE
from genart_assets.signing import own_certificate
from genart_assets.signing.own_certificate import CERTIFICATE, FOLDER, KEY, own_identity
from genart_assets.signing.studio import CERTIFICATE_VARIABLE, KEY_VARIABLE


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Without a certificate of the studio's."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    for name in (CERTIFICATE_VARIABLE, KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def valid_for(home: Path, monkeypatch: pytest.MonkeyPatch, valid: timedelta) -> None:
    """The home gets a certificate of which so much is left."""
    monkeypatch.setattr(own_certificate, "VALID", valid)
    own_identity(home)


def found() -> dict[str, Line]:
    return {line.name: line for line in signing_lines()}


def test_a_home_that_has_delivered_nothing_has_no_certificate_and_gets_none_here(home: Path) -> None:
    assert found() == {
        "signing": Line(name="signing", finding="the first delivery makes a test certificate, which nobody else trusts")
    }
    assert not home.exists()


def test_a_test_certificate_is_called_so(home: Path) -> None:
    own_identity(home)
    until = datetime.now(UTC) + own_certificate.VALID
    lines = found()
    assert {line.status for line in lines.values()} == {"ok"}
    assert lines["signing"].finding == (
        f"genart-assets test signer (untrusted test certificate), valid until {until:%Y-%m-%d}"
    )
    assert lines["signing key"].finding == f"{home / FOLDER / KEY}, for its owner only"


@pytest.mark.parametrize(
    ("valid", "status", "told"),
    [
        (timedelta(days=31, hours=1), "ok", "valid until"),
        (timedelta(days=29, hours=1), "warn", ", 29 days from now"),
        (timedelta(hours=-1), "fail", "expired on 20"),
    ],
)
def test_the_end_of_the_validity_is_told_a_month_before(
    valid: timedelta, status: str, told: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    valid_for(home, monkeypatch, valid)
    line = found()["signing"]
    assert line.status == status
    assert told in line.finding
    assert bool(line.remedy) == (status != "ok")


def test_the_studios_own_is_told_and_its_key_is_not(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_identity(home)
    monkeypatch.setenv(CERTIFICATE_VARIABLE, str(home / FOLDER / CERTIFICATE))
    key = home / FOLDER / KEY
    monkeypatch.setenv(KEY_VARIABLE, str(key))
    key.chmod(0o640)
    lines = found()
    assert "untrusted" not in lines["signing"].finding
    assert (lines["signing key"].status, lines["signing key"].remedy) == ("warn", f"chmod 600 {key}")
    assert lines["signing key"].finding == f"{key} is open to other users (mode 640)"
    secret = load_pem_private_key(key.read_bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    assert secret.splitlines()[1].decode() not in str(lines)


def test_half_of_one_and_a_damaged_one_fail_the_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_identity(home)
    monkeypatch.setenv(CERTIFICATE_VARIABLE, str(home / FOLDER / CERTIFICATE))
    assert (found()["signing"].status, found()["signing"].finding) == ("fail", f"{KEY_VARIABLE} is not set")
    monkeypatch.delenv(CERTIFICATE_VARIABLE)
    (home / FOLDER / KEY).write_bytes(b"cut")
    line = found()["signing"]
    assert line.status == "fail"
    assert f"{home / FOLDER / KEY} is damaged" in line.finding
    assert "a new test certificate made" in line.remedy
