"""Known value, property and bad input: words and their numbers."""

import numpy as np
import pytest

from fdl.data.text import Text
from fdl.data.vocabulary import Vocabulary, keep_probability, tally
from fdl.errors import DataError

BANK = Text.of(["the boy went", "to the bank"])


def test_words_are_numbered_from_the_commonest():
    found = Vocabulary.count(BANK)
    # equally common ones by the alphabet
    assert found.words == ["the", "bank", "boy", "to", "went"]
    assert found.counts.tolist() == [2, 1, 1, 1, 1]
    assert [found.index(w) for w in found.words] == list(range(5))
    assert found.decode([1, 0]) == ["bank", "the"]
    assert "boy" in found
    assert "girl" not in found
    assert len(found) == 5


def test_encoding_keeps_order_and_ends_of_lines():
    found = Vocabulary.count(BANK)
    encoded = found.encode_all(BANK)
    assert encoded.dtype == np.int32
    assert encoded.tolist() == [0, 2, 4, -1, 3, 0, 1, -1]
    again = " ".join(found.decode(encoded)).split("\n")
    assert [line.split() for line in again[:2]] == list(BANK.lines())


def test_words_without_a_number_are_left_out_or_made_unknown():
    small = Vocabulary.count(BANK, size=2)
    assert small.encode("to the bank").tolist() == [0, 1]
    one = Vocabulary.count(BANK, size=3, unknown="<unk>")
    # three of six words have no number of their own
    assert one.words == ["<unk>", "the", "bank"]
    assert one.counts.tolist() == [3, 2, 1]
    assert one.encode("to the\nbank").tolist() == [0, 1, -1, 2]


def test_an_unknown_word_of_the_text_itself_is_counted_once():
    text = Text.of(["a a a <unk> <unk> b"])
    found = Vocabulary.count(text, size=2, unknown="<unk>")
    assert found.words == ["<unk>", "a"]
    assert found.counts.tolist() == [3, 3]  # <unk> twice, and b


def test_rare_words_can_be_left_out():
    assert Vocabulary.count(BANK, least=2).words == ["the"]
    with pytest.raises(DataError, match="holds no word that comes 3 times"):
        Vocabulary.count(BANK, least=3)


def test_the_table_stays_within_its_room_and_says_what_it_lost():
    rng = np.random.default_rng(0)
    numbers = (rng.zipf(1.3, 40_000) % 5000).reshape(-1, 100)
    lines = [" ".join(f"w{k}" for k in row) for row in numbers]
    text = Text.of(lines)
    exact, none = tally(text)
    assert none == 0
    sizes = []

    def watched():
        for piece in text.pieces():
            yield piece
            sizes.append(1)

    rough, missing = tally(Text(watched, text.source), room=1000)
    assert len(rough) <= 1000 + 100  # a piece can bring 100 new ones
    assert missing > 0
    for word, count in exact.items():
        assert count - missing <= rough[word] <= count
    top = [word for word, _ in exact.most_common(50)]
    assert [word for word, _ in rough.most_common(50)] == top


def test_there_is_room_for_all_words_that_are_wanted():
    text = Text.of(f"w{k:03}" for k in range(300))
    words = Vocabulary.count(text, size=200, room=2).words
    assert words == [f"w{k:03}" for k in range(200)]


def test_words_that_all_came_once_are_thrown_out_together():
    def pieces():
        return (f"w{k}\n" for k in range(300))

    counts, missing = tally(Text(pieces, BANK.source), room=20)
    assert len(counts) <= 20
    assert missing == 300 // 21


def test_a_word_outside_says_so_and_offers_the_nearest_spellings():
    found = Vocabulary.count(BANK)
    with pytest.raises(
        ValueError,
        match=r"^`word` \(='banks'\) must be in the vocabulary of 5 words; "
        r"did you mean bank\?$",
    ):
        found.index("banks")
    with pytest.raises(ValueError, match=r"vocabulary of 5 words\.$"):
        found.index("xyzzy")
    with pytest.raises(ValueError, match="vocabulary of 5 words"):
        found.index("\x00")  # what stands for a line's end is no word
    assert "\x00" not in found


def test_empty_and_foreign_texts_are_refused():
    with pytest.raises(DataError, match="'blank' holds no word"):
        Vocabulary.count(Text.of(["", "  "], "blank"))
    found = Vocabulary.count(BANK)
    with pytest.raises(DataError, match="'other' holds no word of the voc"):
        found.encode_all(Text.of(["girls stay home"], "other"))
    with pytest.raises(DataError, match="holds no word"):
        found.encode_all(Text.of([]))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Vocabulary.count(BANK, size=0), "`size`"),
        (lambda: Vocabulary.count(BANK, least=0), "`least`"),
        (lambda: Vocabulary.count(BANK, size=True), "`size`"),
        (lambda: tally(BANK, room=1), "`room`"),
        (lambda: tally(BANK, room=float("nan")), "`room`"),
        (lambda: Vocabulary("ab", [1, 1]), "`words` .* list of words"),
        (lambda: Vocabulary(["a"], [1]).numbers("a"), "`tokens` .* list"),
        (lambda: Vocabulary(["a", "a"], [1, 1]), "`words` .* all differ"),
        (lambda: Vocabulary(["a"], [1, 1]), "`counts` .* for each of the 1"),
        (lambda: Vocabulary([], []), "`counts`"),
        (lambda: Vocabulary(["a"], [-1]), "`counts` .* whole numbers from 0"),
        (lambda: Vocabulary(["a"], [1.5]), "`counts` .* whole numbers from 0"),
        (lambda: Vocabulary(["a", 2], [1, 1]), "`words` .* be strings"),
        (lambda: Vocabulary(["a", "\0"], [1, 1]), "`words` .* be strings"),
        (lambda: Vocabulary(["a"], [1]).decode([1]), "`numbers` .* 0 to 0"),
        (lambda: Vocabulary(["a"], [1]).decode([-2]), "`numbers` .* 0 to 0"),
        (lambda: keep_probability([0, 0], 0.1), "`counts` .* above 0"),
        (lambda: keep_probability([-1, 5], 0.1), "`counts` .* from 0 up"),
        (lambda: Vocabulary(["a"], [1], "b"), "`unknown` .* of the words"),
        (lambda: keep_probability(np.ones(2), 1.0), "`threshold`"),
        (lambda: keep_probability(np.ones(2), -0.1), "`threshold`"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_common_words_are_thinned_out_by_the_square_root():
    counts = np.array([900, 90, 10])
    kept = keep_probability(counts, 0.09)
    assert kept == pytest.approx([np.sqrt(0.1), 1, 1])
    assert keep_probability(counts, 0.0).tolist() == [1, 1, 1]
