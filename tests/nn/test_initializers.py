"""Initializers: known variance, known range, zero biases."""

import math

import numpy as onp
import pytest

from fdl._mxnet import gluon, mx
from fdl.nn import FeedForward, He, TruncatedNormal, initializer


def start(shape, init):
    parameter = gluon.Parameter("weight", shape=shape, init=init)
    parameter.initialize()
    return parameter.data().asnumpy().astype("float64")


@pytest.mark.parametrize("shape", [(500, 200), (200, 500), (64, 16, 5, 5)])
def test_he_has_the_variance_two_over_inputs(shape):
    mx.random.seed(0)
    w = start(shape, He())
    n_in = onp.prod(shape[1:])
    # the sample variance of n normals has relative deviation √(2/n)
    assert abs(w.var() * n_in / 2 - 1) < 5 * onp.sqrt(2 / w.size)
    assert abs(w.mean()) < 5 * onp.sqrt(2 / n_in / w.size)


def test_he_is_normal_and_not_uniform():
    mx.random.seed(0)
    w = start((500, 200), He())
    kurtosis = ((w / w.std()) ** 4).mean()
    assert kurtosis == pytest.approx(3, abs=0.1)  # a uniform has 1.8


def test_he_keeps_the_signal_of_a_deep_relu_network():
    """After 10 layers the mean square is that of the input; without the 2
    it would be 2¹⁰ times smaller.
    """
    mx.random.seed(0)
    net = FeedForward((400,) * 11, hidden="relu", output="relu")
    net.initialize()
    x = onp.random.default_rng(0).normal(size=(50, 400)).astype("float32")
    y = net(mx.np.array(x)).asnumpy()
    assert 1 / 3 < (y**2).mean() / (x**2).mean() < 3


def test_biases_start_at_zero():
    net = FeedForward((20, 30, 5))
    net.initialize()
    for name, parameter in net._collect_params_with_prefix().items():
        at_zero = (parameter.data().asnumpy() == 0).all()
        assert at_zero == name.endswith("bias"), name


def test_he_as_the_default_of_a_plain_layer_leaves_biases_at_zero():
    layer = gluon.nn.Dense(30, in_units=20)
    layer.initialize(He())
    assert (layer.bias.data().asnumpy() == 0).all()
    assert (layer.weight.data().asnumpy() != 0).all()


def test_uniform_fills_minus_one_to_one():
    mx.random.seed(0)
    w = start((300, 300), initializer("uniform"))
    assert -1 <= w.min() < -0.99
    assert 0.99 < w.max() <= 1
    assert w.var() == pytest.approx(1 / 3, rel=0.02)


def test_zeros_are_zero():
    assert (start((3, 4), initializer("zeros")) == 0).all()


def test_an_initializer_of_mxnet_is_handed_through():
    given = mx.init.Constant(2)
    assert initializer(given) is given
    assert (start((3, 4), given) == 2).all()


def test_two_seeds_differ_and_one_seed_repeats():
    mx.random.seed(1)
    first = start((10, 10), He())
    mx.random.seed(1)
    again = start((10, 10), He())
    onp.testing.assert_array_equal(first, again)
    assert abs(start((10, 10), He()) - first).max() > 0.1


def test_a_truncated_normal_has_the_moments_of_one():
    """The variance of N(0, 1) cut at ±2 is 1 − 4 φ(2) / (2 Φ(2) − 1)."""
    mx.random.seed(0)
    w = start((500, 400), TruncatedNormal(0.5)) / 0.5
    phi = onp.exp(-2) / onp.sqrt(2 * onp.pi)
    variance = 1 - 4 * phi / math.erf(onp.sqrt(2))
    assert variance == pytest.approx(0.7737413, abs=1e-7)
    assert w.var() == pytest.approx(variance, rel=0.01)
    assert abs(w).max() <= 2
    assert abs(w).max() > 1.99
    assert abs(w.mean()) < 0.01
    inner = (abs(w) < 1).mean()  # a uniform of that range has 0.5
    assert inner == pytest.approx(0.6827 / 0.9545, abs=0.01)


@pytest.mark.parametrize("sigma", [0, -1, float("inf"), float("nan")])
def test_a_truncated_normal_needs_a_positive_deviation(sigma):
    with pytest.raises(ValueError, match="`sigma` .* must be positive"):
        TruncatedNormal(sigma)
