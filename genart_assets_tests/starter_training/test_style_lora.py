from genart_assets.starter_training.style_lora import training_pairs
from genart_assets_tests.starter_training.icon_packages import WORDS


def test_the_lora_learns_from_ink_drawings_of_subjects_without_a_held_out_pair(icons):
    pairs = training_pairs(icons, WORDS)
    assert {pair.style for pair in pairs} == {"ink"}
    held_out = {pair.subject for pair in WORDS.held_out}
    assert {pair.subject for pair in pairs} == {*WORDS.subjects} - held_out
    assert held_out
