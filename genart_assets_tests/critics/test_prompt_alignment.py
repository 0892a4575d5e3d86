from dataclasses import replace

import numpy as np

from genart_assets.critics.prompt_alignment import PromptAlignment
from genart_assets.models.clip import load_clip
from genart_assets_tests.critics.drawn import brief_of, context_of, look_at, pictures_of, plan_of


def test_the_picture_of_the_prompt_passes_and_another_ones_is_stopped():
    brief = brief_of()
    plan = plan_of(brief)
    pixels = pictures_of(plan)
    right = look_at(plan, pixels, embed=True)
    wrong = look_at(plan, np.roll(pixels, 4, axis=0), embed=True)
    critic = PromptAlignment.for_batch(context_of(brief, right))
    assert critic.score(right).min() > 0.25 > critic.score(wrong).mean()


def test_the_score_is_the_cosine_and_every_prompt_is_embedded_once():
    brief = brief_of()
    plan = plan_of(brief)[:3]
    look = look_at(plan, pictures_of(plan), embed=True)
    asked: list[str] = []

    def embed_texts(texts):
        asked.extend(texts)
        return load_clip().embed_texts(texts)

    context = context_of(brief, look)
    critic = PromptAlignment(replace(context, embed_texts=embed_texts))
    first, second = critic.score(look), critic.score(look)
    assert sorted(asked) == sorted(planned.recipe.prompt for planned in plan)
    texts = load_clip().embed_texts([planned.recipe.prompt for planned in plan])
    np.testing.assert_allclose(first, (look.embeddings * texts).sum(axis=1), atol=1e-6)
    assert (first == second).all()
