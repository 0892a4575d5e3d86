"""Run tags that the platform sets."""

DRIVER = "genart/driver"
FOREGROUND = "foreground"
"""Value of `genart/driver`: a `genart run` executes the batch and delivers it itself."""
