"""What a check raises."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """An extension breaks a rule of its kind; the message says which, where, and what to do."""
