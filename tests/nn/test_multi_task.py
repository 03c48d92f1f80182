"""Several heads on one body: structure, known values, gradients."""

import numpy as onp
import pytest

from fdl._mxnet import autograd, nn, np
from fdl.nn import Heads, additive_loss, cross_entropy


def two_heads(**options):
    body = nn.Dense(3, in_units=4, activation="tanh")
    heads = {"left": nn.Dense(2, in_units=3), "right": nn.Dense(5, in_units=3)}
    net = Heads(body, heads, **options)
    net.initialize()
    return net


@pytest.mark.parametrize("static", [False, True])
def test_every_head_reads_the_bodys_features(static):
    net = two_heads()
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    x = np.array(
        onp.random.default_rng(0).normal(size=(6, 4)), dtype="float32"
    )
    left, right = net(x)
    h = net.body(x)
    onp.testing.assert_allclose(left.asnumpy(), net.left(h).asnumpy())
    onp.testing.assert_allclose(right.asnumpy(), net.right(h).asnumpy())
    assert net.tasks == ("left", "right")
    names = set(net._collect_params_with_prefix())
    assert {"body.weight", "left.weight", "right.bias"} < names


def test_the_loss_is_the_weighted_sum():
    outputs = (np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    targets = np.array([[1.0, 0.0], [0.0, 5.0]])
    total = additive_loss(
        [
            lambda y, t: (y - t[:, 0]) ** 2,
            lambda y, t: y - t[:, 1],
        ],
        [3, 0.5],
    )
    found = total(outputs, targets).asnumpy()
    onp.testing.assert_allclose(found, [3 * 0 + 5, 3 * 4 + 0.5 * 15])


def test_the_body_gets_the_sum_of_the_heads_gradients():
    net = two_heads()
    x = np.array(
        onp.random.default_rng(1).normal(size=(6, 4)), dtype="float32"
    )
    t = np.array(onp.array([[0, 4], [1, 3], [0, 2], [1, 1], [0, 0], [1, 0]]))
    losses = [
        lambda y, t: cross_entropy(y, t[:, 0]),
        lambda y, t: cross_entropy(y, t[:, 1]),
    ]
    gradients = []
    for weights in ([1, 0], [0, 1], [2, 3]):
        with autograd.record():
            loss = additive_loss(losses, weights)(net(x), t).sum()
        loss.backward()
        gradients.append(net.body.weight.grad().asnumpy().copy())
    first, second, both = gradients
    assert abs(first).max() > 0.01
    assert abs(second).max() > 0.01
    onp.testing.assert_allclose(both, 2 * first + 3 * second, rtol=1e-4)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="`heads` .* name one task"):
        Heads(nn.Dense(2), {})
    with pytest.raises(ValueError, match=r"`heads` \(='forward'\) must be no"):
        Heads(nn.Dense(2), {"forward": nn.Dense(2)})
    with pytest.raises(ValueError, match="`heads` .* name one task"):
        Heads(nn.Dense(2), [nn.Dense(2)])
    loss = additive_loss([lambda y, t: y] * 2, [1, 2])
    for outputs in ((5,), (5, 6, 7)):
        with pytest.raises(ValueError, match="`outputs` .* 2 outputs, one"):
            loss(outputs, 1)
    with pytest.raises(ValueError, match="`weights` .* hold 1 numbers"):
        additive_loss([lambda y, t: y], [1, 2])
    with pytest.raises(ValueError, match="`weights` .* not be negative"):
        additive_loss([lambda y, t: y], [-1])
    with pytest.raises(ValueError, match="`losses` .* hold at least one"):
        additive_loss([], [])
