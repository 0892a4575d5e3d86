from collections import Counter

from genart_assets.starter_training.vocabulary import vocabulary


def test_the_shipped_vocabulary_has_enough_subjects_styles_and_backgrounds():
    words = vocabulary()
    assert len(words.subjects) == len(set(words.subjects)) >= 200
    assert (len(words.styles), len(words.backgrounds)) == (4, 12)
    assert all(name == name.strip().lower() for name in words.subjects)


def test_a_tenth_of_the_pairs_is_held_out_at_most_one_a_subject_and_alike_in_all_styles():
    words = vocabulary()
    held_out = words.held_out
    assert len(held_out) == round(len(words.pairs) / 10)
    assert max(Counter(pair.subject for pair in held_out).values()) == 1
    styles = Counter(pair.style for pair in held_out)
    assert set(styles) == set(words.styles)
    assert max(styles.values()) - min(styles.values()) <= 1


def test_seen_and_held_out_pairs_are_all_pairs():
    words = vocabulary()
    assert {*words.seen} | words.held_out == {*words.pairs}
    assert not {*words.seen} & words.held_out


def test_no_style_of_the_base_shares_its_icons_with_the_lora_or_the_critics_judge():
    words = vocabulary()
    assert not {*words.styles.values()} & {*words.other_sets.values()}
