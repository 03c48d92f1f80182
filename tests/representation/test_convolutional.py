"""The convolutional autoencoder: shapes, learns, errors."""

import numpy as np
import pytest

from fdl import data, nn, optim, train
from fdl._mxnet import np as mxnp
from fdl.representation import ConvAutoencoder


def discs(n=300):
    """Pictures of 8 by 8 of a soft disc somewhere."""
    rng = np.random.default_rng(0)
    i, j = np.mgrid[:8, :8]
    at = rng.uniform(2, 5, (n, 2, 1, 1))
    far = (i - at[:, 0]) ** 2 + (j - at[:, 1]) ** 2
    return np.exp(-far / 3)[:, np.newaxis].astype("float32")


def test_it_learns_where_a_disc_is():
    x = discs()
    net = ConvAutoencoder((1, 8, 8), (8, 8), 2)
    train.fit(
        net,
        data.Minibatches(x, x, 50),
        loss=nn.distance,
        optimizer=optim.Adam(0.01),
        epochs=20,
        seed=0,
    )
    y = train.predict(net, x)
    assert y.shape == x.shape
    gap = np.linalg.norm((y - x).reshape(300, -1), axis=1).mean()
    spread = np.linalg.norm((x.mean(0) - x).reshape(300, -1), axis=1).mean()
    assert gap < 0.4 * spread
    codes = train.predict(net.encoder, x)
    np.testing.assert_allclose(train.predict(net.decoder, codes), y, atol=1e-5)


@pytest.mark.parametrize("image", [(1, 28, 28), (3, 8, 12)])
@pytest.mark.parametrize("kernels", [(4,), (3, 5)])
def test_every_size_comes_back(image, kernels):
    net = ConvAutoencoder(image, kernels, 6)
    net.initialize()
    x = mxnp.zeros((2, *image))
    assert net(x).shape == x.shape
    assert net.encode(x).shape == (2, 6)
    assert net.decode(net.encode(x)).shape == x.shape


def test_bad_sizes_get_one_sentence():
    with pytest.raises(ValueError, match="height and width that 4 divides"):
        ConvAutoencoder((1, 28, 30))
    with pytest.raises(ValueError, match=r"`code` \(=65\).*the 64 inputs"):
        ConvAutoencoder((1, 8, 8), (4,), 65)
    with pytest.raises(ValueError, match="`kernels`.*at least one"):
        ConvAutoencoder((1, 8, 8), ())
    with pytest.raises(ValueError, match="`image`.*3 whole numbers"):
        ConvAutoencoder((8, 8), (4,), 2)
    net = ConvAutoencoder((1, 8, 8), (4,), 2)
    net.initialize()
    with pytest.raises(ValueError, match=r"images of shape \(B, 1, 8, 8\)"):
        net(mxnp.zeros((2, 1, 8, 9)))
    with pytest.raises(ValueError, match=r"codes of shape \(B, 2\)"):
        net.decode(mxnp.zeros((2, 3)))
