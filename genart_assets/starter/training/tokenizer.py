"""The starter's CLIP tokenizer: byte-pair encoding (Sennrich et al., 2016) learnt from its captions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from genart_assets.starter.training.captions import FORMS, PARTS
from genart_assets.starter.training.icons import Sources
from genart_assets.starter.training.vocabulary import Vocabulary

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

TOKENS = 2304
LENGTH = 32
"""Tokens of a prompt, its two ends included; the rest of a longer one is cut, as CLIP does at 77."""


def train_tokenizer(words: Vocabulary, sources: Sources) -> CLIPTokenizer:
    """A tokenizer in which each word of the vocabulary is one token or a few.

    It learns from the captions and from all names and tags of emojibase-data, which hold the words around them.
    """
    from transformers import CLIPTokenizer

    # CLIPTokenizer's own table is empty; it only gives the pipeline of normaliser, splitter and byte-level pieces.
    learnt = CLIPTokenizer().train_new_from_iterator(_texts(words, sources), TOKENS)
    learnt.model_max_length = LENGTH
    return learnt


def _texts(words: Vocabulary, sources: Sources) -> Iterator[list[str]]:
    # Captions come often, so that their words are joined first.
    for form in (*FORMS, *PARTS):
        for style in (*words.styles, words.lora_style):
            for background in words.backgrounds:
                yield [form.format(style=style, subject=name, background=background) for name in words.subjects]
    for entry in sources.read("emojibase-data", "en/data.json"):
        yield [entry["label"], *entry.get("tags", [])]
