"""Oracle, property, gradient, learns: encoder, attention and decoder."""

import numpy as onp
import pytest

from fdl import data, optim, train
from fdl._mxnet import autograd, gluon, np
from fdl.language import SentenceLoss, Translator
from fdl.nn import get_parameters, run
from tests.language import oracles_translation as oracle

KINDS = [
    ("gru", "none", False, 1),
    ("gru", "dot", False, 1),
    ("gru", "dot", True, 2),
    ("gru", "additive", False, 2),
    ("lstm", "additive", True, 1),
    ("lstm", "dot", False, 2),
    ("lstm", "none", False, 1),
]


def translator(cell="gru", attention="dot", feed=False, layers=1, hidden=5):
    net = Translator(
        9,
        8,
        embedding=4,
        hidden=hidden,
        layers=layers,
        cell=cell,
        attention=attention,
        feed=feed,
    )
    net.initialize()
    net(numbers([3]), numbers([1]))  # now all shapes are known
    for name, p in net._collect_params_with_prefix().items():
        if not (name.endswith("bias") and name.startswith("encoder")):
            p.set_data(np.random.normal(0, 0.6, p.shape))
    return net


def numbers(*rows):
    return np.array(rows, dtype="int32")


@pytest.mark.parametrize("kind", KINDS)
def test_logits_and_weights_are_those_of_the_equations(kind):
    cell, attention, feed, layers = kind
    net = translator(*kind)
    p = {k: v.astype(float) for k, v in get_parameters(net).items()}
    source, given = [7, 3, 5], [1, 6, 4, 4]
    logits, weights = oracle.translate(
        p, source, given, cell, attention, feed, layers, 5
    )
    found = net(numbers(source), numbers(given)).asnumpy()[0]
    assert found == pytest.approx(logits, abs=2e-5)
    if attention == "none":
        return
    memory = net.read(numbers(source))
    seen = net.weights(numbers(given), memory).asnumpy()[0]
    assert seen == pytest.approx(weights, abs=1e-5)
    assert seen.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("kind", KINDS)
def test_steps_give_what_all_at_once_give(kind):
    net = translator(*kind)
    source, given = numbers([7, 3, 5], [0, 2, 8]), numbers([1, 6], [1, 5])
    whole = net(source, given).asnumpy()
    memory = net.read(source)
    state = memory.state
    for t in range(2):
        logits, state = net.step(given[:, t], state, memory)
        assert logits.asnumpy() == pytest.approx(whole[:, t], abs=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_nothing(kind):
    net = translator(*kind)
    short, long = numbers([7, 3, 5]), numbers([0, 0, 0, 7, 3, 5])
    given, more = numbers([1, 6, 4]), numbers([1, 6, 4, 0, 0])
    a, b = net(short, given).asnumpy(), net(long, more).asnumpy()
    assert (a == b[:, :3]).all() or a == pytest.approx(b[:, :3], abs=1e-6)
    if kind[1] != "none":
        weights = net.weights(given, net.read(long)).asnumpy()
        assert (weights[:, :, :3] == 0).all()
    # a word in its place is no padding
    other = net(numbers([0, 0, 2, 7, 3, 5]), more).asnumpy()
    assert abs(other - b).max() > 1e-3


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind[2]])
def test_compiled_it_gives_the_same(kind):
    net = translator(*kind)
    source, given = numbers([7, 3, 5], [0, 2, 8]), numbers([1, 6], [1, 5])
    plain = net(source, given).asnumpy()
    net.hybridize(static_alloc=True, static_shape=True)
    assert net(source, given).asnumpy() == pytest.approx(plain, abs=1e-6)


def test_the_fixed_context_hides_all_but_the_last_state():
    net = translator("gru", "none")
    memory = net.read(numbers([7, 3, 5]))
    word = numbers([1])[0]
    before, _ = net.step(word, memory.state, memory)
    nothing = memory._replace(keys=memory.keys * 0)
    after, _ = net.step(word, memory.state, nothing)
    assert (before.asnumpy() == after.asnumpy()).all()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_learns_but_the_encoders_biases(kind):
    net = translator(*kind)
    source, given = numbers([7, 3, 5], [0, 2, 8]), numbers([1, 6], [1, 5])
    with autograd.record():
        loss = SentenceLoss()(net(source, given), numbers([6, 2], [5, 2]))
    loss.backward()
    for name, p in net._collect_params_with_prefix().items():
        if name.startswith("encoder") and name.endswith("bias"):
            assert p.grad_req == "null"
            assert (p.data().asnumpy() == 0).all()
        else:
            assert abs(p.grad().asnumpy()).max() > 1e-6, name


def reversals(n=600, seed=0):
    """Pairs in which the target is the source turned round, one higher."""
    rng = onp.random.default_rng(seed)
    sources = [rng.integers(4, 12, rng.integers(2, 6)) for _ in range(n)]
    return sources, [row[::-1] + 1 for row in sources]


@pytest.mark.parametrize(
    ("attention", "feed"), [("dot", False), ("additive", True)]
)
def test_a_small_language_is_learned(attention, feed):
    sources, targets = reversals()
    pairs = data.PairBuckets(
        sources, targets, 20, buckets=((3, 4), (6, 7)), reverse=False
    )
    net = Translator(
        12, 13, embedding=16, hidden=32, attention=attention, feed=feed
    )
    history = train.fit(
        net,
        pairs,
        loss=SentenceLoss(),
        optimizer=optim.Adam(0.01),
        epochs=8,
        seed=0,
        hybridize=not feed,
    )
    assert history["loss"][0] > 1.5
    assert history["loss"][-1] < 0.2


def test_dropout_is_between_layers_while_training():
    x = np.ones((2, 6, 4))
    for layers, share, alike in (
        (2, 0.5, False),
        (2, 0, True),
        (1, 0.5, True),
    ):
        net = Translator(9, 8, embedding=4, layers=layers, dropout=share)
        net.initialize()
        for half in (net.encoder, net.decoder):
            with autograd.train_mode():
                (one, _), (two, _) = run(half, x), run(half, x)
            assert bool((one == two).all()) is alike
            (one, _), (two, _) = run(half, x), run(half, x)
            assert (one == two).all()


def test_the_loss_is_the_mean_over_words_and_no_padding():
    logits = np.random.normal(0, 1, (2, 3, 5))
    wanted = numbers([4, 3, 2], [2, 0, 0])
    z = logits.asnumpy().astype(float)
    log_p = z - onp.log(onp.exp(z).sum(-1, keepdims=True))
    by_hand = [-(log_p[0, 0, 4] + log_p[0, 1, 3] + log_p[0, 2, 2]) / 3]
    by_hand.append(-log_p[1, 0, 2])
    found = SentenceLoss()(logits, wanted).asnumpy()
    assert found == pytest.approx(by_hand, abs=1e-5)
    assert SentenceLoss.class_axis == -1
    assert isinstance(SentenceLoss(), gluon.HybridBlock)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cell": "rnn"}, r"`cell` \(='rnn'\) must be \"gru\" or \"lstm\""),
        (
            {"attention": "all"},
            r"`attention` \(='all'\) must be one of none, ",
        ),
        ({"attention": "none", "feed": True}, r"`feed` .* with attention"),
        ({"hidden": 0}, r"`hidden` \(=0\)"),
        ({"layers": 1.5}, r"`layers` \(=1.5\)"),
        ({"dropout": 1.0}, r"`dropout` \(=1.0\)"),
        ({"sources": 1}, r"`sources` \(=1\)"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(changes, message):
    with pytest.raises(ValueError, match=message):
        Translator(**{"sources": 9, "targets": 8, **changes})


def test_without_attention_there_are_no_weights():
    net = translator("gru", "none")
    memory = net.read(np.array([[7, 5]]))
    with pytest.raises(
        ValueError, match=r"`attention` \(='none'\) must be dot"
    ):
        net.weights(np.array([[1]]), memory)


def test_it_says_what_it_is():
    text = repr(translator("lstm", "dot", layers=2))
    assert text == "Translator(9 → 8 words, 2 × 5 LSTM, attention: dot)"


@pytest.mark.parametrize("feed", [False, True])
def test_dropout_is_on_words_and_answers_while_training(feed):
    """Each of the three places alone, seen by what passes through it."""
    net = Translator(9, 8, embedding=40, hidden=5, dropout=0.5, feed=feed)
    net.initialize()
    seen = {}
    for name in ("encoder", "decoder"):
        cell = getattr(net, name)
        plain = cell.unroll

        def unroll(x, *args, name=name, plain=plain):
            seen.setdefault(name, []).append(x)
            return plain(x, *args)

        cell.unroll = unroll
    source, given = numbers([4, 5, 6]), numbers([1, 6])
    for training in (True, False):
        seen.clear()
        with autograd.record(train_mode=training):
            answers = net.answers(source, given)
        words = [seen["encoder"][0], *seen["decoder"]]
        for x in (*(x[:, :, :40] for x in words), answers):
            share = float((x == 0).mean())
            assert 0.2 < share < 0.8 if training else share == 0
