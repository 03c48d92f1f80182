"""Known value and property: every tokeniser gives its sentence back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fdl.data.tokens import BLANK, NONE, TOKENIZERS, join_words, split_words

SENTENCES = st.one_of(
    st.text(max_size=40),
    # many marks, elisions and odd blanks
    st.text("aé -'’.,;:!?()[]\"/&%…_␣⁀", max_size=30),
)


@pytest.mark.parametrize(
    ("name", "sentence", "tokens"),
    [
        # the book's
        ("words", "I read.", ["I", "read", "."]),
        ("words", "Je lis.", ["Je", "lis", "."]),
        ("characters", "I read.", ["I", " ", "r", "e", "a", "d", "."]),
        ("pairs", "I read.", ["I ", "re", "ad", "."]),
        (
            "words",
            "L'homme au T-shirt, qu'elle voit (là).",
            ["L'", "homme", "au", "T-shirt", ",", "qu'", "elle", "voit"]
            + ["(", "là", ")", "."],
        ),
        ("words", "est-ce l’eau ?", ["est-ce", "l’", "eau", BLANK, "?"]),
        ("words", 'dit:"A"', ["dit", ":", NONE, '"', "A", NONE, '"']),
    ],
)
def test_a_sentence_has_these_tokens(name, sentence, tokens):
    assert TOKENIZERS[name].split(sentence) == tokens
    assert TOKENIZERS[name].join(tokens) == sentence


@pytest.mark.parametrize("name", ["characters", "pairs"])
@given(sentence=SENTENCES)
def test_characters_are_put_together_again(name, sentence):
    split, join = TOKENIZERS[name]
    assert join(split(sentence)) == " ".join(sentence.split())


@given(sentence=SENTENCES)
def test_words_are_put_together_again(sentence):
    # the two signs for odd blanks cannot also be text
    plain = sentence.replace(BLANK, "").replace(NONE, "")
    assert join_words(split_words(plain)) == " ".join(plain.split())


@given(sentence=SENTENCES)
def test_no_word_holds_a_blank_or_is_empty(sentence):
    for token in split_words(sentence):
        assert token
        assert token == "".join(token.split())


def test_an_empty_token_is_told():
    with pytest.raises(ValueError, match=r"`tokens` \(=''\) must hold no emp"):
        join_words(["a", ""])


@given(tokens=st.lists(st.sampled_from(["a", "l'", ".", "(", BLANK, NONE])))
def test_any_tokens_make_a_sentence(tokens):
    sentence = join_words(tokens)
    assert sentence.replace(" ", "") == "".join(
        t for t in tokens if t not in (BLANK, NONE)
    )
