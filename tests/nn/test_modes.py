"""Modes: a network at rest has the gradients of its formula at rest."""

import numpy as onp
import pytest

from fdl._mxnet import autograd, mx, nn, np, npx
from fdl.nn import (
    BatchNorm,
    DropoutCell,
    RNNCell,
    at_rest,
    get_parameters,
    run,
    set_parameters,
)
from fdl.nn.modes import line_by_line
from tests.oracles import central_differences

X = onp.random.default_rng(0).normal(size=(2, 2, 6, 6)).astype("float32")


def network(norm):
    """All that differs between training and rest, and max pooling."""
    net = nn.HybridSequential() if norm is nn.BatchNorm else nn.Sequential()
    net.add(
        nn.Conv2D(4, 3, in_channels=2, activation="softrelu"),
        norm(in_channels=4, epsilon=1e-3),
        nn.MaxPool2D(2),
        nn.Dropout(0.5),
        nn.Dense(3, in_units=16),
    )
    net.initialize(mx.init.Normal(0.5))
    arrays = get_parameters(net)
    arrays["1.running_mean"] = onp.array([1.0, -1, 0.5, 2])
    arrays["1.running_var"] = onp.array([0.1, 1, 4, 9])
    set_parameters(net, arrays)
    return net


def gradient(net):
    x = np.array(X)
    x.attach_grad()
    with at_rest(net), autograd.record():
        y = net(x)
        total = y[:, 1].sum()
    total.backward()
    return y.asnumpy(), x.grad.asnumpy()


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("norm", [nn.BatchNorm, BatchNorm])
def test_the_gradient_at_rest_is_the_numeric_one(norm, static):
    net, twin = network(norm), network(norm)
    before = get_parameters(net)
    set_parameters(twin, before)
    twin.cast("float64")
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    resting = net(np.array(X)).asnumpy()

    def total(x):
        return float(twin(np.array(x))[:, 1].sum())

    numeric = central_differences(total, X.astype(float))
    for _ in range(3):  # without it, pooling is a matter of luck
        y, found = gradient(net)
        onp.testing.assert_allclose(y, resting, rtol=1e-5, atol=1e-6)
        onp.testing.assert_allclose(found, numeric, atol=1e-4)
    npx.waitall()
    after = get_parameters(net)
    for name, array in before.items():
        onp.testing.assert_array_equal(after[name], array)


@pytest.mark.parametrize("norm", [nn.BatchNorm, BatchNorm])
def test_afterwards_it_trains_as_before(norm):
    net = network(norm)
    net.hybridize()
    with pytest.raises(ZeroDivisionError), at_rest(net):
        raise ZeroDivisionError
    with autograd.record():
        one, two = net(np.array(X)), net(np.array(X))
    one.backward()
    npx.waitall()
    assert (one.asnumpy() != two.asnumpy()).any()  # dropout
    moved = get_parameters(net)["1.running_mean"]
    assert abs(moved - [1.0, -1, 0.5, 2]).min() > 1e-3


def test_a_network_without_such_layers_stays_compiled():
    net = nn.HybridSequential()
    net.add(nn.Dense(2, in_units=3), nn.MaxPool1D(1))
    net.hybridize()
    with at_rest(net):
        assert net._active
    with line_by_line(net):
        assert not net._active
        assert not net[0]._active
    assert net._active


def test_dropout_around_a_cell_rests_too():
    cell = DropoutCell(RNNCell(4), inputs=0.5, outputs=0.5)
    cell.initialize()
    x = np.ones((2, 6, 3))
    plain = run(cell, x)[0].asnumpy()
    with at_rest(cell), autograd.record():
        resting = run(cell, x)[0].asnumpy()
    assert (resting == plain).all()
    with autograd.record():
        again = run(cell, x)[0].asnumpy()
    assert (again == 0).any()
