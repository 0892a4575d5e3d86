"""Errors that a user can act on: each says what is wrong, where, and what to do about it."""

from __future__ import annotations


class GenartError(Exception):
    """Something failed and is named; the command line exits with 1.

    ``remedy`` is the sentence that tells the user what to do next.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  remedy: {self.remedy}" if self.remedy else self.message


class InputError(GenartError):
    """What the user gave is wrong (a brief, an option, a model); the command line exits with 2."""

    exit_code = 2


class StorageError(GenartError):
    """The storage refused or lost something: full disk, read-only home, wrong secret, damaged file."""


class ModelError(GenartError):
    """A model's weights are missing, changed, unsafe or of an unknown family."""


class FeatureStoreError(GenartError):
    """The feature store is not installed, or it refused."""


class BatchBusyError(GenartError):
    """Another run works on the same batch at this moment."""


class TrainingError(GenartError):
    """A fine-tune went wrong: its loss is not finite, or its processes do not fit together."""
