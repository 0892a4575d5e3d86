"""``python -m genart_assets``: the command line without its script."""

from genart_assets.cli import main

main()
