"""Extend genart-assets: the one place that a package of one's own imports from.

A package registers a critic, a deliverable format, a retry move, a model family or an engine under a name in an entry
point group; `genart new` writes such a package. Each is one class or function in one file: derive a critic from
`BaseCritic`, decorate a format's function with `declares`, give a move the members of `Move`, derive a family from
`StableDiffusion` or give it the members of `Family`. `genart_assets.extend.kit` has the checks for its test.

>>> from genart_assets.extend import CRITICS, StableDiffusion
>>> class BrighterFamily(StableDiffusion):
...     def decode(self, pipe, latents):
...         return (super().decode(pipe, latents) * 1.1).clamp(0, 1)
>>> CRITICS.find("sharpness").unit
'levels²'
"""

from genart_assets.critics.each_row import Picture, Scores, each_picture
from genart_assets.critics.known import CRITICS
from genart_assets.critics.protocol import (
    BaseCritic,
    Critic,
    CriticClass,
    CriticContext,
    Direction,
    Look,
    NearestSelected,
)
from genart_assets.deliverables.formats import FORMATS
from genart_assets.deliverables.protocol import (
    Declared,
    Deliverable,
    Encoded,
    begins_with,
    declares,
    pillow_picture,
    pillow_xmp,
)
from genart_assets.errors import GenartError, InputError, ModelError
from genart_assets.models.families.protocol import FAMILIES, Family
from genart_assets.models.families.stable_diffusion import StableDiffusion
from genart_assets.moves.attempts import base_of
from genart_assets.moves.protocol import EVERY, RETRY_MOVES, Answers, Move
from genart_assets.plugins import ExtensionPoint
from genart_assets.records.brief import Brief
from genart_assets.records.fault import Fault
from genart_assets.records.plan import Change, PlannedImage, Settings
from genart_assets.records.retry import Attempt
from genart_assets.records.verdict import FailedExpectation
from genart_assets.runner.engine import ENGINES, Config, Engine, EngineClass, Report

__all__ = [
    "CRITICS",
    "ENGINES",
    "EVERY",
    "FAMILIES",
    "FORMATS",
    "RETRY_MOVES",
    "Answers",
    "Attempt",
    "BaseCritic",
    "Brief",
    "Change",
    "Config",
    "Critic",
    "CriticClass",
    "CriticContext",
    "Declared",
    "Deliverable",
    "Direction",
    "Encoded",
    "Engine",
    "EngineClass",
    "ExtensionPoint",
    "FailedExpectation",
    "Family",
    "Fault",
    "GenartError",
    "InputError",
    "Look",
    "ModelError",
    "Move",
    "NearestSelected",
    "Picture",
    "PlannedImage",
    "Report",
    "Scores",
    "Settings",
    "StableDiffusion",
    "base_of",
    "begins_with",
    "declares",
    "each_picture",
    "pillow_picture",
    "pillow_xmp",
]
