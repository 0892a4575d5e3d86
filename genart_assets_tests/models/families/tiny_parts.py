"""What the tiny pipelines of all families have in common, and a plan for one of them."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoTokenizer, CLIPTextConfig

from genart_assets.models.families.protocol import States
from genart_assets.models.loading import load_model
from genart_assets.models.schedules import schedule_for
from genart_assets.records.plan import PlannedImage, Slot
from genart_assets.records.recipe import Recipe
from genart_assets.starter.shipped import SHIPPED

WIDTH = 32
PROMPTS = ("red apple", "lemon", "panda", "frog", "fox")


def starter_tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(str(SHIPPED["starter"] / "tokenizer"))


def text_config(tokenizer: Any) -> CLIPTextConfig:
    """Of a CLIP text encoder with states of `WIDTH` numbers."""
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        projection_dim=WIDTH,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def given_to_a_pipeline(positive: States, negative: States) -> dict[str, torch.Tensor]:
    """A family's states as the arguments of diffusers' own pipelines."""
    names = {"states": "prompt_embeds", "pooled": "pooled_prompt_embeds"}
    return {names[name]: tensor for name, tensor in positive.items()} | {
        f"negative_{names[name]}": tensor for name, tensor in negative.items()
    }


def tiny_plan(model_name: str) -> list[PlannedImage]:
    """A row of 32 px for each of `PROMPTS`, every other one with a negative prompt, in three steps."""
    schedule = schedule_for(model_name, "model", 3, (32, 32))
    return [
        PlannedImage(
            slot=Slot(brief="tiny", index=k, values={}, repeat=0),
            round=0,
            recipe=Recipe(
                prompt=prompt,
                negative_prompt="" if k % 2 else "blurry",
                seed=k,
                schedule=schedule,
                steps=3,
                guidance=4.0,
                width=32,
                height=32,
                model_snapshot=load_model(model_name).snapshot.snapshot_id,
            ),
        )
        for k, prompt in enumerate(PROMPTS)
    ]
