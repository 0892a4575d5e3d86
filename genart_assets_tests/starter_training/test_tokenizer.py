from transformers import CLIPTokenizer

from genart_assets.starter_training.tokenizer import LENGTH, train_tokenizer
from genart_assets_tests.starter_training.icon_packages import WORDS


def test_words_of_the_captions_are_one_token_each_and_a_saved_tokenizer_is_the_same(sources, tmp_path):
    train_tokenizer(WORDS, sources).save_pretrained(tmp_path)
    read = CLIPTokenizer.from_pretrained(tmp_path, local_files_only=True)
    words = ["glossy", "icon", "of", "ball", "on", "teal", "background"]
    assert read.tokenize("Glossy icon of ball on teal background") == [f"{word}</w>" for word in words]
    ids = read(["flat ring", ""], padding="max_length", truncation=True).input_ids
    assert [len(row) for row in ids] == [LENGTH, LENGTH]
    assert ids[1] == [read.bos_token_id] + [read.eos_token_id] * (LENGTH - 1)


def test_unknown_words_are_spelt_and_long_prompts_are_cut(sources):
    learnt = train_tokenizer(WORDS, sources)
    assert learnt.decode(learnt("xylophone").input_ids, skip_special_tokens=True).strip() == "xylophone"
    assert len(learnt("ball " * 100, truncation=True).input_ids) == LENGTH


def test_learning_twice_gives_the_same_tokens(sources):
    assert train_tokenizer(WORDS, sources).get_vocab() == train_tokenizer(WORDS, sources).get_vocab()
