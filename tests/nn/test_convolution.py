"""The convolutional layer. Oracle (loops, first principles), gradients."""

import numpy as onp
import oracles
import pytest

from fdl import scratch
from fdl._mxnet import autograd, np
from fdl.nn import ConvNorm

VARIANTS = [
    {"extent": 3},
    {"extent": 5, "stride": 2},
    {"extent": 2, "pad": 1},
    {"extent": 3, "dilation": 2},
    {"extent": 1, "stride": 2},
]


def build(*sizes, dtype="float64", static=False, **more):
    """Return a layer with every parameter drawn."""
    layer = ConvNorm(*sizes, **more)
    layer.cast(dtype)
    layer.initialize()
    rng = onp.random.default_rng(0)
    for parameter in layer.collect_params().values():
        value = rng.normal(size=parameter.shape)
        if parameter.name.endswith(("gamma", "running_var")):
            value = abs(value) + 0.5
        parameter.set_data(np.array(value.astype(dtype)))
    if static:
        layer.hybridize(static_alloc=True, static_shape=True)
    return layer


def values(layer):
    return {
        name: p.data().asnumpy()
        for name, p in layer._collect_params_with_prefix().items()
    }


def spread(w, dilation):
    """Return kernels with zeros between their weights."""
    K, C, e, f = w.shape
    wide = onp.zeros((K, C, dilation * (e - 1) + 1, dilation * (f - 1) + 1))
    wide[:, :, ::dilation, ::dilation] = w
    return wide


def images(shape=(2, 3, 7, 6), seed=1):
    return onp.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("more", VARIANTS)
def test_without_norm_it_is_the_convolution_of_first_principles(more, static):
    layer = build(3, 4, norm=False, static=static, **more)
    x, p = images(), values(layer)
    y = layer(np.array(x)).asnumpy()
    w = spread(p["conv.weight"], more.get("dilation", 1))
    s, pad = more.get("stride", 1), layer.pad
    z = oracles.convolution(x, w, p["conv.bias"], s, pad)
    onp.testing.assert_allclose(y, onp.maximum(z, 0), rtol=1e-10, atol=1e-12)
    twin = scratch.conv2d(x, w, p["conv.bias"], stride=s, pad=pad)
    onp.testing.assert_allclose(
        y, onp.maximum(twin, 0), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("static", [False, True])
def test_norm_is_of_the_logits_before_the_nonlinearity(static):
    layer = build(3, 4, static=static)
    x, p = images(), values(layer)
    y = layer(np.array(x)).asnumpy()
    z = oracles.convolution(x, p["conv.weight"], onp.zeros(4), 1, 1)
    mean, var, gamma, beta = (
        p[f"batch_norm.{name}"][:, None, None]
        for name in ("running_mean", "running_var", "gamma", "beta")
    )
    want = gamma * (z - mean) / onp.sqrt(var + 1e-3) + beta
    onp.testing.assert_allclose(y, onp.maximum(want, 0), rtol=1e-5, atol=1e-5)


def test_groups_do_not_see_each_other():
    layer = build(4, 6, groups=2, norm=False, activation="linear")
    x = images((1, 4, 5, 5))
    before = layer(np.array(x)).asnumpy()
    x[:, :2] += 1
    after = layer(np.array(x)).asnumpy()
    onp.testing.assert_array_equal(before[:, 3:], after[:, 3:])
    assert (before[:, :3] != after[:, :3]).all()


@pytest.mark.parametrize("extent", [1, 3, 5, 7])
@pytest.mark.parametrize("dilation", [1, 2])
def test_height_and_width_are_kept_unless_told_otherwise(extent, dilation):
    layer = build(1, 2, extent=extent, dilation=dilation)
    assert layer(np.zeros((1, 1, 9, 8), dtype="float64")).shape[2:] == (9, 8)


@pytest.mark.parametrize("f", ["relu", "sigmoid", "tanh", "linear"])
def test_the_nonlinearity_is_the_one_named(f):
    layer = build(1, 1, extent=1, norm=False, activation=f)
    p = values(layer)
    z = p["conv.weight"].ravel() * images((1, 1, 3, 3)) + p["conv.bias"]
    y = layer(np.array(images((1, 1, 3, 3)))).asnumpy()
    onp.testing.assert_allclose(y, getattr(scratch, f)(z), rtol=1e-10)


def test_the_gradients_are_those_of_first_principles():
    layer = build(3, 4, norm=False, activation="linear", stride=2)
    x, p = images(), values(layer)
    given = np.array(x)
    given.attach_grad()
    with autograd.record():
        y = layer(given)
        loss = (y * y).sum()
    loss.backward()
    dx, dw, db = oracles.convolution_gradients(
        2 * y.asnumpy(), x, p["conv.weight"], 2, 1
    )
    for ours, want in (
        (given.grad, dx),
        (layer.conv.weight.grad(), dw),
        (layer.conv.bias.grad(), db),
    ):
        onp.testing.assert_allclose(ours.asnumpy(), want, rtol=1e-8, atol=1e-8)


def test_a_normalized_layer_has_no_bias_but_beta():
    assert sorted(values(build(3, 4))) == [
        "batch_norm.beta",
        "batch_norm.gamma",
        "batch_norm.running_mean",
        "batch_norm.running_var",
        "conv.weight",
    ]
    plain = values(build(3, 4, norm=False, extent=5))
    # k d e² + k
    assert sum(v.size for v in plain.values()) == 4 * 3 * 5**2 + 4


def test_kernels_start_by_hes_rule_over_all_that_a_neuron_sees():
    layer = ConvNorm(64, 64, extent=5)
    layer.initialize()
    w = layer.conv.weight.data().asnumpy()
    assert w.var() == pytest.approx(2 / (64 * 25), rel=0.03)


def test_repr_shows_the_structure():
    assert repr(ConvNorm(3, 8)) == "ConvNorm(3 → 8, 3 x 3, norm, relu)"
    assert repr(ConvNorm(4, 8, 1, stride=2, norm=False, groups=2)) == (
        "ConvNorm(4 → 8, 1 x 1, stride 2, groups 2, relu)"
    )


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        ((0, 4), {}, r"`channels` \(=0\) must be a whole number from 1 up"),
        ((3, 2.0), {}, r"`kernels` \(=2.0\) must"),
        ((3, 4, 2), {}, r"`extent` \(=2\) must be odd, or `pad` be given"),
        ((3, 4), {"stride": 0}, r"`stride` \(=0\) must"),
        ((3, 4), {"pad": -1}, r"`pad` \(=-1\) must be .* 0 up"),
        ((3, 4), {"dilation": True}, r"`dilation` \(=True\) must"),
        ((3, 4), {"groups": 2}, r"`groups` \(=2\) must divide 3 channels"),
        ((3, 4), {"activation": "selu"}, r"`activation` \(='selu'\) must be"),
    ],
)
def test_wrong_arguments_are_named(arguments, more, message):
    with pytest.raises(ValueError, match=message):
        ConvNorm(*arguments, **more)
