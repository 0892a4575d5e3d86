"""Defines the errors that a user can act on: each says what is wrong, where, and what to do about it."""

from __future__ import annotations


class GenartError(Exception):
    """Says what failed; the command line exits with 1.

    ``remedy`` says what the user can do next: one imperative clause in lower case, without a full stop.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  remedy: {self.remedy}" if self.remedy else self.message


class InputError(GenartError):
    """What the user gave is wrong: a brief, an option, a model. The command line exits with 2."""

    exit_code = 2


class StorageError(GenartError):
    """The storage refused or lost something: a full disk, a read-only home, a wrong secret, a damaged file."""


class ModelError(GenartError):
    """The weights of a model are missing, changed, unsafe or of an unknown family."""


class FeatureStoreError(GenartError):
    """The feature store is not installed, or it refused a request."""


class BatchBusyError(GenartError):
    """Another run is working on the same batch."""


class TrainingError(GenartError):
    """A fine-tune failed: its loss is not finite, or its processes do not fit together."""
