"""A Stable Diffusion 3 pipeline of diffusers' and transformers' own classes, at a size that a test can afford."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    FlowMatchEulerDiscreteScheduler,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
)
from transformers import CLIPTextModelWithProjection, T5Config, T5EncoderModel

from genart_assets_tests.models.families.tiny_parts import WIDTH, starter_tokenizer, text_config


def save_tiny_sd3(folder: Path, *, with_t5: bool = True) -> Path:
    """Random weights, the starter's tokenizer for all three text encoders, pictures of 32 px; as safetensors in
    diffusers' layout.
    """
    torch.manual_seed(0)
    tokenizer = starter_tokenizer()
    text = text_config(tokenizer)
    t5 = T5Config(vocab_size=len(tokenizer), d_model=2 * WIDTH, d_kv=8, d_ff=37, num_layers=2, num_heads=4)
    transformer = SD3Transformer2DModel(
        sample_size=24,
        patch_size=2,
        in_channels=16,
        out_channels=16,
        num_layers=2,
        attention_head_dim=8,
        num_attention_heads=4,
        caption_projection_dim=WIDTH,
        joint_attention_dim=2 * WIDTH,
        pooled_projection_dim=2 * WIDTH,
        pos_embed_max_size=16,
        qk_norm="rms_norm",
        dual_attention_layers=(0,),
    )
    for block in (transformer.norm_out, *transformer.transformer_blocks):
        for linear in block.modules():
            if isinstance(linear, torch.nn.Linear):
                torch.nn.init.normal_(linear.weight, std=0.3)
    torch.nn.init.normal_(transformer.proj_out.weight, std=0.3)
    vae = AutoencoderKL(
        block_out_channels=[32, 64],
        down_block_types=["DownEncoderBlock2D", "DownEncoderBlock2D"],
        up_block_types=["UpDecoderBlock2D", "UpDecoderBlock2D"],
        latent_channels=16,
        norm_num_groups=8,
        sample_size=32,
        use_quant_conv=False,
        use_post_quant_conv=False,
        shift_factor=0.0609,
        scaling_factor=1.5035,
    )
    pipeline = StableDiffusion3Pipeline(
        vae=vae,
        text_encoder=CLIPTextModelWithProjection(text),
        text_encoder_2=CLIPTextModelWithProjection(text),
        text_encoder_3=T5EncoderModel(t5) if with_t5 else None,
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        tokenizer_3=tokenizer if with_t5 else None,
        transformer=transformer,
        scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
    )
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
