"""The typed records that flow through the platform. Every one is frozen; units stand in the field descriptions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    JsonValue,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

BRIEF_ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}$"
ORDER_KEY_PATTERN = r"^[a-z0-9][a-z0-9-]{0,63}\.[0-9a-f]{10}$"
HEX_COLOUR_PATTERN = r"^#[0-9a-fA-F]{6}$"

SchedulerName = Literal["model", "ddim", "euler", "dpm++", "unipc"]
DeliverableFormat = Annotated[str, Field(description="name of a registered deliverable format, for example png")]
FEWEST_STEPS, MOST_STEPS = 1, 1000
LEAST_GUIDANCE, MOST_GUIDANCE = 1.0, 50.0
SHORTEST_SIDE, LONGEST_SIDE, SIDE_STEP = 8, 8192, 8
Steps = Annotated[int, Field(ge=FEWEST_STEPS, le=MOST_STEPS)]
Guidance = Annotated[float, Field(ge=LEAST_GUIDANCE, le=MOST_GUIDANCE)]
GuidanceRescale = Annotated[
    float, Field(ge=0.0, le=1.0, description="how far guided predictions keep the prompt's own contrast; 0 is off")
]
LoraScale = Annotated[float, Field(ge=-4.0, le=4.0)]
ControlScale = Annotated[float, Field(ge=0.0, le=4.0)]
Strength = Annotated[
    float, Field(gt=0.0, le=1.0, description="how far from the start picture: share of the steps that are taken")
]
SnapshotPin = Annotated[
    str, Field(pattern=r"^([0-9a-f]{64})?$", description="snapshot id; filled in, or given so that no other is taken")
]
ControlKind = Literal["silhouette", "canny", "depth", "pose", "lineart"]
Side = Annotated[int, Field(ge=SHORTEST_SIDE, le=LONGEST_SIDE, multiple_of=SIDE_STEP, description="px")]
HexColour = Annotated[str, Field(pattern=HEX_COLOUR_PATTERN, description='sRGB colour such as "#1e9696", in quotes')]


def canonical_json(value: JsonValue) -> str:
    """JSON with sorted keys, no spaces, UTF-8 kept, floats in Python's shortest round-trip form; NaN is refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def sha256_hex(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, protected_namespaces=())

    def canonical(self) -> str:
        """The record as canonical JSON: equal records give equal text."""
        return canonical_json(self.model_dump(mode="json"))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A changed copy, validated; it carries no hash that was cached for the old content."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return type(self).model_validate({**fields, **(update or {})})


# --- what the studio writes ------------------------------------------------------------------------------------------


class Sampler(Record):
    scheduler: SchedulerName = Field(default="model", description="sampler; 'model' is the one that the model ships")
    steps: Steps = Field(default=20, description="denoising steps")
    guidance: Guidance = Field(default=5.0, description="classifier-free guidance scale; 1 is off")
    guidance_rescale: GuidanceRescale = 0.0


class LoraUse(Record):
    name: str = Field(description="shipped LoRA, a directory, a .safetensors file, or hub-id@revision")
    version: str | None = Field(default=None, description="of a registered LoRA, or 'promoted'; files have none")
    scale: LoraScale = Field(default=1.0, description="weight of the LoRA, 1 is as trained")
    snapshot: SnapshotPin = ""


class Reference(Record):
    """A picture that the brief shows. A brief writes its path; its content is what counts."""

    sha256: str = Field(default="", description="over the picture's pixels, once it was read; names it in the storage")
    path: str = Field(default="", exclude=True, description="where it was read, not part of the brief's content")

    @model_validator(mode="before")
    @classmethod
    def _read_path(cls, value: Any) -> Any:
        return {"path": value} if isinstance(value, str) else value


class ControlUse(Record):
    kind: ControlKind = Field(description="what the control image shows")
    model: str | None = Field(
        default=None,
        description="ControlNet or T2I-Adapter: a directory, or hub-id@revision; the shipped one if left out",
    )
    image: str = Field(description="path template of the control image, relative to the brief's folder")
    scale: ControlScale = Field(default=1.0, description="conditioning scale, 1 is as trained")
    snapshot: SnapshotPin = ""
    images: SkipJsonSchema[dict[str, Reference]] = Field(
        default_factory=dict[str, Reference], description="the template's paths, filled, once the images were read"
    )


class StartUse(Record):
    """A picture that denoising starts from instead of noise alone (img2img), or repaints a part of (inpainting)."""

    image: str = Field(description="path template of the picture, relative to the brief's folder")
    mask: str | None = Field(
        default=None, description="likewise of a mask: white is repainted, black stays the picture's own pixels"
    )
    strength: Strength = 0.8
    images: SkipJsonSchema[dict[str, Reference]] = Field(
        default_factory=dict[str, Reference], description="the templates' paths, filled, once the pictures were read"
    )
    masks: SkipJsonSchema[dict[str, Reference]] = Field(
        default_factory=dict[str, Reference], description="likewise for the masks"
    )


class Latitudes(Record):
    """The bounds of the search space; retries and agents move inside them only."""

    guidance: tuple[Guidance, Guidance] | None = Field(default=None, description="lowest and highest guidance scale")
    steps: tuple[Steps, Steps] | None = Field(default=None, description="fewest and most denoising steps")
    lora_scale: tuple[LoraScale, LoraScale] | None = Field(default=None, description="lowest and highest LoRA scale")
    control_scale: tuple[ControlScale, ControlScale] | None = Field(
        default=None, description="lowest and highest control scale"
    )
    strength: tuple[Strength, Strength] | None = Field(
        default=None, description="lowest and highest strength of the start picture's change"
    )
    alternative_prompts: tuple[str, ...] = Field(default=(), description="prompt templates that may replace the prompt")
    negative_prompts: tuple[str, ...] = Field(
        default=(), description="negative prompts that may replace the negative prompt, weaker ones first"
    )


class Bound(Record):
    """One expectation on a critic's score, in the critic's unit; both ends are inclusive."""

    min: FiniteFloat | None = None
    max: FiniteFloat | None = None

    @model_validator(mode="after")
    def _has_ordered_ends(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


def _colour_or_colours(value: object) -> str:
    return "colours" if isinstance(value, Mapping) else "colour"


class Palette(Record):
    background: Annotated[
        Annotated[HexColour, Tag("colour")] | Annotated[dict[str, HexColour], Tag("colours")],
        Discriminator(_colour_or_colours),
    ] = Field(
        default_factory=dict[str, HexColour],
        description="sRGB colour of the background, or one colour for each value of vary.background; none if left out",
    )
    max_delta_e: FiniteFloat = Field(default=12.0, gt=0, description="largest CIEDE2000 distance of the background")
    brand: tuple[HexColour, ...] = Field(default=(), description="the brand's sRGB colours")
    brand_max_delta_e: FiniteFloat = Field(
        default=12.0, gt=0, description="CIEDE2000 within which a pixel has a brand colour"
    )

    @model_validator(mode="after")
    def _has_a_colour(self) -> Self:
        if not self.background and not self.brand:
            raise ValueError("needs background, brand or both")
        return self


class BatchBounds(Record):
    """What must hold of a batch as a whole. One that does not is held for a person, and not retried blindly."""

    min_yield: float | None = Field(default=None, ge=0, le=1, description="smallest share of images that pass")
    max_drift: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="how far a retry batch's scores may fall behind those of the attempts that it follows: largest "
        "one-sided Kolmogorov-Smirnov distance of a bounded critic",
    )


class StyleGuide(Record):
    clip_model: str = Field(default="starter", description="the CLIP critic: starter, a directory, or hub-id@revision")
    palette: Palette | None = None
    references: tuple[Annotated[Reference, WithJsonSchema({"type": "string", "minLength": 1})], ...] = Field(
        default=(), max_length=64, description="pictures that show the style, relative to the brief's folder"
    )
    house_style: str | None = Field(default=None, description="directory of a centroid of the CLIP critic's embeddings")
    aesthetic_head: str | None = Field(default=None, description="directory of a head on the CLIP critic's embeddings")
    safety_checker: str | None = Field(
        default=None, description="Stable Diffusion's safety checker: a directory, or hub-id@revision"
    )
    expect: dict[str, Bound] = Field(default_factory=dict, description="critic name to the bound on its score")
    batch: BatchBounds = BatchBounds()

    @model_validator(mode="after")
    def _has_one_style(self) -> Self:
        if self.references and self.house_style:
            raise ValueError("has references and house_style; keep one of them")
        return self


MOVES = (
    "less_guidance",
    "more_guidance",
    "next_prompt",
    "more_steps",
    "stronger_negative",
    "more_lora",
    "less_lora",
    "less_control",
    "more_control",
    "more_strength",
    "less_strength",
    "new_seed",
)
"""All retry moves, those of which most is hoped in front, unless a brief says otherwise."""


class Retry(Record):
    rounds: int = Field(default=0, ge=0, le=20, description="retry rounds after the first")
    moves: tuple[str, ...] = Field(
        default=MOVES, min_length=1, description="retry moves that may be made, those of which most is hoped in front"
    )


class Review(Record):
    """Written in a brief as none, all or {sample: share}."""

    sample: float = Field(default=0.0, ge=0, le=1, description="share of the passing images that a person sees")

    @model_validator(mode="before")
    @classmethod
    def _read_word(cls, value: Any) -> Any:
        words = {"none": {"sample": 0.0}, "all": {"sample": 1.0}}
        return words.get(value, value) if isinstance(value, str) else value


class Deliver(Record):
    formats: tuple[DeliverableFormat, ...] = Field(default=("png",), min_length=1)
    sizes: tuple[Annotated[int, Field(ge=1, le=8192)], ...] = Field(
        default=(), description="longest sides in px; () is as rendered"
    )


class Brief(Record):
    """What the studio orders. Architecture page, section 6, has an example with every key."""

    brief: str = Field(
        pattern=BRIEF_ID_PATTERN, description="id: a-z, 0-9 and -, at most 64 characters, the first one no -"
    )
    prompt: str = Field(min_length=1, description="template; {name} is replaced by each value of vary.name")
    vary: dict[str, tuple[str, ...]] = Field(default_factory=dict, description="every combination, in order, is a slot")
    repeats: int = Field(default=1, ge=1, description="slots per combination, each with its own seed")
    negative_prompt: str = ""
    model: str = Field(default="starter", description="starter, a directory, or hub-id@revision")
    size: tuple[Side, Side] = Field(default=(64, 64), description="width and height in px")
    sampler: Sampler = Sampler()
    loras: tuple[LoraUse, ...] = ()
    control: ControlUse | None = None
    start: StartUse | None = None
    latitudes: Latitudes = Latitudes()
    style_guide: StyleGuide = StyleGuide()
    retry: Retry = Retry()
    review: Review = Review()
    deliver: Deliver = Deliver()

    @field_serializer("vary", when_used="json")
    def _keep_order(self, vary: dict[str, tuple[str, ...]]) -> list[tuple[str, tuple[str, ...]]]:
        """Pairs: the order of vary is the order of the slots, and canonical JSON sorts the keys of objects."""
        return list(vary.items())

    @field_validator("vary", mode="before")
    @classmethod
    def _read_pairs(cls, vary: Any, info: ValidationInfo) -> Any:
        return dict(cast("list[Any]", vary)) if info.mode == "json" and isinstance(vary, list) else vary

    def canonical(self) -> str:
        """The brief as canonical JSON without what is at its default.

        So a key that a later release adds leaves the hash of every older brief alone; a default, once released, never
        changes.
        """
        return canonical_json(self.model_dump(mode="json", exclude_defaults=True))

    @cached_property
    def brief_hash(self) -> str:
        """SHA-256 of the canonical JSON: the brief's content, whatever its file's layout or comments."""
        return sha256_hex(self.canonical())

    @property
    def loops(self) -> bool:
        """Whether something follows the verdicts of a round: retries, or a person's review."""
        return bool(self.retry.rounds or self.review.sample or self.style_guide.batch != BatchBounds())

    @property
    def slot_count(self) -> int:
        count = self.repeats
        for values in self.vary.values():
            count *= len(values)
        return count


# --- what the planner makes ------------------------------------------------------------------------------------------


class Slot(Record):
    """One wanted image of a brief; the same slot across retries."""

    brief: str
    index: int = Field(ge=0, description="position among the brief's slots, repeats innermost")
    values: dict[str, str] = Field(description="the combination of vary, name to value")
    repeat: int = Field(ge=0)


class Schedule(Record):
    """The noise schedule: which scheduler, configured how, visiting which timesteps."""

    scheduler: str = Field(description="diffusers scheduler class")
    config: dict[str, JsonValue] = Field(description="the scheduler's whole config")
    timesteps: tuple[float, ...] = Field(description="timesteps visited, first to last")

    @cached_property
    def canonical_form(self) -> str:
        return super().canonical()

    def canonical(self) -> str:
        """The record as canonical JSON, made once: a batch's recipes share one schedule of up to 1,000 timesteps."""
        return self.canonical_form


class RecipeLora(Record):
    """A LoRA as a recipe uses it: these weights, at this scale."""

    name: str = Field(description="shipped name, hub-id@revision, or the file's name: no path")
    snapshot: str = Field(description="snapshot id of its file")
    scale: float = Field(description="weight, 1 is as trained")


class RecipeControl(Record):
    """A control image as a recipe uses it: these pixels, through these weights, at this scale."""

    kind: ControlKind
    snapshot: str = Field(description="snapshot id of the ControlNet or T2I-Adapter")
    image: str = Field(description="SHA-256 over the control image's pixels; names it in the storage")
    scale: float = Field(description="conditioning scale, 1 is as trained")


class RecipeStart(Record):
    """A start picture as a recipe uses it: these pixels, changed that far, everywhere or where the mask is white."""

    image: str = Field(description="SHA-256 over the picture's pixels; names it in the storage")
    strength: float = Field(description="share of the steps that are taken")
    mask: str | None = Field(
        default=None, description="likewise of the mask; outside of it the image has the picture's own pixels"
    )


class Recipe(Record):
    """Everything that determines one image's bits on a given hardware class."""

    prompt: str
    negative_prompt: str
    seed: int = Field(ge=0, lt=2**64, description="seed of the image's CPU noise generator")
    schedule: Schedule
    steps: int = Field(ge=1)
    guidance: float = Field(ge=1.0)
    guidance_rescale: GuidanceRescale = 0.0
    width: int = Field(ge=8, description="px")
    height: int = Field(ge=8, description="px")
    loras: tuple[RecipeLora, ...] = Field(default=(), description="added up in this order")
    control: RecipeControl | None = None
    start: RecipeStart | None = None
    model_snapshot: str = Field(description="snapshot id of the weights and configs")

    def canonical(self) -> str:
        """The recipe as canonical JSON, without what is at its default, around the schedule's own form."""
        fields = self.model_dump(mode="json", exclude={"schedule"}, exclude_defaults=True)
        members = {name: canonical_json(value) for name, value in fields.items()}
        members["schedule"] = self.schedule.canonical()
        return "{" + ",".join(f'"{name}":{members[name]}' for name in sorted(members)) + "}"

    @cached_property
    def recipe_id(self) -> str:
        """SHA-256 of the canonical JSON, 64 hex digits: one recipe planned twice is one recipe."""
        return sha256_hex(self.canonical())


class Settings(Record):
    """What retries may change of a slot, inside the brief's latitudes; the rest of its recipe is the brief's."""

    prompt: str = Field(description="template")
    negative_prompt: str
    steps: int
    guidance: float
    lora_scales: tuple[float, ...] = Field(default=(), description="one for each LoRA of the brief")
    control_scale: float | None = None
    strength: float | None = None


class Change(Record):
    """What a retry move, a reviewer or an agent wants otherwise in a slot's settings; what is None stays."""

    prompt: str | None = Field(default=None, description="template")
    negative_prompt: str | None = None
    steps: int | None = None
    guidance: float | None = None
    lora_scales: tuple[float, ...] | None = None
    control_scale: float | None = None
    strength: float | None = None


class Origin(Record):
    """Where a retry comes from."""

    parent: str = Field(description="recipe id of the slot's attempt before")
    move: str = Field(description="name of the retry move")
    reason: str = Field(description="the unmet expectation that the move answers, with value and bound")


class PlannedImage(Record):
    """One row of a batch's plan."""

    slot: Slot
    round: int = Field(ge=0, description="0 for the first try, 1, 2, … for retries")
    recipe: Recipe
    origin: Origin | None = Field(default=None, description="None for the first try")

    @property
    def recipe_id(self) -> str:
        return self.recipe.recipe_id


BATCH_ROWS = 128
"""Images of a batch unless the command line says otherwise: many enough that loading a model is a small part of it."""


class Batch(Record):
    """The unit of materialisation: a range of one round's rows, rendered with one model snapshot."""

    key: str = Field(description="Dagster partition key")
    brief: str
    brief_hash: str
    model: str
    model_snapshot: str
    round: int = Field(ge=0)
    index: int = Field(ge=0, description="position among the round's batches")
    first_row: int = Field(ge=0, description="position in the round: of a slot in round 0, of a retry in later ones")
    rows: int = Field(ge=1, description="planned images")

    @property
    def order(self) -> str:
        """Key of the order that the batch belongs to."""
        return order_of(self.key)


def order_of(batch_key: str) -> str:
    """``spring-market.0123456789.r0.0003`` belongs to order ``spring-market.0123456789``."""
    return batch_key.rsplit(".", 2)[0]


class ModelSnapshot(Record):
    """The exact weights and configs of a model."""

    name: str = Field(description="as the brief names it")
    snapshot_id: str = Field(description="SHA-256 over the relative paths and hashes of the files")
    files: Mapping[str, str] = Field(description="relative path to SHA-256 of the content")
    bytes: int = Field(ge=0)
    licence: str = Field(default="unknown", description="SPDX id or the licence file's first line")


# --- what the gate makes -----------------------------------------------------------------------------


class FailedExpectation(Record):
    """One unmet expectation: what was measured against which bound."""

    expectation: str = Field(description="critic's name, or the structural reason")
    value: float | None = Field(description="the score in the critic's unit; None if there is none")
    min: float | None = None
    max: float | None = None
    reason: str = Field(default="", description="why there is no score")


class Verdict(Record):
    recipe_id: str
    passed: bool
    failed: tuple[FailedExpectation, ...] = ()


# --- what becomes of failures ----------------------------------------------------------------------------------------


class Attempt(Record):
    """One try of a slot, and what was wrong with it."""

    round: int = Field(ge=0)
    recipe_id: str
    settings: Settings
    move: str | None = Field(default=None, description="the retry move that led to it; None for the first try")
    failed: tuple[FailedExpectation, ...]


class SlotRetry(Record):
    """The next try of a slot."""

    slot_index: int = Field(ge=0)
    settings: Settings
    origin: Origin


# --- what people decide ----------------------------------------------------------------------------------------------

Action = Literal["accept", "reject", "redo", "score", "tag", "undo"]
Defect = Literal[
    "anatomy", "artefact", "blur", "colour", "composition", "off-style", "text", "wrong-subject", "other"
]  # fmt: skip
DecisionId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

_SAID_BY: dict[str, str] = {"redo": "settings", "score": "score", "tag": "tags", "undo": "undoes"}
"""The field that an action comes with; accept and reject come with none."""


class Decision(Record):
    """What a reviewer decided about one image, by one press of a key."""

    id: DecisionId = Field(description="made once a key press: what is posted again is the same decision")
    order: str = Field(pattern=ORDER_KEY_PATTERN, description="order key")
    recipe_id: str = Field(pattern=r"^[0-9a-f]{64}$")
    action: Action
    score: int | None = Field(default=None, ge=1, le=5, description="1 is worst, 5 is best")
    tags: tuple[Defect, ...] = Field(default=(), max_length=9, description="defects that the reviewer sees")
    settings: Settings | None = Field(default=None, description="what the slot shall be rendered with again")
    undoes: DecisionId | None = Field(default=None, description="the decision that is taken back")
    reviewer: str = Field(min_length=1, max_length=64, description="name")
    time: AwareDatetime = Field(description="UTC, when the server took it")

    @field_validator("reviewer")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not name.isprintable() or name != name.strip():
            raise ValueError("must be printable, without spaces at its ends")
        return name

    @field_validator("time")
    @classmethod
    def _in_utc(cls, time: datetime) -> datetime:
        return time.astimezone(UTC)

    @model_validator(mode="after")
    def _says_what_its_action_needs(self) -> Self:
        said = {name for name in _SAID_BY.values() if getattr(self, name) not in (None, ())}
        needed = {_SAID_BY[self.action]} if self.action in _SAID_BY else set[str]()
        if said != needed:
            raise ValueError(f"{self.action} comes with {_named(needed)}, not with {_named(said)}")
        return self


def _named(fields: set[str]) -> str:
    return " and ".join(sorted(fields)) or "nothing else"
