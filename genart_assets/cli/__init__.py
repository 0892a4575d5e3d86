"""Implements the command line, `genart`: its options in one file, and one file for each command."""

from genart_assets.cli.commands import app, main

__all__ = ["app", "main"]
