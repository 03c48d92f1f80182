"""Oracle and known value: the sampled softmax, and perplexities."""

import math

import numpy as onp
import pytest

from fdl import data, optim, train
from fdl._mxnet import autograd, np
from fdl.language import (
    SampledTranslator,
    SentenceLoss,
    Translator,
    perplexities,
)
from fdl.language.translation_loss import draw, log_uniform

V = 40


def net_and_batch():
    net = Translator(30, V, embedding=6, hidden=7)
    net.initialize()
    net.bias.set_data(np.random.normal(0, 1, (V,)))
    source = np.array([[4, 5, 6], [0, 7, 8]], dtype="int32")
    given = np.array([[1, 5, 6], [1, 9, 0]], dtype="int32")
    wanted = np.array([[5, 6, 2], [9, 2, 0]], dtype="int32")
    return net, source, given, wanted


def test_common_words_are_drawn_more_often_and_all_in_all_one():
    q = log_uniform(5000)
    assert q.sum() == pytest.approx(1)
    assert (onp.diff(q) < 0).all()
    # q_w = (ln(w + 2) − ln(w + 1)) / ln(V + 1)
    assert q[0] == pytest.approx(math.log(2) / math.log(5001))
    assert q[-1] == pytest.approx(math.log(5001 / 5000) / math.log(5001))


def test_the_sampled_loss_is_that_of_its_words():
    net, source, given, wanted = net_and_batch()
    sampled = SampledTranslator(net, 16)
    onp.random.seed(3)
    drawn = draw(V, 16)
    onp.random.seed(3)
    with autograd.record():
        found = sampled(source, given, wanted)
    z = net(source, given).asnumpy().astype(float)
    expected = onp.log(16 * log_uniform(V))
    for row in range(2):
        each = []
        for t, word in enumerate(wanted[row].asnumpy()):
            if word == 0:
                continue
            among = [word, *(k for k in drawn if k != word)]
            s = z[row, t, among] - expected[among]
            each.append(onp.log(onp.exp(s).sum()) - s[0])
        assert float(found[row]) == pytest.approx(onp.mean(each), rel=1e-4)


def test_draws_follow_the_distribution():
    seen = draw(V, 40_000)
    share = onp.bincount(seen, minlength=V) / len(seen)
    q = log_uniform(V)
    # the last word comes, too, and none behind it
    assert len(share) == V
    assert (abs(share - q) < 4 * onp.sqrt(q * (1 - q) / len(seen))).all()
    for wrong in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match="from 1 up"):
            draw(*wrong)


def test_on_validation_it_is_the_true_loss():
    net, source, given, wanted = net_and_batch()
    true = SentenceLoss()(net(source, given), wanted).asnumpy()
    found = SampledTranslator(net, 4)(source, given, wanted).asnumpy()
    assert found == pytest.approx(true, abs=1e-6)


def test_training_on_samples_lowers_the_true_loss():
    net, source, given, wanted = net_and_batch()
    x = tuple(a.asnumpy() for a in (source, given, wanted))
    history = train.fit(
        SampledTranslator(net, 8),
        [(x, x[2])],
        loss=lambda output, y: output,
        optimizer=optim.Adam(0.05),
        epochs=60,
        validation=[(x, x[2])],
        seed=0,
    )
    curve = history["validation_loss"]
    assert curve[-1] < 0.2 * curve[0]


def test_the_perplexity_of_knowing_nothing_is_the_number_of_words():
    net = Translator(30, V, embedding=6, hidden=7)
    net.initialize()
    net.target_vectors.set_data(np.zeros((V, 6)))
    pairs = data.PairBuckets([[4], [5] * 17], [[5], [6] * 18], 2)
    assert perplexities(net, pairs) == [
        pytest.approx(V, rel=1e-5),
        None,
        pytest.approx(V, rel=1e-5),
        None,
    ]


def test_a_perplexity_weighs_every_token_alike():
    net, *_ = net_and_batch()
    net.target_vectors.set_data(np.zeros((V, 6)))
    bias = net.bias.data().asnumpy().astype(float)
    log_p = bias - onp.log(onp.exp(bias).sum())
    targets = [[5, 6, 7], [9], [9, 9]]
    pairs = data.PairBuckets([[4]] * 3, targets, 2)
    said = [w for row in targets for w in (*row, 2)]
    by_hand = math.exp(-log_p[said].mean())
    assert perplexities(net, pairs)[0] == pytest.approx(by_hand, rel=1e-5)
