"""Tiny data and networks that the tests of training share."""

import numpy as np

from fdl import data
from fdl._mxnet import gluon, mx, nn

LOSS = gluon.loss.SoftmaxCrossEntropyLoss


def rows(n=50, seed=0):
    """Return `(n, 6)` inputs and three learnable classes."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 6)).astype("float32")
    return x, x[:, :3].argmax(axis=1).astype("int32")


def batches(n=50, size=16, seed=0):
    """Return minibatches whose last is smaller than the others."""
    return data.Minibatches(*rows(n), size, seed=seed)


def dense():
    net = nn.HybridSequential()
    net.add(nn.Dense(8, activation="tanh"), nn.Dense(3))
    return net


def everything():
    """Return a net with running statistics and dropout."""
    net = nn.HybridSequential()
    net.add(
        nn.Dense(8),
        nn.BatchNorm(),
        nn.Activation("relu"),
        nn.Dropout(0.5),
        nn.Dense(3),
    )
    return net


def sgd(learning_rate=0.1, **settings):
    return mx.optimizer.SGD(learning_rate=learning_rate, **settings)


def values(net, device=None):
    """Return all parameters of a net, running statistics included."""
    mx.npx.waitall()
    found = net._collect_params_with_prefix()
    return [
        p.data(device or p.list_ctx()[0]).asnumpy() for p in found.values()
    ]


def assert_same_bits(net, other):
    """Raise unless both nets hold exactly the same numbers."""
    ours, theirs = values(net), values(other)
    assert len(ours) == len(theirs) > 0
    for one, two in zip(ours, theirs):
        np.testing.assert_array_equal(one, two)
