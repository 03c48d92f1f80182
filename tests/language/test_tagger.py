"""Known value, oracle, property, learns and negative control: the tagger."""

from __future__ import annotations

import numpy as onp
import pytest

from fdl import data, experiments, nn, train
from fdl._mxnet import mx, np
from fdl.data import Sentences, Tagged, Vectors
from fdl.language import (
    Marks,
    NGram,
    Tagger,
    WordTable,
    join_phrases,
    shape,
    spellings,
    windows,
)

VECTORS = Vectors(
    ["the", "a", "dog", "##", "new_york"],
    [[1.0, 2], [3, 4], [5, 6], [7, 8], [9, 10]],
)
TEXT = [
    Tagged(("The", "dog"), ("DT", "NN"), ()),
    Tagged(("a", "cat", "!"), ("DT", "NN", "."), ()),
]
TAGS = (".", "DT", "NN")


@pytest.mark.parametrize(
    ("word", "want"),
    [
        ("the", ["the"]),
        ("The", ["The", "the"]),
        ("12", ["12", "##", "00"]),
        ("well-known", ["well-known", "well_known"]),
        ("A-1", ["A-1", "A_#", "a-1", "a_#", "A-0"]),
    ],
)
def test_spellings(word, want):
    assert spellings(word) == want


def test_a_table_finds_words_as_the_file_spells_them():
    table = WordTable(VECTORS, ["The", "12", "New-York", "dog", "The"])
    assert table.rows[0].tolist() == [0, 0]
    assert table.numbers(["The", "12"]).tolist() == [1, 2]
    assert table.rows[1].tolist() == [1, 2]
    assert table.rows[2].tolist() == [7, 8]
    assert table.rows[3].tolist() == [9, 10]
    assert table.unknown == []
    assert len(table.rows) == 5


def test_unknown_words_get_the_same_numbers_always():
    one = WordTable(VECTORS, ["xyzzy", "dog", "Xyzzy"])
    two = WordTable(VECTORS, ["dog"])
    (number,) = two.numbers(["xyzzy"])
    row = two.rows[number]
    assert (one.rows[1] == row).all()
    assert (one.rows[3] != row).any()
    assert one.unknown == ["xyzzy", "Xyzzy"]
    # nor does a word that UTF-8 cannot spell have a vector
    assert WordTable(VECTORS, ["\ud800"]).unknown == ["\ud800"]
    many = WordTable(VECTORS, [f"x{k}y" for k in range(500)]).rows[1:]
    assert abs(many).max() <= 0.25
    assert many.min() < -0.24
    assert many.max() > 0.24


def test_phrases_are_joined_if_they_are_known_and_tagged_alike():
    known = {"New_York", "in_New", "York_City"}
    words = ["in", "New", "York", "City", "in", "New", "Haven"]
    tags = ["IN", "NNP", "NNP", "NNP", "IN", "NNP", "NNP"]
    # what was joined is not joined again, "in New" has two tags
    assert join_phrases(words, tags, known) == (
        ["in", "New_York", "City", "in", "New", "Haven"],
        ["IN", "NNP", "NNP", "IN", "NNP", "NNP"],
    )
    assert join_phrases([], [], known) == ([], [])
    with pytest.raises(ValueError, match="`tags` .* one tag for each"):
        join_phrases(["a", "b"], ["X"], known)


def test_shapes():
    words = ["the", "IBM", "U.S.", "1990s", "McDonald", "Éclair", "$"]
    want = ["x", "X", "X.X.", "0x", "XxXx", "Xx", "$"]
    assert list(map(shape, words)) == want


def test_marks_say_what_they_are_called():
    marks = Marks(["running", "sitting", "Paris", "Rome", "U.S."], least=2)
    signs = dict(zip(marks.names, marks.of("Sing-12.")))
    assert {name for name, sign in signs.items() if sign} == {
        "capital",
        "digit",
        "hyphen",
        "stop",
    }
    names = [n for n, s in zip(marks.names, marks.of("king")) if s]
    assert names == ["shape x", "-g", "-ng", "-ing"]
    assert "-ting" not in marks.names  # only one word has it
    # a whole word is no ending
    assert "-sing" not in Marks(["sing", "king"], least=1).names
    assert Marks(["running", "sitting"], least=1).of("sitting").sum() == 5
    assert marks.of("iPod")[marks.names.index("capital inside")] == 1
    assert len(marks) == len(marks.names) == len(marks.of("x"))
    with pytest.raises(ValueError, match="`least` .* from 1 up"):
        Marks(["a"], least=0)
    # the letters of one text are no words
    for call in (Marks, WordTable(VECTORS, ["dog"]).numbers):
        with pytest.raises(ValueError, match="`words` .* be a list of words"):
            call("the dog")


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_windows_are_those_of_a_loop(n, across):
    text = [[1, 2, 3], [4], [5, 6, 7, 8, 9]]
    want, before = [], [0] * n
    for line in text:
        if not across:
            before = [0] * n
        for word in line:
            before = [*before[1:], word]
            want.append(before)
    assert windows(text, n, across).tolist() == want


def test_windows_of_nothing_and_bad_sizes():
    assert windows([]).shape == (0, 3)
    assert windows([[], [4]]).tolist() == [[0, 0, 4]]
    with pytest.raises(ValueError, match="`n` .*from 1 up"):
        windows([[1]], 0)


@pytest.mark.parametrize("hybrid", [False, True])
def test_the_network_is_its_equations(hybrid):
    net = NGram(6, 3, hidden=(5, 4))
    net.initialize(mx.init.Normal(0.7))
    if hybrid:
        net.hybridize()
    x = onp.random.default_rng(0).normal(size=(7, 6)).astype("float32")
    h = x
    for layer, norm in ((0, 1), (3, 4)):
        z = h @ net.hidden[layer].weight.data().asnumpy().T
        # as before any training: running mean 0 and variance 1
        assert net.hidden[norm]._kwargs["eps"] == 1e-3
        z = z / onp.sqrt(1 + 1e-3)
        h = 1 / (1 + onp.exp(-z))
    want = h @ net.output.weight.data().asnumpy().T
    assert onp.allclose(net(np.array(x)).asnumpy(), want, atol=1e-5)


def test_the_books_network_has_its_sizes():
    assert NGram(900, 44).sizes == (900, 512, 256, 44)


def test_a_batch_holds_the_vectors_of_its_windows():
    tagger = Tagger(VECTORS, TAGS, TEXT, hidden=(4, 3))
    ((x, y),) = tagger.batches(TEXT, 9, shuffle=False)
    assert x.shape == (5, 6)
    assert x[1].tolist() == [0, 0, 1, 2, 5, 6]
    assert x[2].tolist() == [0, 0, 0, 0, 3, 4]
    assert y.tolist() == [1, 2, 1, 2, 0]
    across = Tagger(VECTORS, TAGS, TEXT, hidden=(4, 3), across=True)
    ((x, y),) = across.batches(TEXT, 9, shuffle=False)
    assert x[2].tolist() == [1, 2, 5, 6, 3, 4]


def test_marks_go_in_for_the_last_two_words():
    marks = Marks(["The", "dog", "cat"], least=1)
    tagger = Tagger(VECTORS, TAGS, TEXT, marks=marks, hidden=(4, 3))
    ((x, _),) = tagger.batches(TEXT, 9, shuffle=False)
    f = len(marks)
    assert x.shape == (5, 6 + 2 * f)
    assert (x[1, 6 : 6 + f] == marks.of("The")).all()
    assert (x[1, 6 + f :] == marks.of("dog")).all()
    assert not x[2, 6 : 6 + f].any()
    # of a window of one word there is no other
    one = Tagger(VECTORS, TAGS, TEXT, n=1, marks=marks, hidden=(4, 3))
    ((x, _),) = one.batches(TEXT, 9, shuffle=False)
    assert x.shape == (5, 2 + f) == (5, one.net.sizes[0])
    # words that come later have theirs too
    tagger.net.initialize()
    assert len(tagger.tag(["The", "newcomer"])) == 2
    assert len(tagger._signs) == len(tagger.table.rows)


def test_bad_tags_and_bad_sentences():
    with pytest.raises(ValueError, match="`tags` .* two or more, all differ"):
        Tagger(VECTORS, ["NN", "NN"], TEXT)
    tagger = Tagger(VECTORS, ["DT", "NN"], TEXT, hidden=(4, 3))
    with pytest.raises(ValueError, match=r"`sentences` \(=\['\.'\]\) must h"):
        tagger.batches(TEXT, 2)
    tagger.net.initialize()
    assert tagger.tag([]) == []
    assert tagger.right([]).tolist() == []
    with pytest.raises(ValueError, match="`words` .* be a list of words"):
        tagger.tag("the dog")
    uneven = [Tagged(("a", "dog"), ("DT",), ())]
    for call in (tagger.right, lambda s: tagger.batches(s, 2)):
        with pytest.raises(ValueError, match="`sentences` .* one tag for e"):
            call(uneven)
    with pytest.raises(ValueError, match=r"`hidden\[1\]` \(=0\) must be"):
        NGram(6, 3, hidden=(5, 0))
    # a tag it does not know is a tag it never finds, even if all are the first
    tagger.net.output.bias.set_data(np.array([99.0, 0.0]))
    assert tagger.right(TEXT).tolist() == [True, False, True, False, False]


def test_many_windows_are_tagged_a_few_at_a_time(monkeypatch):
    tagger = Tagger(VECTORS, TAGS, TEXT, hidden=())
    tagger.net.initialize()
    words = ["The", "dog", "a", "cat", "!"] * 5
    together = tagger.tag(words)
    assert len(set(together)) > 1
    monkeypatch.setattr("fdl.language.tagger.CHUNK", 2)
    assert tagger.tag(words) == together


def made(seed, n):
    return [
        Tagged(s.words, s.tags, s.chunks)
        for s in data.grammar.sentences(n, seed)
    ]


def accuracy(text, test, **changes):
    vectors = data.load("glove", offline=True)
    tags = sorted({t for s in (*text, *test) for t in s.tags})
    mx.random.seed(0)
    tagger = Tagger(vectors, tags, [*text, *test], hidden=(64, 32), **changes)
    train.fit(
        tagger.net,
        tagger.batches(text, 64),
        loss=nn.cross_entropy,
        optimizer=mx.optimizer.Adam(learning_rate=0.01),
        epochs=3,
        seed=0,
    )
    return tagger.right(test).mean(), tagger


def test_it_learns_and_the_words_before_help(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    text, test = made(1, 400), made(2, 100)
    with_context, tagger = accuracy(text, test)
    alone, _ = accuracy(text, test, n=1)
    assert with_context > 0.96
    assert alone < with_context - 0.01
    tags = tagger.tag(["The", "old", "dog", "and", "the", "cat", "."])
    assert tags == ["DT", "JJ", "NN", "CC", "DT", "NN", "."]


def test_the_experiment_keeps_what_it_says(monkeypatch):
    monkeypatch.delenv("FDL_DATA_MIRROR", raising=False)
    monkeypatch.setattr(
        data.conll, "SIZES", {"train": 150, "valid": 5, "test": 40}
    )
    small = {"epochs": 2, "first": 16, "second": 8, "marks": True}
    config = experiments.configure("pos_tagger", "quick", **small)
    record = experiments.get("pos_tagger").run(config, offline=True)
    assert record.data == {"conll2000": "sample", "glove": "sample"}
    assert record.arrays["umbrella"].shape == (2, 18)
    assert record.arrays["umbrella"].max() < record.metrics["tags"]
    wrong = record.curves["validation_error"][-1]
    assert record.metrics["test_accuracy"] == pytest.approx(1 - wrong)
    assert 0.3 < record.metrics["train_accuracy"] < 1
    assert len(record.curves["validation_error"]) == 2
    tagger = experiments.pos_tagger.tagger_of(record, True)
    test = data.load("conll2000", "test", offline=True)
    right = tagger.right(test).mean()
    assert right == pytest.approx(record.metrics["test_accuracy"], abs=0.01)
    tags = [tagger.tags[int(k)] for k in record.arrays["umbrella"][-1]]
    assert tagger.tag(experiments.pos_tagger.UMBRELLA) == tags


def test_accuracies_are_those_of_the_words_they_name():
    text = Sentences([Tagged(("the", "dog"), ("DT", "NN"), ())])
    test = Sentences(
        [
            Tagged(("the", "cat", "xyzzy"), ("DT", "NN", "NN"), ()),
            Tagged(("dog", "the"), ("NN", "DT"), ()),
        ]
    )

    class Half:
        table = WordTable(VECTORS, ["the", "dog", "cat", "xyzzy"])
        tags = TAGS

        def right(self, sentences):
            assert sentences is test
            return onp.array([True, True, False, False, True])

    found = experiments.pos_tagger._scores(Half(), text, test)
    assert found == {
        "test_accuracy": pytest.approx(3 / 5),
        "unknown_accuracy": pytest.approx(1 / 2),  # cat and xyzzy
        "new_accuracy": pytest.approx(1 / 2),  # the same two
        "first_accuracy": pytest.approx(1 / 2),  # the and dog
        "words": 2,
        "unknown_words": 2,
        "tags": 3,
    }
    known = Sentences([Tagged(("xyzzy", "the"), ("NN", "DT"), ())])
    found = experiments.pos_tagger._scores(Half(), known, test)
    assert found["new_accuracy"] == pytest.approx(1 / 2)  # cat and dog
    assert found["unknown_accuracy"] == pytest.approx(1 / 2)
