"""Stores the results of training: one folder per asset, which the next asset reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genart_assets.errors import InputError
from genart_assets.models.device import device_class
from genart_assets.starter_training.icons import Icons, Sources
from genart_assets.starter_training.vocabulary import Pair, Vocabulary, vocabulary

if TYPE_CHECKING:
    from genart_assets.starter_training.generator import Generator
    from genart_assets.starter_training.latents import CachedLatents


@dataclass(frozen=True)
class Workshop:
    """The folder of a training, with a method to read each result."""

    folder: Path
    sources: Sources

    @property
    def device(self) -> str:
        """The device for training: that of rendering, with the same fixed kernels and threads."""
        return device_class().device

    @property
    def words(self) -> Vocabulary:
        return vocabulary()

    def path(self, *parts: str) -> Path:
        return self.folder.joinpath(*parts)

    def save_icons(self, icons: Icons) -> Path:
        file = self.path("starter_icons", "icons.npz")
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, allow_pickle=False, **{f"{pair.style}/{pair.subject}": icon for pair, icon in icons.items()})
        return file

    def icons(self) -> Icons:
        with np.load(self._made("starter_icons", "icons.npz"), allow_pickle=False) as held:
            return {Pair(subject, style): held[f"{style}/{subject}"] for style, _, subject in _names(held.files)}

    def tokenizer(self) -> Any:
        from transformers import CLIPTokenizer

        return CLIPTokenizer.from_pretrained(self._made("starter_tokenizer"), local_files_only=True)

    def autoencoder(self) -> Any:
        """The trained autoencoder, float32."""
        from diffusers import AutoencoderKL

        folder = self._made("starter_autoencoder", "vae")
        vae: Any = AutoencoderKL.from_pretrained(folder, local_files_only=True)
        return vae.to(self.device)

    def latents(self) -> CachedLatents:
        from genart_assets.starter_training.latents import CachedLatents

        file = self._made("starter_latents", "latents.safetensors")
        return CachedLatents.load(file, self.words.seen, tuple(self.words.backgrounds))

    def generator(self) -> Generator:
        """The trained tokenizer, text encoder and UNet, float32."""
        from diffusers import UNet2DConditionModel
        from transformers import CLIPTextModel

        from genart_assets.starter_training.generator import Generator, new_scheduler

        folder = self._made("starter_generator")
        text_encoder: Any = CLIPTextModel.from_pretrained(folder / "text_encoder", local_files_only=True)
        unet: Any = UNet2DConditionModel.from_pretrained(folder / "unet", local_files_only=True)
        made = Generator(self.tokenizer(), text_encoder, unet, new_scheduler())
        made.to(self.device)
        return made

    def critic(self) -> Any:
        from transformers import CLIPModel

        return CLIPModel.from_pretrained(self._made("starter_critic", "critic"), local_files_only=True)

    def control(self) -> Any:
        from diffusers import ControlNetModel

        return ControlNetModel.from_pretrained(self._made("starter_control", "silhouette"), local_files_only=True)

    def _made(self, *parts: str) -> Path:
        path = self.path(*parts)
        if not path.exists():
            raise InputError(f"{path} does not exist", remedy=f"materialise {parts[0]} first")
        return path


def _names(files: list[str]) -> list[tuple[str, str, str]]:
    return [name.partition("/") for name in files]
