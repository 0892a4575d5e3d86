"""Defines the kinds of faults that critics see and retry moves answer."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with a picture that misses a critic's bound.

    A critic names the faults that it sees, a retry move those that it answers: neither knows the other. Moves that
    answer everything (new seed, next prompt, stronger negative prompt) answer a fault that no other move answers.
    """

    WRONG_SUBJECT = "wrong subject"
    """It shows something else than its prompt says."""
    WRONG_STYLE = "wrong style"
    """It is drawn in another style than the brief's."""
    WRONG_COLOUR = "wrong colour"
    """An area has another colour than the brief gives it."""
    WRONG_EXPOSURE = "wrong exposure"
    """It is too dark or too bright."""
    LOW_CONTRAST = "low contrast"
    """It is flat: dark and bright lie too near to each other."""
    OVER_CONTRAST = "over-contrast"
    """Colours ran out of their range, and shading is lost."""
    BLUR = "blur"
    """It has too little fine detail."""
    NOISE = "noise"
    """It has grain that nobody drew."""
    BANDING = "banding"
    """A gradient broke into steps."""
    UNPLEASING = "unpleasing"
    """People would not like it."""
    DUPLICATE = "duplicate"
    """It repeats another picture of its batch."""
    SEEN_BEFORE = "seen before"
    """It repeats a picture that was selected before."""
    OFF_BRAND = "off brand"
    """Its subject is not in the brand's colours."""
    TEXT = "text"
    """It carries letters, a caption or a watermark."""
    UNSAFE = "unsafe"
    """It shows what must not be published."""
    LOW_RESOLUTION = "low resolution"
    """It has too few pixels."""
