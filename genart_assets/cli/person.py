"""Finds the name under which a person's decisions are stored."""

from __future__ import annotations

import getpass

from genart_assets.errors import InputError


def named(given: str | None, option: str) -> str:
    """The name that ``option`` gives, otherwise the account's.

    Raises:
        InputError: there is none, or it does not have 1 to 64 printable characters.
    """
    try:
        name = (getpass.getuser() if given is None else given).strip()
    except (KeyError, OSError):  # an account without a name, as containers have
        name = ""
    if not name or not name.isprintable() or len(name) > 64:
        raise InputError(
            f"{option.lstrip('-')} {name!r}", remedy=f"give a name of 1 to 64 printable characters with {option}"
        )
    return name
