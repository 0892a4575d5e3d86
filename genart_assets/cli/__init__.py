"""Holds the command line, `genart`: what each command takes, and a file for what each does."""

from genart_assets.cli.commands import app, main

__all__ = ["app", "main"]
