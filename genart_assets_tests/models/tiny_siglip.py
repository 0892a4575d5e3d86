"""A SigLIP model of transformers' own classes with a SentencePiece tokenizer, at a size that a test can afford."""

from __future__ import annotations

import io
from pathlib import Path

import sentencepiece
import torch
from transformers import SiglipConfig, SiglipImageProcessorPil, SiglipModel, SiglipTokenizer

WIDTH = 24
TEXTS = [f"a {style} icon of {subject}" for style in ("flat", "glossy") for subject in ("apple", "panda", "rocket")]


def save_tiny_siglip(folder: Path) -> Path:
    """Random weights, pictures of 32 px, texts of 32 tokens; saved as google's SigLIP models are."""
    torch.manual_seed(0)
    tower = {"hidden_size": WIDTH, "intermediate_size": 48, "num_attention_heads": 2, "num_hidden_layers": 2}
    config = SiglipConfig(
        text_config={**tower, "vocab_size": 60, "max_position_embeddings": 32, "projection_size": WIDTH},
        vision_config={**tower, "image_size": 32, "patch_size": 8},
    )
    SiglipModel(config).save_pretrained(folder, safe_serialization=True)
    pieces = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 10),
        model_writer=pieces,
        vocab_size=40,
        hard_vocab_limit=False,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "spiece.model").write_bytes(pieces.getvalue())
    SiglipTokenizer(str(folder / "spiece.model"), model_max_length=32).save_pretrained(folder)
    SiglipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder
