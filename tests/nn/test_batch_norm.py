"""Batch normalization from scratch.

Known values, oracle (NumPy; Gluon's layer), gradients (float64, central
differences), properties, negative controls (arguments).
"""

import numpy as onp
import pytest

from fdl._mxnet import autograd, gluon, mx, np, npx
from fdl.errors import ShapeError
from fdl.nn import BatchNorm
from fdl.nn.batch_norm import moments, normalize

SHAPES = [(7, 4), (5, 4, 3, 2)]
THEIRS = gluon.nn.BatchNorm


def drawn(shape, seed=0, dtype="float32"):
    rng = onp.random.default_rng(seed)
    return (2 + 3 * rng.normal(size=shape)).astype(dtype)


def build(layer, C=4, seed=1, dtype="float64"):
    """Give a layer parameters that are not its first ones."""
    layer.cast(dtype)
    layer.initialize()
    rng = onp.random.default_rng(seed)
    for name in ("gamma", "beta", "running_mean", "running_var"):
        value = rng.normal(size=C)
        if name == "running_var":
            value = abs(value) + 0.5
        parameter = getattr(layer, name)
        parameter.shape = (C,)
        if parameter._deferred_init:
            parameter._finish_deferred_init()
        parameter.set_data(np.array(value, dtype=dtype))
    return layer


def values(layer):
    npx.waitall()
    return {
        name: getattr(layer, name).data().asnumpy()
        for name in ("gamma", "beta", "running_mean", "running_var")
    }


def shaped(v, x, axis=1):
    shape = [1] * x.ndim
    shape[axis] = -1
    return v.reshape(shape)


def numpys(x, p, epsilon=1e-3):
    """Normalize by the batch's own moments."""
    axes = tuple(k for k in range(x.ndim) if k != 1)
    mean = x.mean(axis=axes, keepdims=True)
    var = x.var(axis=axes, keepdims=True)
    xhat = (x - mean) / onp.sqrt(var + epsilon)
    return shaped(p["gamma"], x) * xhat + shaped(p["beta"], x)


def train(layer, x):
    with autograd.record():
        y = layer(np.array(x))
    y.backward()
    return y.asnumpy()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", [BatchNorm, THEIRS])
def test_a_constant_input_gives_the_offset_exactly(shape, kind):
    layer = kind(beta_initializer=mx.init.Constant(2.0), epsilon=1e-3)
    layer.initialize()
    x = onp.full(shape, 7.25, "float32")
    onp.testing.assert_array_equal(train(layer, x), 2.0)
    # at inference by running moments that have come to the batch's
    layer.running_mean.set_data(np.full((4,), 7.25))
    onp.testing.assert_array_equal(layer(np.array(x)).asnumpy(), 2.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_channel_comes_out_with_mean_0_and_variance_1(shape):
    layer = BatchNorm(epsilon=1e-8)
    layer.initialize()
    scale = shaped(onp.array([0.1, 1, 10, 100], "float32"), drawn(shape))
    y = train(layer, drawn(shape) * scale)
    axes = (0, *range(2, len(shape)))
    onp.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-5)
    onp.testing.assert_allclose(y.var(axis=axes), 1, atol=1e-4)


def test_moments_are_of_everything_but_the_channels():
    x = drawn((3, 4, 2, 5), dtype="float64")
    for axis, others in ((1, (0, 2, 3)), (-1, (0, 1, 2)), (3, (0, 1, 2))):
        mean, var = moments(np.array(x), axis)
        onp.testing.assert_allclose(mean.asnumpy(), x.mean(axis=others))
        onp.testing.assert_allclose(var.asnumpy(), x.var(axis=others))


@pytest.mark.parametrize("shape", SHAPES)
def test_training_is_the_equations(shape):
    layer = build(BatchNorm())
    x = drawn(shape, dtype="float64")
    want = numpys(x, values(layer))
    onp.testing.assert_allclose(train(layer, x), want, rtol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_inference_uses_the_running_moments_and_leaves_them_alone(shape):
    layer = build(BatchNorm())
    x, before = drawn(shape, dtype="float64"), values(layer)
    mean, var, gamma, beta = (
        shaped(before[k], x)
        for k in ("running_mean", "running_var", "gamma", "beta")
    )
    want = gamma * (x - mean) / onp.sqrt(var + 1e-3) + beta
    whole = layer(np.array(x)).asnumpy()
    onp.testing.assert_allclose(whole, want, rtol=1e-10)
    # a prediction does not depend on its neighbours
    onp.testing.assert_array_equal(layer(np.array(x[:1])).asnumpy(), whole[:1])
    with autograd.record(train_mode=False):
        layer(np.array(x))
    for name, value in values(layer).items():
        onp.testing.assert_array_equal(value, before[name])


@pytest.mark.parametrize("shape", SHAPES)
def test_the_running_moments_are_exponential_averages(shape):
    layer = build(BatchNorm(momentum=0.8))
    want = values(layer)
    axes = (0, *range(2, len(shape)))
    for seed in range(3):
        x = drawn(shape, seed, "float64")
        train(layer, x)
        for name, now in (
            ("running_mean", x.mean(axis=axes)),
            ("running_var", x.var(axis=axes)),
        ):
            want[name] = 0.8 * want[name] + 0.2 * now
            onp.testing.assert_allclose(
                values(layer)[name], want[name], rtol=1e-10
            )


@pytest.mark.parametrize("shape", SHAPES)
def test_training_and_inference_agree_once_the_averages_have_settled(shape):
    layer = BatchNorm()
    layer.initialize()
    x = drawn((40, *shape[1:]))
    for _ in range(100):
        trained = train(layer, x)
    inferred = layer(np.array(x)).asnumpy()
    onp.testing.assert_allclose(inferred, trained, atol=1e-3)


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "settings",
    [{}, {"scale": False}, {"center": False}, {"use_global_stats": True}],
)
def test_it_is_the_twin_of_gluons(shape, settings, static):
    """Step by step: outputs, gradients, averages."""
    pair = [
        build(kind(momentum=0.7, epsilon=1e-3, **settings), dtype="float32")
        for kind in (BatchNorm, THEIRS)
    ]
    # frozen parameters of both stay what they start as
    for layer in pair:
        if settings == {"scale": False}:
            layer.gamma.set_data(np.ones(4))
        if settings == {"center": False}:
            layer.beta.set_data(np.zeros(4))
    if static:
        pair[1].hybridize(static_alloc=True, static_shape=True)
    weight = np.array(drawn(shape, 9))
    for seed in range(3):
        found = []
        for layer in pair:
            x = np.array(drawn(shape, seed))
            x.attach_grad()
            with autograd.record():
                y = layer(x)
                loss = (weight * y * y).sum()
            loss.backward()
            grads = [
                getattr(layer, name).grad().asnumpy()
                for name in ("gamma", "beta")
                if getattr(layer, name).grad_req != "null"
            ]
            found.append([y.asnumpy(), x.grad.asnumpy(), *grads])
        for ours, theirs in zip(*found):
            size = abs(theirs).max()
            onp.testing.assert_allclose(
                ours, theirs, rtol=1e-4, atol=1e-4 * size
            )
        for name in ("running_mean", "running_var"):
            onp.testing.assert_allclose(
                values(pair[0])[name], values(pair[1])[name], rtol=1e-5
            )
    x = np.array(drawn(shape, 5))
    onp.testing.assert_allclose(
        pair[0](x).asnumpy(), pair[1](x).asnumpy(), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradients_are_the_numeric_ones(shape):
    layer = build(BatchNorm())
    x, p = drawn(shape, dtype="float64"), values(layer)
    weight = drawn(shape, 9, "float64")
    given = np.array(x)
    given.attach_grad()
    with autograd.record():
        y = layer(given)
        loss = (np.array(weight) * y * y).sum()
    loss.backward()

    def total(x, p):
        return (weight * numpys(x, p) ** 2).sum()

    def numeric(f, at):
        gradient = onp.zeros(at.shape)
        for index in onp.ndindex(*at.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = at.copy()
                moved[index] += step
                ends.append(f(moved))
            gradient[index] = (ends[0] - ends[1]) / 2e-6
        return gradient

    for ours, want in (
        (given.grad, numeric(lambda v: total(v, p), x)),
        (
            layer.gamma.grad(),
            numeric(lambda v: total(x, {**p, "gamma": v}), p["gamma"]),
        ),
        (
            layer.beta.grad(),
            numeric(lambda v: total(x, {**p, "beta": v}), p["beta"]),
        ),
    ):
        error = abs(ours.asnumpy() - want).max() / abs(want).max()
        assert error < 1e-6


def test_the_gradient_goes_through_mean_and_variance():
    """The outputs do not see a shift or a stretch, so neither has one."""
    layer = BatchNorm(epsilon=1e-9)
    layer.cast("float64")
    layer.initialize()
    x = np.array(drawn((6, 3), dtype="float64"))
    x.attach_grad()
    with autograd.record():
        y = layer(x)
        loss = (y**3).sum()
    loss.backward()
    g, x = x.grad.asnumpy(), x.asnumpy()
    onp.testing.assert_allclose(g.sum(axis=0), 0, atol=1e-8)
    onp.testing.assert_allclose((g * x).sum(axis=0), 0, atol=1e-7)
    assert abs(g).max() > 0.01


def test_the_constructor_is_gluons_but_for_the_books_epsilon():
    import inspect

    ours, theirs = (
        inspect.signature(kind.__init__).parameters
        for kind in (BatchNorm, THEIRS)
    )
    assert list(ours) == list(theirs)
    defaults = {
        k: v.default for k, v in theirs.items() if v.default != v.empty
    }
    defaults["epsilon"] = 1e-3
    assert {k: ours[k].default for k in defaults} == defaults


def test_channels_may_be_told_late_and_elsewhere():
    layer = BatchNorm(axis=-1)
    layer.initialize()
    y = train(layer, drawn((5, 2, 3)))
    assert layer.gamma.shape == (3,)
    onp.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-5)
    assert repr(layer) == "BatchNorm(3 channels, momentum=0.9, epsilon=0.001)"
    assert "? channels" in repr(BatchNorm())


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((5,), r"`x` \(=of shape \(5,\)\) must have a batch first"),
        ((5, 3), r"`x` \(=of shape \(5, 3\)\) must have 4 channels on axis 1"),
    ],
)
def test_wrong_inputs_are_named(shape, message):
    layer = BatchNorm(in_channels=4)
    layer.initialize()
    with pytest.raises(ShapeError, match=message):
        layer(np.zeros(shape))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"momentum": 1},
            r"`momentum` \(=1\) must be a number from 0 up and below 1",
        ),
        ({"epsilon": 0}, r"`epsilon` \(=0\) must be a number above 0"),
        ({"axis": 0}, r"`axis` \(=0\) must not be that of the batch"),
    ],
)
def test_wrong_arguments_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        BatchNorm(**settings)


@pytest.mark.parametrize("axis", [2, -3])
def test_an_axis_that_is_not_there_is_not_taken_for_another(axis):
    x, one = np.ones((4, 3)), np.ones(3)
    with pytest.raises(ValueError, match=r"`axis` .* one of x, of shape \(4"):
        moments(x, axis)
    with pytest.raises(ValueError, match=r"`axis` .* one of x, of shape \(4"):
        normalize(x, one, one, one, one, axis=axis)
