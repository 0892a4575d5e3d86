"""The workshop of the starter model's training as a Dagster resource."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from genart_assets.errors import InputError
from genart_assets.instance.home import home_path
from genart_assets.starter_training.icons import Sources, install_command
from genart_assets.starter_training.workshop import Workshop

ICONS_VARIABLE = "GENART_ICONS"


class StarterTrainingResource(dg.ConfigurableResource[Any]):
    """Where the icons lie, and where checkpoints, logs and weights go."""

    icons: str = Field(default="", description="Folder whose node_modules hold the icon sets. Empty: GENART_ICONS.")
    folder: str = Field(default="", description="Where work is stored. Empty: starter_training/ in GENART_HOME.")

    @property
    def workshop(self) -> Workshop:
        """The workshop that the environment or the configuration names.

        Raises:
            InputError: nothing says where the icons are.
        """
        icons = self.icons or os.environ.get(ICONS_VARIABLE, "")
        if not icons:
            raise InputError(
                "nothing says where the icon sets are",
                remedy=f"{install_command('DIR')} and set {ICONS_VARIABLE}=DIR",
            )
        home = home_path()
        folder = Path(self.folder) if self.folder else home / "starter_training"
        return Workshop(folder, Sources(Path(icons)))
