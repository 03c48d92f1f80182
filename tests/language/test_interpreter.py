"""Property, known value and bad input: sentences in, sentences out."""

import numpy as onp
import pytest

from fdl import data
from fdl._mxnet import np
from fdl.errors import CheckpointError, DataError
from fdl.language import (
    Interpreter,
    Memory,
    Translation,
    Translator,
    decoding,
)
from fdl.nn import get_parameters

SENTENCES = ["the old boy sees a dog .", "dog", "a boy", "the zebra sees"]
FRENCH = ["le vieux garçon voit un chien .", "l'chien", "un garçon"]


def interpreter(reverse=True, tokenizer="words", **kinds):
    split = data.TOKENIZERS[tokenizer].split
    sources, targets = (
        data.marked_vocabulary(map(split, side), 40)
        for side in (SENTENCES[:3], FRENCH)
    )
    net = Translator(
        len(sources), len(targets), embedding=5, hidden=6, **kinds
    )
    net.initialize()
    some = np.array([[4]], dtype="int32")
    net(some, some)  # now all shapes are known
    for p in net.collect_params(".*(weight|vectors)").values():
        p.set_data(np.random.normal(0, 0.8, p.shape))
    return Interpreter(
        net, sources, targets, tokenizer=tokenizer, reverse=reverse
    )


def test_every_sentence_gets_its_own_translation():
    one = interpreter()
    together = one.translate(SENTENCES)
    alone = [one.translate([sentence])[0] for sentence in SENTENCES]
    assert together == alone
    assert len(set(together)) > 1


def test_many_are_translated_as_few_are(monkeypatch):
    one = interpreter()
    together = one.translate(SENTENCES)
    monkeypatch.setattr("fdl.language.interpreter.BATCH", 2)
    assert one.translate(SENTENCES) == together


@pytest.mark.parametrize("reverse", [True, False])
def test_weights_stand_beside_the_words_they_weigh(reverse):
    one = interpreter(reverse)
    for found, sentence in zip(one.explain(SENTENCES), SENTENCES):
        assert found.source == data.TOKENIZERS["words"].split(sentence)
        assert found.weights.shape == (len(found.target), len(found.source))
        assert found.weights.sum(axis=1) == pytest.approx(1, abs=1e-5)
    # weights of the sentence alone, in the order in which it was read
    found = one.explain(SENTENCES)[0]
    row = one.sources.numbers(found.source)
    read = row[::-1] if reverse else row
    memory = one.net.read(np.array([read.copy()], dtype="int32"))
    given = [[1, *one.targets.numbers(found.target)]]
    seen = one.net.weights(np.array(given, dtype="int32"), memory)
    seen = seen.asnumpy()[0, : len(found.target)]
    seen = seen[:, ::-1] if reverse else seen
    assert found.weights == pytest.approx(seen, abs=1e-5)


def test_no_translation_holds_marks_of_its_own():
    one = interpreter()
    one.net.bias.set_data(np.array([99.0, 99] + [0] * (len(one.targets) - 2)))
    for found in one.explain(SENTENCES):
        assert not {"<pad>", "<go>", "<eos>"} & set(found.target)


def test_a_sentence_ends_at_eos_or_at_the_last_step():
    one = interpreter()
    bias = onp.zeros(len(one.targets), onp.float32)
    bias[data.pair_buckets.EOS] = 99
    one.net.bias.set_data(np.array(bias))
    assert one.translate(SENTENCES) == [""] * 4
    bias[data.pair_buckets.EOS] = -99
    one.net.bias.set_data(np.array(bias))
    for beam in (1, 2):
        found = one.explain(SENTENCES[:2], beam)
        assert {len(f.target) for f in found} == {60}
    # a sentence has more characters than words
    one = interpreter(tokenizer="characters")
    bias = -99.0 * (onp.arange(len(one.targets)) == data.pair_buckets.EOS)
    one.net.bias.set_data(np.array(bias))
    assert [len(f.target) for f in one.explain(["dog"])] == [360]


def test_greedy_takes_the_likeliest_word_each_time():
    one = interpreter()
    row = np.array([one.sources.numbers(["a", "boy"])[::-1].copy()])
    memory = one.net.read(row.astype("int32"))
    [said] = decoding.greedy(one.net, memory, 7)
    words, given = [], [1]
    for _ in range(7):
        logits = one.net(row.astype("int32"), np.array([given], dtype="int32"))
        last = logits.asnumpy()[0, -1]
        last[:2] = -onp.inf
        given.append(int(last.argmax()))
        if given[-1] == 2:
            break
        words.append(given[-1])
    assert said == words


def test_an_unknown_word_is_filled_by_the_word_looked_at():
    weights = onp.array([[0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    found = Translation(["a", "zebra", "sees"], ["<unk>", "voit"], weights)
    assert found.filled() == ["zebra", "voit"]
    assert found._replace(weights=None).filled() == ["<unk>", "voit"]
    assert found._replace(target=["x", "<unk>"]).filled() == ["x", "sees"]


def test_filling_is_for_those_who_ask():
    one = interpreter()
    bias = onp.zeros(len(one.targets), onp.float32)
    bias[3] = 99
    one.net.bias.set_data(np.array(bias))
    [plain] = one.translate(["dog"])
    assert set(plain.split()) == {"<unk>"}
    [filled] = one.translate(["dog"], fill=True)
    assert set(filled.split()) == {"dog"}


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        {"attention": "none"},
        {"attention": "additive", "cell": "lstm", "layers": 2},
        {"feed": True, "reverse": False},
        {"attention": "none", "tokenizer": "pairs", "layers": 2},
    ],
)
def test_what_is_kept_comes_back(kinds):
    one = interpreter(**kinds)
    kept = one.arrays()
    # as a record keeps them
    again = Interpreter.of(
        {k: v.astype("f2") if v.dtype.kind == "f" else v
         for k, v in kept.items()}
    )  # fmt: skip
    assert again.sources.words == one.sources.words
    assert again.targets.words == one.targets.words
    assert (again.reverse, again.tokenizer) == (one.reverse, one.tokenizer)
    assert repr(again.net) == repr(one.net)
    assert again.net.feed == one.net.feed
    theirs = get_parameters(again.net)
    for name, value in get_parameters(one.net).items():
        assert theirs[name] == pytest.approx(value, abs=3e-3)
    exact = Interpreter.of(kept)
    assert exact.translate(SENTENCES) == one.translate(SENTENCES)


def test_a_file_holds_all_of_it(tmp_path):
    one, path = interpreter(), tmp_path / "one.npz"
    one.save(path)
    again = Interpreter.load(path)
    assert again.translate(SENTENCES) == one.translate(SENTENCES)
    with pytest.raises(DataError, match=r"no\.npz is not a file"):
        Interpreter.load(tmp_path / "no.npz")
    with pytest.raises(CheckpointError, match=r"two\.npz cannot be written"):
        one.save(tmp_path / "nowhere" / "two.npz")
    assert [file.name for file in tmp_path.iterdir()] == ["one.npz"]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"one\.npz cannot be read"):
        Interpreter.load(path)
    path.write_text("words")
    with pytest.raises(DataError, match=r"one\.npz cannot be read"):
        Interpreter.load(path)


def test_other_arrays_are_refused():
    kept = interpreter().arrays()
    with pytest.raises(DataError, match="not those of a translator"):
        Interpreter.of({"x": onp.zeros(3)})
    short = {**kept, "bias": kept["bias"][1:]}
    with pytest.raises(DataError, match="not those of a translator"):
        Interpreter.of(short)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda one: one.translate([]), "be a list of sentences"),
        (lambda one: one.translate("dog"), "be a list of sentences"),
        (lambda one: one.translate(["dog", " "]), "as is number 1"),
        (lambda one: one.translate([3]), "as is number 0"),
        (lambda one: one.translate(iter(())), "be a list of sentences"),
        (
            lambda one: decoding.search(
                one.net, one._memory([["dog"]]), 2, 3, row=1
            ),
            r"`row` \(=1\) must be from 0 to 0",
        ),
        (
            lambda one: decoding.search(one.net, one._memory([["dog"]]), 2, 0),
            r"`steps` \(=0\) must be",
        ),
        (
            lambda one: decoding.looks(
                one.net, one._memory([["dog"]]), [[one.net.targets]]
            ),
            "`said` .* from 0 to",
        ),
        (lambda one: one.translate(["dog"], beam=0), r"`beam` \(=0\)"),
        (lambda one: one.translate(["dog"], alpha=-1.0), r"`alpha` \(=-1"),
        (
            lambda one: Interpreter(one.net, one.targets, one.targets),
            "`sources` .* have the network's 12 words, the marks first",
        ),
        (
            lambda one: Interpreter(
                one.net, one.sources, one.targets, tokenizer="letters"
            ),
            "`tokenizer` .* be one of words, characters, pairs",
        ),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call(interpreter())


def test_looks_are_asked_for_all_sentences():
    one = interpreter()
    memory = one.net.read(np.array([[4], [5]], dtype="int32"))
    with pytest.raises(ValueError, match="one for each of the 2 sentences"):
        decoding.looks(one.net, memory, [[4]])


def test_a_beam_of_one_is_greedy_and_a_wide_one_finds_no_less():
    one = interpreter()
    row = np.array([one.sources.numbers(["a", "boy"])[::-1].copy()])
    memory = one.net.read(row.astype("int32"))
    [said] = decoding.greedy(one.net, memory, 6)
    [(narrow, p)] = decoding.search(one.net, memory, 1, 6)
    assert narrow == said
    found = decoding.search(one.net, memory, 4, 6)
    assert len(found) == 4
    assert found == sorted(found, key=lambda pair: -pair[1])
    assert found[0][1] >= p
    assert all({0, 1}.isdisjoint(words) for words, _ in found)
    # the probabilities are those of the words, EOS or the last step included
    for words, log_p in found:
        given = np.array([[1, *words]], dtype="int32")
        z = one.net(row.astype("int32"), given).asnumpy()[0].astype(float)
        z[:, :2] = -onp.inf
        z -= onp.log(onp.exp(z).sum(axis=1, keepdims=True))
        ends = [*words, 2][:6]
        assert log_p == pytest.approx(
            sum(z[t, w] for t, w in enumerate(ends)), abs=1e-4
        )


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        {"attention": "additive", "feed": True},
        {"cell": "lstm", "layers": 2},
    ],
)
def test_of_several_sentences_each_gets_its_own_beam(kinds):
    one = interpreter(**kinds)
    wide = one.translate(SENTENCES, beam=3)
    assert wide == [one.translate([s], beam=3)[0] for s in SENTENCES]
    assert len(set(wide)) > 1


def test_alpha_favours_the_long():
    one = interpreter()
    memory = one.net.read(np.array([[4]], dtype="int32"))
    plain, long = (
        decoding.search(one.net, memory, 4, 6, alpha=alpha)[0][0]
        for alpha in (0.0, 50.0)
    )
    assert len(long) == 6
    assert len(long) >= len(plain)


class Scripted:
    """In place of a network: says what a script has for each row."""

    def __init__(self, script, words=8):
        self.script, self.words, self.steps = script, words, 0

    def step(self, word, state, memory):
        self.steps += 1
        logits = onp.zeros((len(self.script), self.words))
        said = [row[min(state, len(row) - 1)] for row in self.script]
        logits[range(len(said)), said] = 1
        return np.array(logits, dtype="float32"), state + 1


def test_each_sentence_goes_on_to_its_own_end():
    script = [[5, 2, 6, 7, 6], [5, 6, 7, 2, 4], [2, 4, 2, 4, 2]]
    memory = Memory(None, np.ones((3, 1)), 0)
    net = Scripted(script)
    assert decoding.greedy(net, memory, 5) == [[5], [5, 6, 7], []]
    assert net.steps == 4  # now the last one has come to its end
    # and no farther than it may
    found = decoding.greedy(Scripted(script), memory, 2)
    assert found == [[5], [5, 6], []]


def test_alpha_reaches_the_beam():
    one = interpreter()
    plain, long = (
        one.explain(["dog"], beam=4, alpha=alpha)[0].target
        for alpha in (0.0, 50.0)
    )
    assert len(long) == 60
    assert len(plain) < 60
    assert one.translate(["dog"], beam=4, alpha=50.0) == [
        data.TOKENIZERS["words"].join(long)
    ]


def test_sentences_become_numbers_of_their_own_language():
    one = interpreter()
    pairs = data.Parallel.of([("a boy", "un chien"), ("dog", "boy")])
    left, right = one.numbers(pairs)
    assert [one.sources.decode(row) for row in left] == [["a", "boy"], ["dog"]]
    assert [one.targets.decode(row) for row in right] == [
        ["un", "chien"],
        ["<unk>"],
    ]
