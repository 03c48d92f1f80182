"""Autoencoders: known values, oracle (NumPy), properties, learns."""

import numpy as np
import pytest

from fdl import data, nn, optim, train
from fdl._mxnet import autograd
from fdl._mxnet import np as mxnp
from fdl.representation import Autoencoder, Coder

SMALL = (12, 8, 5, 2)


def started(net):
    net.initialize()
    return net


def by_hand(net, x):
    """Restore x in NumPy with the running averages, layer by layer."""
    p, h = nn.get_parameters(net), x.astype("float64")
    for half in ("encoder", "decoder"):
        for k in range(3):
            layer, norm = f"{half}.layers.{k}.0", f"{half}.layers.{k}.1"
            z = h @ p[f"{layer}.weight"].T
            z -= p[f"{norm}.running_mean"]
            z /= np.sqrt(p[f"{norm}.running_var"] + 1e-3)
            z = p[f"{norm}.gamma"] * z + p[f"{norm}.beta"]
            h = 1 / (1 + np.exp(-z))
    return h


def learned():
    """A small autoencoder, trained on points that two numbers describe."""
    rng = np.random.default_rng(0)
    t = rng.uniform(-2, 2, (600, 2))
    x = 1 / (1 + np.exp(-t @ rng.normal(size=(2, 12))))
    x = x.astype("float32")
    net = Autoencoder(SMALL)
    history = train.fit(
        net,
        data.Minibatches(x, x, 50),
        loss=nn.distance,
        optimizer=optim.Adam(0.01),
        epochs=20,
        seed=0,
    )
    return net, x, history


def test_it_computes_what_its_equations_say():
    net, x, _ = learned()
    np.testing.assert_allclose(
        train.predict(net, x[:7]), by_hand(net, x[:7]), atol=1e-5
    )


def test_it_learns_to_restore_and_beats_the_mean():
    net, x, history = learned()
    away = np.linalg.norm(train.predict(net, x) - x, axis=1).mean()
    spread = np.linalg.norm(x - x.mean(axis=0), axis=1).mean()
    assert away < 0.25 * spread
    assert history["loss"][-1] < 0.5 * history["loss"][0]


def test_the_two_halves_are_networks_of_their_own():
    net, x, _ = learned()
    codes = train.predict(net.encoder, x)
    assert codes.shape == (600, 2)
    assert ((codes > 0) & (codes < 1)).all()
    np.testing.assert_allclose(
        train.predict(net.decoder, codes), train.predict(net, x), atol=1e-6
    )
    some = mxnp.array(x[:4])
    np.testing.assert_allclose(
        net.decode(net.encode(some)).asnumpy(), net(some).asnumpy()
    )


def test_the_books_network_has_the_books_sizes():
    net = started(Autoencoder())
    shapes = [
        p.shape
        for name, p in net.collect_params().items()
        if name.endswith("weight")
    ]
    assert shapes == [
        *((1000, 784), (500, 1000), (250, 500), (2, 250)),
        *((250, 2), (500, 250), (1000, 500), (784, 1000)),
    ]
    # and of two numbers for each unit, where it is normalized
    count = sum(
        p.data().size
        for p in net.collect_params().values()
        if p.grad_req != "null"
    )
    assert count == 2 * 1_409_500 + 2 * (1000 + 500 + 250) * 2 + 2 * (2 + 784)


def test_weights_start_with_variance_one_over_n():
    net = started(Autoencoder((400, 300, 2)))
    weight = net.encoder.layers[0][0].weight.data().asnumpy()
    assert weight.std() == pytest.approx(1 / 20, rel=0.02)
    assert abs(weight).max() > 3.5 / 20  # not uniform


def test_other_units_and_none_normalized():
    net = started(
        Autoencoder(
            SMALL, activation="relu", code="linear", output="tanh", norm=False
        )
    )
    names = set(nn.get_parameters(net))
    assert "encoder.layers.0.0.bias" in names
    assert not any("gamma" in name for name in names)
    x = np.random.default_rng(0).normal(size=(50, 12)).astype("float32")
    codes = train.predict(net.encoder, x)
    assert codes.min() < 0 < codes.max()
    assert abs(train.predict(net, 9 * x)).max() <= 1
    assert "tanh" in repr(net)
    assert "norm" not in repr(net)
    assert repr(net.encoder) == "Coder(12 → 8 relu → 5 relu → 2 linear)"


def test_hybridized_and_plain_agree_in_training_too():
    x = mxnp.array(np.random.default_rng(0).uniform(size=(9, 12)), "float32")
    plain, compiled = Autoencoder(SMALL), Autoencoder(SMALL)
    started(plain)
    nn.set_parameters(compiled, nn.get_parameters(plain))
    compiled.hybridize(static_alloc=True, static_shape=True)
    grads = []
    for net in (plain, compiled):
        with autograd.record():
            loss = nn.distance(net(x), x)
        loss.backward()
        grads.append(
            [
                p.grad().asnumpy()
                for p in net.collect_params(".*weight").values()
            ]
        )
    for a, b in zip(*grads):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_bad_sizes_get_one_sentence():
    with pytest.raises(ValueError, match="code of at most the 12 inputs"):
        Autoencoder((12, 20, 13))
    Autoencoder((12, 20, 12))
    for sizes in ((12,), (12, 0), (12, 2.5), "12", 12):
        with pytest.raises(ValueError, match="`sizes`.*two whole numbers"):
            Autoencoder(sizes)
    for name in ("activation", "code", "output"):
        with pytest.raises(ValueError, match="must be one of sigmoid, tanh"):
            Autoencoder(SMALL, **{name: "soft"})
    with pytest.raises(ValueError, match="`last`"):
        Coder(SMALL, last="soft")


def test_inputs_of_another_size_get_one_sentence():
    net = started(Autoencoder(SMALL))
    with pytest.raises(ValueError, match=r"must be rows of shape \(B, 12\)"):
        net(mxnp.zeros((3, 11)))
    with pytest.raises(ValueError, match=r"must be rows of shape \(B, 2\)"):
        net.decode(mxnp.zeros((3, 12)))
    with pytest.raises(ValueError, match=r"must be rows of shape \(B, 12\)"):
        net.encode(mxnp.zeros((0, 12)))
