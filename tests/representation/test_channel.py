"""The channel autoencoder: theory, oracle (QPSK by hand), learns."""

import numpy as np
import pytest

from fdl import nn, optim, train
from fdl._mxnet import autograd, gluon, mx
from fdl._mxnet import np as mxnp
from fdl.representation import Bits, Channel, channel, error_rate, qpsk_error


def trained(**settings):
    net = Channel(**settings)
    train.fit(
        net,
        Bits(net.bits, 500, 100),
        loss=nn.binary_cross_entropy,
        optimizer=optim.Adam(0.005),
        epochs=8,
        seed=0,
    )
    return net


def test_the_theory_is_what_a_hand_made_square_does():
    rng = np.random.default_rng(0)
    for decibels in (0, 4):
        b = rng.integers(2, size=(400_000, 2))
        sent = 2.0 * b - 1  # energy 2, for two bits
        n0 = 10 ** (-decibels / 10)
        got = sent + rng.normal(0, np.sqrt(n0 / 2), sent.shape)
        rate = ((got > 0) != b).mean()
        assert rate == pytest.approx(float(qpsk_error(decibels)), rel=0.03)


def test_what_is_learned_is_as_good_as_the_square():
    net = trained()
    points = net.points()
    np.testing.assert_allclose((points**2).sum(axis=1), 2, rtol=1e-5)
    # neighbours on the circle differ in one bit
    order = np.argsort(np.arctan2(points[:, 1], points[:, 0]))
    words = channel.words(2)[order]
    steps = np.abs(words - np.roll(words, 1, axis=0)).sum(axis=1)
    assert steps.tolist() == [1, 1, 1, 1]
    for decibels in (0.0, 4.0, 7.0):
        rate, low, high = error_rate(net, decibels, 200_000)
        assert low < rate < high
        assert rate < 1.1 * qpsk_error(decibels)
        assert high > qpsk_error(decibels)  # and nobody beats it


def test_bits_are_told_by_the_sign_of_their_logits():
    net = Channel()
    net.sender = gluon.nn.HybridSequential()
    net.sender.add(channel.Signs())
    # a tenth of what arrives, so that no logit is large
    tenth = mx.init.Constant(0.1 * np.eye(2, dtype="float32"))
    net.receiver = gluon.nn.HybridSequential()
    net.receiver.add(
        gluon.nn.Dense(2, in_units=2, use_bias=False, weight_initializer=tenth)
    )
    net.initialize()
    _, low, high = error_rate(net, 3.0, 100_000)
    assert low < qpsk_error(3.0) < high


def test_noise_is_there_at_rest_too_and_has_its_deviation():
    noise = channel.AWGN(0.3)
    x = mxnp.ones((20_000, 2))
    for mode in (autograd.train_mode, autograd.predict_mode):
        with mode():
            y = noise(x).asnumpy()
        assert y.std() == pytest.approx(0.3, rel=0.03)
        assert y.mean() == pytest.approx(1, abs=0.01)
    # at 0 dB a bit's energy is N₀, and each number gets half of it
    assert channel.deviation(0) == pytest.approx(np.sqrt(0.5))
    assert channel.deviation(10) == pytest.approx(np.sqrt(0.05))


def test_words_are_all_the_words():
    found = channel.words(3)
    assert len(set(map(tuple, found))) == 8
    assert found[1].tolist() == [0, 0, 1]


def test_bits_depend_on_seed_and_epoch():
    bits = Bits(3, 4, 2)
    assert len(bits) == 2
    first, again, other = (
        np.concatenate([x for x, _ in bits.epoch(e)]) for e in (0, 0, 1)
    )
    assert first.shape == (8, 3)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert set(np.unique(first)) == {0, 1}


def test_the_interval_is_wilsons():
    low, high = channel.wilson(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    low, high = channel.wilson(0, 100)
    assert low == pytest.approx(0, abs=1e-12)
    assert high == pytest.approx(0.037, abs=1e-3)


def test_bad_input_gets_one_sentence():
    with pytest.raises(ValueError, match="`bits`.*at most 10"):
        Channel(bits=11)
    with pytest.raises(ValueError, match="`uses`.*whole number"):
        Channel(uses=0)
    net = Channel()
    net.initialize()
    with pytest.raises(ValueError, match=r"bits of shape \(B, 2\)"):
        net(mxnp.zeros((2, 3)))
    with pytest.raises(ValueError, match="`words`.*whole number"):
        error_rate(net, 0.0, 0)
    with pytest.raises(ValueError, match=r"`seed` \(=None\).*from 0 up"):
        error_rate(net, 0.0, 10, seed=None)
    with pytest.raises(ValueError, match="`bits`.*whole number"):
        Bits(0, 1, 1)
    with pytest.raises(ValueError, match="`seed`.*from 0 up"):
        Bits(1, 1, 1, seed=-1)
    for wrong in (-0.5, np.nan, "loud"):
        with pytest.raises(ValueError, match="`deviation`.*from 0 up"):
            channel.AWGN(wrong)
    for decibels in (np.nan, "loud", [1, 2]):
        with pytest.raises(ValueError, match="`decibels`"):
            Channel(decibels=decibels)
        with pytest.raises(ValueError, match="`decibels`"):
            error_rate(net, decibels)
    with pytest.raises(ValueError, match="`decibels`.*finite"):
        qpsk_error([0, np.inf])
