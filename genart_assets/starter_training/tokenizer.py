"""Trains the starter's CLIP tokenizer: byte-pair encoding (Sennrich et al., 2016) learnt from its captions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from genart_assets.starter_training.captions import FORMS, PARTS
from genart_assets.starter_training.icons import Sources
from genart_assets.starter_training.vocabulary import Vocabulary

TOKENS = 2304
LENGTH = 32
"""Tokens of a prompt, including its two ends; a longer prompt is cut, as CLIP does at 77."""


def train_tokenizer(words: Vocabulary, sources: Sources) -> Any:
    """A ``CLIPTokenizer`` in which each word of the vocabulary is one token or a few.

    It learns from the captions and from all names and tags of emojibase-data, which add related words.
    """
    from tokenizers import trainers
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPTokenizer

    # CLIP's own table begins with each byte, alone and as the end of a word. The trainer would number the ends in the
    # random order of a hash table; as special tokens, they have fixed numbers.
    alphabet = sorted(ByteLevel.alphabet())
    ends = [f"{byte}</w>" for byte in alphabet]
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS,
        special_tokens=["<|startoftext|>", "<|endoftext|>", *ends],
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    blank: Any = CLIPTokenizer()
    learning = blank.backend_tokenizer
    learning.train_from_iterator(_texts(words, sources), trainer)
    learnt = json.loads(learning.to_str())["model"]
    merges: Any = [tuple(merge) for merge in learnt["merges"]]
    return CLIPTokenizer(vocab=learnt["vocab"], merges=merges, model_max_length=LENGTH)


def _texts(words: Vocabulary, sources: Sources) -> Iterator[list[str]]:
    # Captions are repeated often, so that their words are joined first.
    for form in (*FORMS, *PARTS):
        for style in (*words.styles, words.lora_style):
            for background in words.backgrounds:
                yield [form.format(style=style, subject=name, background=background) for name in words.subjects]
    for entry in sources.read("emojibase-data", "en/data.json"):
        yield [entry["label"], *entry.get("tags", [])]
