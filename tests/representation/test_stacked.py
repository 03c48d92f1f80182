"""Greedy stacking: what goes where, and that it helps a deep network."""

import numpy as np
import pytest

from fdl import data, nn, optim, train
from fdl.representation import Autoencoder, stack

SIZES = (12, 8, 5, 2)


def fit(net, h, epochs=15, rate=0.01):
    return train.fit(
        net,
        data.Minibatches(h, h, 50),
        loss=nn.distance,
        optimizer=optim.Adam(rate),
        epochs=epochs,
        seed=0,
    )


def points():
    rng = np.random.default_rng(0)
    t = rng.uniform(-2, 2, (400, 2))
    return (1 / (1 + np.exp(-t @ rng.normal(size=(2, 12))))).astype("float32")


@pytest.mark.parametrize("norm", [False, True])
def test_the_pairs_end_up_in_their_places(norm):
    pairs = []

    def keep(net, h):
        fit(net, h, epochs=1)
        pairs.append(net)

    x = points()
    deep = stack(
        *(x, SIZES, keep),
        norm=norm,
        activation="tanh",
        code="linear",
        output="sigmoid",
    )
    assert [pair.sizes for pair in pairs] == [(12, 8), (8, 5), (5, 2)]
    assert [pair.decoder.last for pair in pairs] == ["sigmoid", "tanh", "tanh"]
    assert [pair.encoder.last for pair in pairs] == ["tanh", "tanh", "linear"]
    h = x
    for pair in pairs:
        h = train.predict(pair.encoder, h)
    np.testing.assert_allclose(train.predict(deep.encoder, x), h, atol=1e-6)
    for pair in pairs[::-1]:
        h = train.predict(pair.decoder, h)
    np.testing.assert_allclose(train.predict(deep, x), h, atol=1e-6)


def test_a_stack_starts_better_than_chance_and_fine_tuning_improves_it():
    x = points()
    deep = stack(x, SIZES, fit)
    fresh = Autoencoder(SIZES)
    fresh.initialize()

    def away(net):
        return np.linalg.norm(train.predict(net, x) - x, axis=1).mean()

    start = away(deep)
    assert start < 0.7 * away(fresh)
    fit(deep, x, rate=0.001)
    assert away(deep) < start


def test_bad_sizes_are_the_autoencoders():
    with pytest.raises(ValueError, match="code of at most the 12 inputs"):
        stack(points(), (12, 8, 13), fit)
