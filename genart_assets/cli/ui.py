"""Implements `genart ui`: runs Dagit and the daemon on the home."""

from __future__ import annotations

from rich.console import Console


def ui_command(*, host: str, port: int) -> int:
    """Serve Dagit until Ctrl-C or SIGTERM. Returns 0.

    Raises:
        InputError: the port is taken. GenartError: one of the two servers ended by itself.
    """
    from genart_assets.instance.home import Home
    from genart_assets.instance.servers import serve

    home = Home.open()
    console = Console(highlight=False)
    console.print(f"home {home.path}, storage {home.storage_root}", soft_wrap=True, markup=False)

    def announce(address: str) -> None:
        console.print(
            f"Dagit answers on [bold]{address}[/bold]; press Ctrl-C to stop it and the daemon", soft_wrap=True
        )

    at_work = serve(home, host, port, announce)
    console.print("stopped" + (f"; {at_work} run(s) continue in the background until they end" if at_work else ""))
    return 0
