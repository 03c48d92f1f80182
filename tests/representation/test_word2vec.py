"""Learns, property, bad input: word2vec on a text."""

import numpy as onp
import pytest

from fdl._mxnet import mx, np
from fdl.data import Text, Vocabulary
from fdl.errors import DataError, TrainingDiverged
from fdl.representation import Word2Vec, windows, word2vec, workers
from fdl.representation.host import host

WORDS = [f"w{k}" for k in range(20)]


def worlds(lines=400, seed=0):
    """Lines of ten words of one of two worlds: even or odd numbers."""
    rng = onp.random.default_rng(seed)
    return Text.of(
        [
            " ".join(WORDS[2 * k + line % 2] for k in rng.integers(0, 10, 10))
            for line in range(lines)
        ],
        "worlds",
    )


def separated(net):
    """Return how much more alike words of one world are than of two."""
    unit = net.vectors.unit
    numbers = [net.vocabulary.index(word) for word in WORDS]
    cosine = unit[numbers] @ unit[numbers].T
    same = onp.add.outer(onp.arange(20), onp.arange(20)) % 2 == 0
    other = ~onp.eye(20, dtype=bool)
    return cosine[same & other].mean() - cosine[~same].mean()


SMALL = {"negatives": 5, "window": 3, "scale": 0.1}


@pytest.mark.parametrize("loss", ["nce", "negative_sampling"])
@pytest.mark.parametrize("model", ["skip_gram", "cbow"])
@pytest.mark.parametrize(
    ("rule", "batch_size"), [("sgd", 8), ("sgd", 256), ("adagrad", 256)]
)
def test_words_of_one_company_come_together(model, loss, rule, batch_size):
    text = worlds()
    net = Word2Vec(Vocabulary.count(text), 8, model=model, loss=loss, **SMALL)
    # the same for a pair, whatever the size of a batch
    rate = batch_size * (0.05 if model == "cbow" else 0.02)
    if rule == "adagrad":
        rate = 0.1
    losses = net.learn(
        text,
        12,
        batch_size=batch_size,
        rule=rule,
        learning_rate=rate,
        seed=1,
    )
    assert len(losses) == 12
    assert losses[-1] < losses[0]
    assert separated(net) > 0.5


def test_shuffled_words_have_nothing_to_teach():
    rng = onp.random.default_rng(0)
    words = [w for line in worlds().lines() for w in line]
    words = rng.permutation(words).reshape(-1, 10)
    text = Text.of([" ".join(line) for line in words])
    net = Word2Vec(Vocabulary.count(text), 8, **SMALL)
    net.learn(text, 12, batch_size=8, learning_rate=0.16, seed=1)
    assert abs(separated(net)) < 0.1


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    text = worlds(40)
    found = []
    for seed in (0, 0, 1):
        net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
        net.learn(text, 2, seed=seed, subsample=0.01)
        found.append(net.vectors.vectors)
    assert (found[0] == found[1]).all()
    assert (found[0] != found[2]).any()


def test_a_text_and_its_numbers_teach_the_same():
    text = worlds(60)
    vocabulary = Vocabulary.count(text)
    found = []
    for source in (text, vocabulary.encode_all(text)):
        net = Word2Vec(vocabulary, 4, **SMALL)
        net.learn(source, 2)
        found.append(net.vectors.vectors)
    assert (found[0] == found[1]).all()


def test_the_rate_falls_in_a_straight_line(monkeypatch):
    text = worlds(64)
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    rates = []
    monkeypatch.setattr(
        word2vec,
        "skip_gram_step",
        lambda tables, batch, rate, measure: rates.append(rate) or 1.0,
    )
    # 704 words and ends of lines: eight chunks of ten lines, but for the last
    monkeypatch.setattr(windows.chunks, "__defaults__", (None, None, 88))
    net.learn(text, 2, learning_rate=0.8, final_rate=0.2, batch_size=10)
    parts = 0.8 - 0.6 * onp.arange(16) / 16
    assert onp.unique(rates)[::-1] == pytest.approx(parts / 10)
    rates.clear()
    net.learn(text, 2, learning_rate=0.8, batch_size=10)
    assert set(rates) == {0.8 / 10}


def test_the_rate_falls_by_the_words_that_were_read(monkeypatch):
    """Those too that subsampling left out."""
    text = worlds(400)
    monkeypatch.setattr(windows.chunks, "__defaults__", (None, None, 500))
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    rates = []
    monkeypatch.setattr(
        word2vec,
        "skip_gram_step",
        lambda tables, batch, rate, measure: rates.append(rate) or 0.0,
    )
    net.learn(text, 2, learning_rate=1.0, final_rate=0.1, subsample=1e-3)
    assert rates[0] * 32 == 1
    assert rates[-1] * 32 < 0.2


@pytest.mark.parametrize("rule", ["sgd", "adagrad"])
def test_two_workers_learn_together(monkeypatch, rule):
    text = worlds()
    monkeypatch.setattr(windows.chunks, "__defaults__", (None, None, 500))
    net = Word2Vec(Vocabulary.count(text), 8, **SMALL)
    rate = 0.1 if rule == "adagrad" else 0.16
    losses = net.learn(
        text,
        12,
        batch_size=8,
        rule=rule,
        learning_rate=rate,
        seed=1,
        workers=2,
    )
    assert losses[-1] < losses[0]
    assert separated(net) > 0.5


def test_workers_share_the_text_and_each_word_is_met_once(monkeypatch):
    text = worlds(400)
    monkeypatch.setattr(windows.chunks, "__defaults__", (None, None, 500))
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    counted = workers.shared(onp.zeros((2, 20), int))
    forked = workers.forked

    def count(tables, chunk, *rest):
        onp.add.at(counted[mine[0]], chunk.words, 1)
        return onp.ones(2)

    mine = [0]

    def work_of(work):
        def one(k):
            mine[0] = k
            return work(k)

        return one

    monkeypatch.setattr(
        word2vec, "forked", lambda n, work: forked(n, work_of(work))
    )
    monkeypatch.setattr(net, "_learn_chunk", count)
    assert net.learn(text, 1, workers=2) == [1.0]
    onp.testing.assert_array_equal(counted.sum(0), net.vocabulary.counts)
    assert counted.sum(1).min() > 0.4 * counted.sum()


def test_what_goes_wrong_with_a_worker_is_told():
    text = worlds(40)
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    with pytest.raises(TrainingDiverged, match="`learning_rate`"):
        net.learn(text, 20, learning_rate=1e30, workers=2)
    with pytest.raises(ValueError, match="`watch`.*one worker"):
        net.learn(text, 1, workers=2, watch=print)
    with pytest.raises(ValueError, match="`workers`.*from 1 up"):
        net.learn(text, 1, workers=0)


def test_a_rate_that_is_too_large_is_told():
    text = worlds(64)
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    with pytest.raises(
        TrainingDiverged, match="`learning_rate` must be smaller"
    ):
        net.learn(text, 3, learning_rate=9e8)


def test_progress_is_told():
    text = worlds(100)
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    told = []
    losses = net.learn(text, 3, watch=lambda *now: told.append(now))
    assert [seen for seen, _ in told] == [1000, 2000, 3000]
    assert [loss for _, loss in told] == losses


def test_scores_start_as_the_noises_log_probabilities():
    counts = onp.array([5, 3, 1])
    q = counts**0.75 / (counts**0.75).sum()
    for loss, bias, expected in (
        ("nce", onp.log(q), onp.log(2 * q)),  # ln q and ln K q
        ("negative_sampling", 0 * q, 0 * q),
    ):
        net = Word2Vec(
            Vocabulary(["a", "b", "c"], counts),
            4,
            loss=loss,
            noise="unigram",
            negatives=2,
        )
        net.initialize()
        for found, wanted in (
            (net.bias.data().asnumpy()[:, 0], bias),
            (net.expected.data().asnumpy()[:, 0], expected),
            (net.log_expected, expected),
        ):
            onp.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("model", ["skip_gram", "cbow"])
def test_before_it_has_learned_each_word_is_a_guess(model):
    text = worlds(20)
    net = Word2Vec(
        Vocabulary.count(text),
        4,
        model=model,
        loss="negative_sampling",
        **SMALL,
    )
    # all scores are 0: of a pair, or a word of CBOW, 1 + K times ln 2
    (loss,) = net.learn(text, 1, learning_rate=1e-6)
    assert loss == pytest.approx(6 * onp.log(2), rel=1e-4)


def test_the_tables_are_gluons_parameters():
    text = worlds(20)
    net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
    net.learn(text, 1)
    table = net.inputs.data()
    assert isinstance(table, np.ndarray)
    assert (net.vectors.vectors == table.asnumpy()).all()
    embedding = mx.gluon.nn.Embedding(20, 4)
    embedding.initialize()
    embedding.weight.set_data(table)
    assert (embedding(np.array([3]))[0] == table[3]).all()


def test_several_devices_get_what_was_learned():
    text = worlds(20)
    found = []
    for devices in (mx.cpu(0), [mx.cpu(0), mx.cpu(1)]):
        net = Word2Vec(Vocabulary.count(text), 4, **SMALL)
        mx.random.seed(0)
        net.initialize(ctx=devices)
        net.learn(text, 1)
        found += [p.asnumpy() for p in net.inputs.list_data()]
    assert len(found) == 3
    assert (found[1] == found[2]).all()
    assert (found[0] == found[1]).all()


def test_what_the_host_writes_is_in_the_parameter():
    parameter = mx.gluon.Parameter("x", shape=(3, 2))
    parameter.initialize()
    with host(parameter) as (rows,):
        rows[:] = [[1, 2], [3, 4], [5, 6]]
    assert parameter.data().asnumpy().tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"negatives": 21}, r"`negatives` \(=21\) must .* from 1 to 20"),
        ({"negatives": 0}, "`negatives`"),
        ({"window": 0}, "`window`"),
        ({"window": None}, "`window`"),
        ({"scale": -0.1}, "`scale` .* above 0"),
        ({"window": 2, "skips": 5}, r"`skips` \(=5\) must .* from 1 to 4"),
        ({"dimensions": 1.5}, "`dimensions`"),
        ({"model": "glove"}, '`model` .* "skip_gram" or "cbow"'),
        ({"loss": "softmax"}, '`loss` .* "nce" or'),
        ({"noise": "white"}, "`noise`"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    vocabulary = Vocabulary.count(worlds())
    with pytest.raises(ValueError, match=message):
        Word2Vec(vocabulary, **{"negatives": 5, **settings})
    with pytest.raises(ValueError, match="`vocabulary` .* be a Vocabulary"):
        Word2Vec(WORDS)


@pytest.mark.parametrize(
    ("text", "settings", "kind", "message"),
    [
        (Text.of([""]), {}, DataError, "no two words of the vocabulary"),
        (Text.of(["w1", "w2"]), {}, DataError, "no two words"),
        (Text.of(["w1 w2 w3"]), {}, ValueError, "`window` .* below 3"),
        (onp.array([], int), {}, ValueError, "`text` .* array of numbers"),
        (onp.array([0.5]), {}, ValueError, "`text`"),
        (onp.array([0, 20]), {}, ValueError, "`text` .* from 0 to 19"),
        (worlds(9), {"epochs": 0}, ValueError, "`epochs`"),
        (worlds(9), {"rule": "adam"}, ValueError, '`rule` .* "sgd" or'),
        (worlds(9), {"batch_size": 0}, ValueError, "`batch_size`"),
        (worlds(9), {"learning_rate": 0}, ValueError, "`learning_rate`"),
        (worlds(9), {"final_rate": -1}, ValueError, "`final_rate`"),
        (worlds(9), {"subsample": 2}, ValueError, "`subsample`"),
        (worlds(9), {"learning_rate": "fast"}, ValueError, "`learning_rate`"),
        (worlds(9), {"learning_rate": onp.inf}, ValueError, "`learning_rate`"),
    ],
)
def test_wrong_texts_and_rates_are_named(text, settings, kind, message):
    net = Word2Vec(Vocabulary.count(worlds()), 4, **SMALL)
    with pytest.raises(kind, match=message):
        net.learn(text, **settings)


def test_a_large_vocabulary_costs_a_word_no_more():
    """A step touches rows; the tables' size is nothing to it."""
    from time import process_time

    def seconds(V):
        rng = onp.random.default_rng(0)
        words = [f"w{k}" for k in range(V)]
        net = Word2Vec(Vocabulary(words, range(V, 0, -1)), 16, **SMALL)
        text = rng.integers(0, 2000, 60_000)  # the same words of each
        net.learn(text[:2000], 1)
        begin = process_time()
        net.learn(text, 1, batch_size=1024, learning_rate=1.0)
        return process_time() - begin

    for _ in range(4):
        ratio = seconds(100_000) / seconds(2000)
        if ratio < 2:
            return
    raise AssertionError(f"{ratio:.1f} times as long")
