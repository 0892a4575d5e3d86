"""Pictures and recipes to deliver in tests."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFilter

from genart_assets.deliverables.embedded import Embedded
from genart_assets.records.recipe import Recipe, Schedule

FORMATS = ("png", "webp", "avif", "jpeg", "svg")

SCHEDULE = Schedule(
    scheduler="DDIMScheduler",
    config={"beta_end": 0.012, "beta_schedule": "scaled_linear", "lambda_min_clipped": "-inf", "trained_betas": None},
    timesteps=(951.0, 901.0, 1.0),
)


def icon(k: int = 0, size: tuple[int, int] = (64, 64)) -> Image.Image:
    """A soft fruit with a leaf on a coloured background; another one for each ``k``."""
    width, height = size
    image = Image.new("RGB", size, (30, (150 + 37 * k) % 256, 150))
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 6, height // 4, width * 5 // 6, height * 7 // 8), fill=((220 + 91 * k) % 256, 40, 50))
    draw.ellipse((width // 2, height // 8, width * 3 // 4, height // 3), fill=(60, 160, 40))
    draw.ellipse((width // 3, height // 3, width // 2, height // 2), fill=(250, 230, 230))
    return image.filter(ImageFilter.GaussianBlur(1.2))


def recipe(prompt: str = "glossy icon of kiwi & <fruit>", seed: int = 2**64 - 1, **changes: object) -> Recipe:
    fields: dict[str, object] = {
        "prompt": prompt,
        "negative_prompt": "blurry",
        "seed": seed,
        "schedule": SCHEDULE,
        "steps": 3,
        "guidance": 5.5,
        "width": 64,
        "height": 64,
        "model_snapshot": "ab" * 32,
    }
    return Recipe.model_validate({**fields, **changes})


def embedded(made: Recipe) -> Embedded:
    return Embedded(
        brief="spring-market",
        brief_hash="cd" * 32,
        batch="spring-market.0123456789.r0.0000",
        slot=7,
        round=1,
        model="starter",
        model_snapshot=made.model_snapshot,
        prompt=made.prompt,
        recipe_id=made.recipe_id,
        recipe=made.canonical(),
    )
