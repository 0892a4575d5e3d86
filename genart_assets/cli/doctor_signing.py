"""Makes the lines of `genart doctor` about the certificate for signing deliveries, and about its key's file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from genart_assets.cli.doctor_lines import Line
from genart_assets.errors import GenartError

if TYPE_CHECKING:
    from genart_assets.signing.identity import SigningIdentity

SOON = timedelta(days=30)


def signing_lines() -> Iterator[Line]:
    """The lines about the studio's certificate or the home's test certificate; makes none, and shows no key."""
    from genart_assets.instance.home import home_path
    from genart_assets.signing.own_certificate import FOLDER, KEY, own_chain, own_identity
    from genart_assets.signing.studio import KEY_VARIABLE, studios_identity

    home = home_path()
    try:
        identity, key = studios_identity(), Path(os.environ.get(KEY_VARIABLE, ""))
        if identity is None and own_chain(home) is None:
            yield Line(name="signing", finding="the first delivery makes a test certificate, which nobody else trusts")
            return
        if identity is None:
            identity, key = own_identity(home), home / FOLDER / KEY
    except GenartError as error:
        yield Line(name="signing", status="fail", finding=error.message, remedy=error.remedy)
        return
    yield _certificate(identity, datetime.now(UTC))
    yield _key_file(key)


def _certificate(identity: SigningIdentity, now: datetime) -> Line:
    try:
        identity.require_valid(now)
    except GenartError as error:
        return Line(name="signing", status="fail", finding=error.message, remedy=error.remedy)
    finding = f"{identity.description}, valid until {identity.valid_until:%Y-%m-%d}"
    if now + SOON < identity.valid_until:
        return Line(name="signing", finding=finding)
    days = (identity.valid_until - now).days
    return Line(
        name="signing",
        status="warn",
        finding=f"{finding}, {days} days from now",
        remedy="renew the certificate, since after its expiry it can neither sign files nor prove signed ones",
    )


def _key_file(path: Path) -> Line:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        finding = f"{path} is open to other users (mode {mode:03o})"
        return Line(name="signing key", status="warn", finding=finding, remedy=f"chmod 600 {path}")
    return Line(name="signing key", finding=f"{path}, for its owner only")
