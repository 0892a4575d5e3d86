import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genart_assets.critics.known import critics_for
from genart_assets.quality.distributions import distributions
from genart_assets.quality.histogram import histograms
from genart_assets.quality.markdown import gate_markdown
from genart_assets.quality.report import validation_report
from genart_assets.records.streams import MicroBatch
from genart_assets.records.style_guide import Bound
from genart_assets.records.verdict import verdicts_of
from genart_assets.stages.judging.critique import critique
from genart_assets.stages.judging.judge import judge
from genart_assets_tests.critics.drawn import COLOURS, blurred, brief_of, context_of, look_at, pictures_of, plan_of

BRIEF = brief_of(
    prompt="<b>icon</b> of {subject} on {background} background",
    style_guide={"palette": {"background": COLOURS}, "expect": {"sharpness": {"min": 10, "max": 2000}}},
)
PLAN = plan_of(BRIEF)
IDS = [planned.recipe_id for planned in PLAN]


@pytest.fixture(scope="module")
def judged():
    """One blurred picture, one that was not rendered, seven good ones."""
    pixels = pictures_of(PLAN)
    pixels[4] = blurred(pixels[4], 4)
    look = look_at(PLAN[1:], pixels[1:], embed=True)
    embeddings = dict(zip(IDS[1:], look.embeddings, strict=True))
    failures = {IDS[0]: "the latent is not finite"}
    images = [MicroBatch(tuple(IDS[1:]), pixels[1:], failures)]
    scores = pd.concat([m.data for m in critique(PLAN, images, embeddings, critics_for(context_of(BRIEF, look)))])
    frame, gate = judge(BRIEF, PLAN, scores, failures)
    return pixels, scores, verdicts_of(frame), gate


def png(picture):
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "png")
    return data.getvalue()


def report_of(judged):
    pixels, scores, verdicts, gate = judged
    thumbnails = {row: png(picture) for row, picture in zip(IDS[1:], pixels[1:], strict=True)}
    return validation_report("fruit-market.0.r0.0000", BRIEF, PLAN, scores, verdicts, gate, thumbnails)


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.images, self.links, self.text = [], [], ""
        self.feed(text)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "img":
            self.images.append(attributes["src"])
        self.links += [value for name, value in attrs if name in ("href", "src", "srcset", "action") and tag != "img"]

    def handle_data(self, data):
        self.text += data + " "


def test_the_page_names_every_failed_image_with_value_and_bound(judged):
    page = Page(report_of(judged).decode())
    value = judged[2][4].failed[0].value
    assert f"sharpness {value:.4g}, wanted 10 to 2000" in page.text
    assert "rendered: the latent is not finite" in page.text
    assert "9 planned 8 rendered 7 passed 2 failed" in page.text
    assert "7 of 8 pass" in page.text
    assert "8 of 8 pass" in page.text


def test_the_page_asks_nobody_for_anything(judged):
    text = report_of(judged).decode()
    page = Page(text)
    assert page.links == []
    assert (
        re.findall(r"https?:|//|@import|url\(|<script|<link|<iframe", re.sub(r"data:image/png;base64,\S+", "", text))
        == []
    )
    assert [base64.b64decode(src.removeprefix("data:image/png;base64,")) for src in page.images] == [png(judged[0][4])]


def test_what_a_brief_says_is_text_and_never_markup(judged):
    text = report_of(judged).decode()
    assert "<b>icon" not in text
    assert "&lt;b&gt;icon" in text


def test_page_and_plot_are_the_same_bytes_again(judged):
    assert report_of(judged) == report_of(judged)
    assert distributions(BRIEF, judged[1]) == distributions(BRIEF, judged[1])


def test_the_plot_is_a_picture_of_every_critic(judged):
    image = Image.open(io.BytesIO(distributions(BRIEF, judged[1])))
    assert image.format == "PNG"
    assert image.width == 1200
    assert image.height == 260 * -(-judged[1]["critic"].nunique() // 3)  # rows of three
    empty = Image.open(io.BytesIO(distributions(BRIEF, judged[1].iloc[:0])))
    assert empty.size == (1200, 260)


def test_a_batch_without_scores_has_a_page():
    failures = dict.fromkeys(IDS, "no model")
    scores = pd.DataFrame({"recipe_id": [], "critic": [], "score": [], "unit": [], "reason": []})
    frame, gate = judge(BRIEF, PLAN, scores, failures)
    page = Page(validation_report("b", BRIEF, PLAN, scores, verdicts_of(frame), gate, {}).decode())
    assert "No image was scored." in page.text
    assert "9 planned 0 rendered 0 passed 9 failed" in page.text


def test_histograms_span_scores_and_bounds():
    scores = pd.DataFrame({"critic": "sharpness", "score": [1.0, 2.0, np.nan, 2.0], "unit": "levels²"})
    (histogram,) = histograms(scores, {"sharpness": Bound(min=30)})
    assert sum(histogram.counts) == histogram.scored == 3
    assert histogram.without_score == 1
    assert sum(histogram.outside) == 3
    assert (histogram.low, histogram.high) == (1, 30)


def test_a_bin_knows_how_many_of_its_scores_are_outside():
    scores = pd.DataFrame({"critic": "sharpness", "score": [0.0, 29.9, 30.0, 30.1, 1000.0], "unit": "levels²"})
    (histogram,) = histograms(scores, {"sharpness": Bound(min=30, max=500)})
    assert (histogram.counts[0], histogram.outside[0]) == (4, 2)
    assert (histogram.counts[-1], histogram.outside[-1]) == (1, 1)


def test_markdown_names_the_unexpected_rows(judged):
    text = gate_markdown(judged[3])
    assert f"| sharpness 10 to 2000 | **not met** | 1 row: {IDS[4][:12]} (" in text
    assert "| palette_distance ≤ 12 | met |  |" in text
