"""The test kit of an extension: pictures to try it on, and a check for each kind that says what is wrong.

>>> from genart_assets.extend import CRITICS
>>> from genart_assets.extend.kit import check_critic, score_of, trial_pictures
>>> check_critic(CRITICS.find("exposure"))
>>> round(score_of(CRITICS.find("exposure"), trial_pictures()["white"]))
100
"""

from genart_assets.extend.kit.critics import check_critic, score_of
from genart_assets.extend.kit.failure import CheckFailed
from genart_assets.extend.kit.families import check_family, tiny_pipeline
from genart_assets.extend.kit.formats import check_format
from genart_assets.extend.kit.looks import trial_brief, trial_context, trial_look
from genart_assets.extend.kit.moves import check_move, trial_briefs
from genart_assets.extend.kit.pictures import SIZES, trial_pictures

__all__ = [
    "SIZES",
    "CheckFailed",
    "check_critic",
    "check_family",
    "check_format",
    "check_move",
    "score_of",
    "tiny_pipeline",
    "trial_brief",
    "trial_briefs",
    "trial_context",
    "trial_look",
    "trial_pictures",
]
