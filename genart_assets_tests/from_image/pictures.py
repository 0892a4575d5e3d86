"""Pictures with the metadata that each tool writes, made here from the tools' public formats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.PngImagePlugin import PngInfo

WEB_UI = """\
a lighthouse at dusk, (glowing:1.2) lamp <lora:inkline:0.8>
Negative prompt: blurry, text
Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 3141592653, Size: 96x64, \
Model hash: 31e35c80fc, Model: "harbour, mix: 2", Clip skip: 2, Lora hashes: "inkline: 0f1e2d3c4b", Version: v1.10.1"""

INVOKEAI = {
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a lighthouse at dusk",
    "negative_prompt": "blurry",
    "width": 1024,
    "height": 768,
    "seed": 42,
    "cfg_scale": 5.5,
    "cfg_rescale_multiplier": 0.7,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "model": {"key": "k1", "hash": "blake3:00ff", "name": "Harbour XL", "base": "sdxl", "type": "main"},
    "loras": [{"model": {"key": "k2", "hash": "blake3:11", "name": "inkline", "type": "lora"}, "weight": 0.6}],
    "controlnets": [],
    "app_version": "5.4.2",
}

FOOOCUS = {
    "adaptive_cfg": 7,
    "base_model": "harbourXL_v9",
    "base_model_hash": "aeb7e9e689",
    "guidance_scale": 4.0,
    "lora_combined_1": "offset : 0.1",
    "loras": [["offset", 0.1, "4852686128"]],
    "negative_prompt": "",
    "performance": "Speed",
    "prompt": "a lighthouse at dusk",
    "resolution": "(1152, 896)",
    "sampler": "dpmpp_2m_sde_gpu",
    "scheduler": "karras",
    "seed": "5124052117861",
    "sharpness": 2.0,
    "steps": 30,
    "styles": "['Fooocus V2', 'Fooocus Sharp']",
    "version": "Fooocus v2.5.5",
}


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


def comfyui_default() -> dict[str, Any]:
    """The workflow that ComfyUI opens with."""
    return {
        "3": node(
            "KSampler",
            seed=156680208700286,
            steps=20,
            cfg=8,
            sampler_name="euler",
            scheduler="normal",
            denoise=1,
            model=["4", 0],
            positive=["6", 0],
            negative=["7", 0],
            latent_image=["5", 0],
        ),
        "4": node("CheckpointLoaderSimple", ckpt_name="harbour-v1.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "6": node("CLIPTextEncode", text="a lighthouse at dusk, ", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="text, watermark", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
    }


def comfyui_sdxl() -> dict[str, Any]:
    """Base and refiner, two LoRAs in a row, texts and size in nodes of their own, a control with both roles."""
    advanced = {"add_noise": "enable", "steps": 25, "cfg": 7.5, "sampler_name": "dpmpp_2m", "scheduler": "karras"}
    return {
        "1": node("CheckpointLoaderSimple", ckpt_name="xl-base.safetensors"),
        "2": node("LoraLoader", lora_name="ink.safetensors", strength_model=0.8, model=["1", 0], clip=["1", 1]),
        "3": node("LoraLoader", lora_name="soft.safetensors", strength_model=0.25, model=["2", 0], clip=["2", 1]),
        "4": node("CLIPTextEncodeSDXL", width=1024, height=1024, text_g=["30", 0], text_l="fog", clip=["3", 1]),
        "5": node("CLIPTextEncode", text="blurry", clip=["3", 1]),
        "6": node("ControlNetApplyAdvanced", positive=["4", 0], negative=["5", 0], control_net=["7", 0], strength=0.5),
        "7": node("ControlNetLoader", control_net_name="canny.safetensors"),
        "8": node("EmptyLatentImage", width=["31", 0], height=832, batch_size=1),
        "20": node(
            "KSamplerAdvanced",
            **{**advanced, "add_noise": "disable", "steps": 30},
            noise_seed=0,
            model=["21", 0],
            positive=["22", 0],
            negative=["22", 0],
            latent_image=["10", 0],
        ),
        "21": node("CheckpointLoaderSimple", ckpt_name="xl-refiner.safetensors"),
        "22": node("CLIPTextEncode", text="refined", clip=["21", 1]),
        "10": node(
            "KSamplerAdvanced",
            **advanced,
            noise_seed=["32", 0],
            model=["3", 0],
            positive=["6", 0],
            negative=["6", 1],
            latent_image=["8", 0],
        ),
        "30": node("PrimitiveStringMultiline", value="a lighthouse"),
        "31": node("PrimitiveInt", value=1216),
        "32": node("PrimitiveInt", value=77),
        "40": node("VAEDecode", samples=["20", 0], vae=["21", 2]),
    }


def comfyui_flux() -> dict[str, Any]:
    """A sampler whose noise, guider, sampler and sigmas are nodes of their own; no negative prompt."""
    return {
        "5": node("EmptySD3LatentImage", width=1024, height=1024, batch_size=1),
        "6": node("CLIPTextEncode", text="a lighthouse", clip=["11", 0]),
        "11": node("DualCLIPLoader", clip_name1="t5xxl.safetensors", clip_name2="clip_l.safetensors", type="flux"),
        "12": node("UNETLoader", unet_name="flux1-dev.safetensors", weight_dtype="default"),
        "13": node(
            "SamplerCustomAdvanced",
            noise=["25", 0],
            guider=["22", 0],
            sampler=["16", 0],
            sigmas=["17", 0],
            latent_image=["5", 0],
        ),
        "16": node("KSamplerSelect", sampler_name="euler"),
        "17": node("BasicScheduler", scheduler="simple", steps=24, denoise=1, model=["12", 0]),
        "22": node("BasicGuider", model=["12", 0], conditioning=["26", 0]),
        "25": node("RandomNoise", noise_seed=9),
        "26": node("FluxGuidance", guidance=3.5, conditioning=["6", 0]),
    }


def png(path: Path, size: tuple[int, int] = (96, 64), **texts: str | dict[str, Any]) -> Path:
    """A PNG with text chunks; mappings are written as JSON."""
    info = PngInfo()
    for name, value in texts.items():
        info.add_text(name, value if isinstance(value, str) else json.dumps(value))
    Image.new("RGB", size, "teal").save(path, pnginfo=info)
    return path


def with_comment(path: Path, text: str, code: str = "utf-16-be") -> Path:
    """A JPEG, WebP or AVIF, by its suffix, with an EXIF user comment as the web UIs write it."""
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif)[Base.UserComment] = b"UNICODE\0" + text.encode(code)
    Image.new("RGB", (96, 64), "teal").save(path, exif=exif.tobytes())
    return path


def comfyui_webp(path: Path, prompt: dict[str, Any]) -> Path:
    exif = Image.Exif()
    exif[Base.Model] = f"prompt:{json.dumps(prompt)}"
    exif[Base.Make] = f"workflow:{json.dumps({'links': []})}"
    Image.new("RGB", (96, 64), "teal").save(path, exif=exif)
    return path


def fooocus_jpeg(path: Path) -> Path:
    exif = Image.Exif()
    exif[Base.UserComment] = json.dumps(FOOOCUS)
    exif[Base.Software] = "Fooocus v2.5.5"
    exif[Base.MakerNote] = "fooocus"
    Image.new("RGB", (96, 64), "teal").save(path, exif=exif)
    return path
