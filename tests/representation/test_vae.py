"""The variational autoencoder: known values, twins, properties, learns."""

import numpy as np
import pytest

from fdl import data, nn, optim, scratch, train
from fdl._mxnet import autograd
from fdl._mxnet import np as mxnp
from fdl.representation import VAE, NegativeELBO


def points(n=600):
    """Grey values that two numbers describe."""
    rng = np.random.default_rng(0)
    t = rng.normal(size=(n, 2))
    z = 3 * t @ rng.normal(size=(2, 12))
    return (1 / (1 + np.exp(-z))).astype("float32")


def fit(net, x, weight=1.0, epochs=40):
    return train.fit(
        net,
        data.Minibatches(x, x, 50),
        loss=NegativeELBO(weight),
        optimizer=optim.Adam(0.005),
        epochs=epochs,
        seed=0,
    )


@pytest.mark.parametrize("hybrid", [False, True])
def test_the_bound_is_its_numpy_twins(hybrid):
    rng = np.random.default_rng(0)
    logits, x = rng.normal(0, 3, (6, 4)), rng.uniform(size=(6, 4))
    mean, ln_v = rng.normal(size=(2, 6, 3))
    loss = NegativeELBO(0.7)
    if hybrid:
        loss.hybridize(static_alloc=True, static_shape=True)
    arrays = [mxnp.array(a, dtype="float32") for a in (logits, mean, ln_v, x)]
    for a in arrays:
        a.attach_grad()
    with autograd.record():
        found = loss(tuple(arrays[:3]), arrays[3])
    found.backward()
    y = scratch.sigmoid(logits)
    bits = -(x * np.log(y) + (1 - x) * np.log(1 - y)).sum(axis=1)
    kl, by_mean, by_ln_v = scratch.normal_divergence(mean, ln_v)
    np.testing.assert_allclose(found.asnumpy(), bits + 0.7 * kl, rtol=1e-5)
    for a, want in zip(arrays, (y - x, 0.7 * by_mean, 0.7 * by_ln_v)):
        np.testing.assert_allclose(a.grad.asnumpy(), want, atol=1e-5)


def test_the_divergence_has_its_known_values():
    one = mxnp.array([[0.0], [120.0], [-120.0]])
    for mean, kl in ((0.0, 0.0), (1.0, 0.5)):
        output = (one, mxnp.full((3, 1), mean), mxnp.zeros((3, 1)))
        bits = NegativeELBO(0.0)(output, mxnp.ones((3, 1)))
        found = (NegativeELBO()(output, mxnp.ones((3, 1))) - bits).asnumpy()
        np.testing.assert_allclose(found, kl, atol=1e-4)


def test_the_bound_is_finite_at_extreme_logits():
    logits = mxnp.array([[120.0, -120.0], [120.0, -120.0]])
    x = mxnp.array([[1.0, 0.0], [0.0, 1.0]])
    logits.attach_grad()
    nothing = mxnp.zeros((2, 1))
    with autograd.record():
        loss = NegativeELBO()((logits, nothing, nothing), x)
    loss.backward()
    np.testing.assert_allclose(loss.asnumpy(), [0, 240], atol=1e-5)
    np.testing.assert_allclose(
        logits.grad.asnumpy(), [[0, 0], [1, -1]], atol=1e-5
    )


@pytest.mark.parametrize("hybrid", [False, True])
def test_every_pass_draws_anew_from_the_cloud(hybrid):
    net = VAE((12, 8, 2))
    net.initialize()
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    x = mxnp.array(np.tile(points(1), (4000, 1)))
    # logits that show z: the last layers as they are, and twice
    a, mean, ln_v = (o.asnumpy() for o in net(x))
    b, again, _ = (o.asnumpy() for o in net(x))
    np.testing.assert_array_equal(mean, again)
    assert (a != b).any()
    assert (a[0] != a[1]).any()
    want = scratch.draw_latent(
        mean, ln_v, np.random.default_rng(0).normal(size=mean.shape)
    )
    twin = net.decoder(mxnp.array(want, dtype="float32")).asnumpy()
    np.testing.assert_allclose(a.mean(0), twin.mean(0), atol=0.06)
    np.testing.assert_allclose(a.std(0), twin.std(0), rtol=0.1)


def test_it_learns_and_its_clouds_fill_a_ball():
    x = points()
    net = VAE((12, 32, 2))
    history = fit(net, x)
    assert history["loss"][-1] < history["loss"][0] - 1
    middles = net.encode(mxnp.array(x)).asnumpy()
    gap = net.decode(mxnp.array(middles)).asnumpy() - x
    spread = x - x.mean(axis=0)
    assert (gap**2).sum() < 0.3 * (spread**2).sum()
    # all clouds together are about N(0, 1)
    _, mean, ln_v = (o.asnumpy() for o in net(mxnp.array(x)))
    np.testing.assert_allclose(mean, middles, atol=1e-6)
    total = mean.var(axis=0) + np.exp(ln_v).mean(axis=0)
    np.testing.assert_allclose(total, 1, atol=0.25)
    # with nothing to hold them they shrink, and move apart
    loose = VAE((12, 32, 2))
    fit(loose, x, weight=0.0)
    _, far, ln_small = (o.asnumpy() for o in loose(mxnp.array(x)))
    assert far.std() > 1.5 * mean.std()
    assert np.exp(ln_small).mean() < 0.5 * np.exp(ln_v).mean()


def test_bad_input_gets_one_sentence():
    with pytest.raises(ValueError, match="a hidden layer between"):
        VAE((12, 2))
    with pytest.raises(ValueError, match="at most 12 latent"):
        VAE((12, 20, 13))
    with pytest.raises(ValueError, match="`weight`.*from 0 up"):
        NegativeELBO(-1)
    net = VAE((12, 8, 2))
    net.initialize()
    for call in (net, net.encode):
        with pytest.raises(ValueError, match=r"rows of shape \(B, 12\)"):
            call(mxnp.zeros((2, 11)))
    with pytest.raises(ValueError, match=r"rows of shape \(B, 2\)"):
        net.decode(mxnp.zeros((2, 3)))


def test_binary_cross_entropy_is_the_scratch_networks():
    rng = np.random.default_rng(0)
    z, t = rng.normal(size=(3, 5)), rng.uniform(size=(3, 5))
    want, _ = scratch.losses.sigmoid_cross_entropy(z, scratch.sigmoid(z), t)
    found = nn.binary_cross_entropy(mxnp.array(z), mxnp.array(t))
    assert float(found.sum()) == pytest.approx(want)
    assert found.shape == (3,)
