"""Sparse codes: twins (NumPy), properties, learns."""

import numpy as np
import pytest

from fdl import data, optim, scratch, train
from fdl._mxnet import autograd
from fdl._mxnet import np as mxnp
from fdl.nn import distance
from fdl.representation import (
    KSparse,
    KSparseAutoencoder,
    SparseAutoencoder,
    SparseLoss,
    k_sparse,
    strokes,
)


def fit(net, x, loss, epochs=30):
    return train.fit(
        net,
        data.Minibatches(x, x, 50),
        loss=loss,
        optimizer=optim.Adam(0.01),
        epochs=epochs,
        seed=0,
    )


def bars(n=500, seed=0):
    """Pictures of 6 by 6, each the sum of two of twelve bars."""
    rng = np.random.default_rng(seed)
    lines = np.zeros((12, 6, 6), "float32")
    for k in range(6):
        lines[k, k, :] = 1
        lines[6 + k, :, k] = 1
    lines = lines.reshape(12, 36)
    two = np.array([rng.choice(12, 2, replace=False) for _ in range(n)])
    return lines[two].sum(axis=1), lines


@pytest.mark.parametrize("hybrid", [False, True])
def test_it_is_its_numpy_twin_and_so_is_its_gradient(hybrid):
    layer = KSparse(3)
    if hybrid:
        layer.hybridize(static_alloc=True, static_shape=True)
    z = np.random.default_rng(0).normal(size=(20, 8)).astype("float32")
    here = mxnp.array(z)
    here.attach_grad()
    with autograd.record():
        h = layer(here)
        total = (h * h).sum()
    total.backward()
    want, slope = scratch.k_largest(z, 3)
    np.testing.assert_allclose(h.asnumpy(), want)
    np.testing.assert_allclose(here.grad.asnumpy(), 2 * want * slope)
    assert ((h.asnumpy() != 0).sum(axis=1) == 3).all()


def test_k_is_exact_where_values_are_equal():
    z = mxnp.ones((4, 7))
    assert (k_sparse(z, 2).asnumpy().sum(axis=1) == 2).all()


def test_the_k_sparse_code_finds_the_bars():
    x, lines = bars()
    net = KSparseAutoencoder(36, 24, 4)
    before = distance_of(net, x)
    fit(net, x, distance, epochs=60)
    codes = train.predict(net.encoder, x)
    assert ((codes != 0).sum(axis=1) == 4).all()
    assert distance_of(net, x) < 0.25 * before
    # each bar is, nearly, one of the strokes
    learned = strokes(net)
    assert learned.shape == (24, 36)
    learned = learned / np.linalg.norm(learned, axis=1, keepdims=True)
    centred = lines - lines.mean(axis=1, keepdims=True)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    likeness = np.abs(centred @ learned.T).max(axis=1)
    assert np.median(likeness) > 0.7


def distance_of(net, x):
    if not next(iter(net.collect_params().values()))._data:
        net.initialize()
    return np.linalg.norm(train.predict(net, x) - x, axis=1).mean()


def test_the_penalty_makes_units_as_active_as_wanted():
    x, _ = bars()
    means = {}
    for target, weight in ((0.5, 0.0), (0.05, 5.0), (0.2, 5.0)):
        net = SparseAutoencoder(36, 24)
        fit(net, x, SparseLoss(target, weight))
        h = train.predict(net.encoder, x)
        means[target] = h.mean(axis=0)
    assert abs(means[0.05] - 0.05).max() < 0.03
    assert abs(means[0.2] - 0.2).max() < 0.05
    assert means[0.5].std() > 0.05  # left alone, each does as it likes


def test_the_penalty_is_its_numpy_twin():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 5, 4)).astype("float32")
    h = rng.uniform(0.1, 0.9, (5, 3)).astype("float32")
    here = mxnp.array(h)
    here.attach_grad()
    with autograd.record():
        loss = SparseLoss(0.1, 2.0)((mxnp.array(y), here), mxnp.array(x))
        mean = loss.mean()
    mean.backward()
    kl, gradient = scratch.unit_divergence(0.1, h)
    want = np.linalg.norm(y - x, axis=1) + 2 * kl
    np.testing.assert_allclose(loss.asnumpy(), want, rtol=1e-5)
    np.testing.assert_allclose(here.grad.asnumpy(), 2 * gradient, rtol=1e-4)


def test_a_dead_unit_costs_much_and_stays_finite():
    h = mxnp.zeros((4, 3))
    h.attach_grad()
    x = mxnp.zeros((4, 2))
    with autograd.record():
        loss = SparseLoss(0.1, 1.0)((x, h), x).mean()
    loss.backward()
    assert np.isfinite(loss.asnumpy())
    assert float(loss) > 3 * 0.1 * np.log(1e5)
    assert np.isfinite(h.grad.asnumpy()).all()


def test_the_halves_are_networks_of_their_own():
    x, _ = bars(20)
    for net in (KSparseAutoencoder(36, 24, 4), SparseAutoencoder(36, 24)):
        net.initialize()
        some = mxnp.array(x)
        output = net(some)
        y = output[0] if isinstance(output, tuple) else output
        np.testing.assert_allclose(
            net.decode(net.encode(some)).asnumpy(), y.asnumpy(), atol=1e-6
        )


def test_bad_input_gets_one_sentence():
    with pytest.raises(ValueError, match=r"`k` \(=9\) must be at most the 8"):
        KSparseAutoencoder(4, 8, 9)
    with pytest.raises(ValueError, match="`k`.*whole number from 1 up"):
        KSparse(0)
    for target in (0, 1, 1.5):
        with pytest.raises(ValueError, match="`target`.*above 0 and below 1"):
            SparseLoss(target)
    with pytest.raises(ValueError, match="`weight`.*from 0 up"):
        SparseLoss(0.1, -1)
    net = KSparseAutoencoder(36, 8, 2)
    net.initialize()
    for call in (net, net.encode):
        with pytest.raises(ValueError, match=r"rows of shape \(B, 36\)"):
            call(mxnp.zeros((2, 35)))
    other = SparseAutoencoder(36, 8)
    other.initialize()
    for coder in (net, other):
        with pytest.raises(ValueError, match=r"codes of shape \(B, 8\)"):
            coder.decode(mxnp.zeros((2, 9)))
    for k in (0, -1, 1.5):
        with pytest.raises(ValueError, match="`k`.*whole number from 1 up"):
            k_sparse(mxnp.zeros((2, 3)), k)
    with pytest.raises(ValueError, match="`net`.*sparse autoencoder"):
        strokes(net.decoder)
