"""Blocks of the architectures: oracles from their equations, gradients.

Every block is run with random parameters in float64, eager and compiled.
"""

import numpy as onp
import pytest

from fdl._mxnet import autograd, nn, np
from fdl.nn import (
    CausalConv,
    DeepLayer,
    DenseBlock,
    DenseLayer,
    Highway,
    Inception,
    LocalResponseNorm,
    Residual,
    Transition,
    WaveNet,
    summarize,
)
from fdl.scratch import conv2d
from tests.oracles import assert_gradients_agree, central_differences


def build(block, *, seed=0, static=False):
    """Give every parameter a random value; running variances stay positive."""
    block.initialize()
    block.cast("float64")
    rng = onp.random.default_rng(seed)
    for name, parameter in block._collect_params_with_prefix().items():
        value = rng.normal(size=parameter.shape) / 2
        if name.endswith(("running_var", "gamma")):
            value = 0.5 + abs(value)
        parameter.set_data(np.array(value))
    if static:
        block.hybridize(static_alloc=True, static_shape=True)
    return block


def values(block):
    return {
        name: p.data().asnumpy()
        for name, p in block._collect_params_with_prefix().items()
    }


def images(*shape, seed=1):
    return onp.random.default_rng(seed).normal(size=shape)


def relu(x):
    return onp.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + onp.exp(-x))


def normed(x, p, path, epsilon):
    """Batch normalization by the running statistics, as when testing."""

    def of(name):
        return p[f"{path}.{name}"].reshape(1, -1, 1, 1)

    scale = of("gamma") / onp.sqrt(of("running_var") + epsilon)
    return (x - of("running_mean")) * scale + of("beta")


def conv_norm(x, p, path, *, stride=1, active=True):
    w = p[f"{path}.conv.weight"]
    z = conv2d(x, w, stride=stride, pad=w.shape[2] // 2)
    z = normed(z, p, f"{path}.batch_norm", 1e-3)
    return relu(z) if active else z


STATIC = pytest.mark.parametrize("static", [False, True])


# --- residual


@STATIC
@pytest.mark.parametrize("stride", [1, 2])
def test_a_residual_block_adds_to_its_projected_input(static, stride):
    block = build(Residual(4, 6, stride=stride), static=static)
    x, p = images(2, 4, 6, 6), values(block)
    h = conv_norm(x, p, "body.0", stride=stride)
    h = conv_norm(h, p, "body.1", active=False)
    around = conv_norm(x, p, "shortcut", stride=stride, active=False)
    y = block(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, relu(h + around), rtol=1e-10, atol=1e-12)


@STATIC
def test_a_residual_block_of_one_shape_adds_its_input_itself(static):
    block = build(Residual(4, 4), static=static)
    assert block.shortcut is None
    x, p = images(2, 4, 5, 5), values(block)
    h = conv_norm(x, p, "body.0")
    h = conv_norm(h, p, "body.1", active=False)
    y = block(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, relu(h + x), rtol=1e-10, atol=1e-12)


@STATIC
def test_a_bottleneck_is_narrow_inside_and_strides_first(static):
    block = build(Residual(4, 8, stride=2, bottleneck=True), static=static)
    x, p = images(2, 4, 6, 6), values(block)
    assert p["body.1.conv.weight"].shape == (2, 2, 3, 3)
    h = conv_norm(x, p, "body.0", stride=2)
    h = conv_norm(h, p, "body.1")
    h = conv_norm(h, p, "body.2", active=False)
    around = conv_norm(x, p, "shortcut", stride=2, active=False)
    y = block(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, relu(h + around), rtol=1e-10, atol=1e-12)


def test_a_padding_shortcut_thins_places_and_adds_empty_channels():
    block = build(Residual(3, 5, stride=2, shortcut="padding"))
    assert not any("shortcut" in name for name in values(block))
    x, p = images(2, 3, 6, 6), values(block)
    h = conv_norm(x, p, "body.0", stride=2)
    h = conv_norm(h, p, "body.1", active=False)
    h[:, :3] += x[:, :, ::2, ::2]
    y = block(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, relu(h), rtol=1e-10, atol=1e-12)


def test_without_shortcuts_it_is_plain_everywhere():
    block = build(Residual(4, 4, shortcut="none"))
    x, p = images(2, 4, 5, 5), values(block)
    h = conv_norm(x, p, "body.0")
    h = conv_norm(h, p, "body.1", active=False)
    y = block(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, relu(h), rtol=1e-10, atol=1e-12)
    assert (
        len(summarize(Residual(4, 6, shortcut="none"), (4, 5, 5)).weighted)
        == 2
    )


def test_bad_residual_arguments_are_refused():
    with pytest.raises(ValueError, match="`shortcut` .* must be one of proj"):
        Residual(4, 4, shortcut="tunnel")
    with pytest.raises(ValueError, match="`kernels` .* a multiple of 4"):
        Residual(4, 6, bottleneck=True)
    with pytest.raises(ValueError, match="`kernels` .* be 4 at least"):
        Residual(4, 2, shortcut="padding")


# --- inception


@STATIC
def test_an_inception_module_stacks_its_four_views(static):
    block = build(Inception(4, 2, 3, 4, 1, 3, 2), static=static)
    assert block.kernels == 2 + 4 + 3 + 2
    extents = [p.shape[2] for p in values(block).values() if p.ndim == 4]
    assert extents == [1, 1, 3, 1, 5, 1]
    x, p = images(2, 4, 5, 6), values(block)

    def conv(x, path):
        w, b = p[f"{path}.conv.weight"], p[f"{path}.conv.bias"]
        return relu(conv2d(x, w, b, pad=w.shape[2] // 2))

    around = onp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-9e9)
    largest = onp.max(
        [
            around[:, :, i : i + 5, j : j + 6]
            for i in range(3)
            for j in range(3)
        ],
        axis=0,
    )
    views = [
        conv(x, "one.0"),
        conv(conv(x, "three.0"), "three.1"),
        conv(conv(x, "five.0"), "five.1"),
        conv(largest, "pool.1"),
    ]
    y = block(np.array(x)).asnumpy()
    expected = onp.concatenate(views, axis=1)
    onp.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)


# --- dense blocks


def dense_layer(x, p, path):
    h = x
    for first in ("0", "3"):
        if f"{path}.new.{first}.gamma" not in p:
            break
        h = relu(normed(h, p, f"{path}.new.{first}", 1e-5))
        w = p[f"{path}.new.{int(first) + 2}.weight"]
        h = conv2d(h, w, pad=w.shape[2] // 2)
    return onp.concatenate([x, h], axis=1)


@STATIC
@pytest.mark.parametrize("bottleneck", [False, True])
def test_a_dense_block_keeps_its_input_and_adds_what_each_layer_made(
    static, bottleneck
):
    block = build(DenseBlock(4, 3, 2, bottleneck=bottleneck), static=static)
    x, p = images(2, 4, 5, 5), values(block)
    expected = x
    for layer in range(3):
        expected = dense_layer(expected, p, str(layer))
    y = block(np.array(x)).asnumpy()
    assert y.shape == (2, 4 + 3 * 2, 5, 5)
    onp.testing.assert_allclose(y, expected, rtol=1e-10, atol=1e-12)
    onp.testing.assert_array_equal(y[:, :4], x)


def test_a_dense_block_hands_its_options_to_its_layers():
    block = DenseBlock(4, 2, 2, bottleneck=False, dropout=0.5)
    for layer in block:
        kinds = [type(part).__name__ for part in layer.new]
        assert kinds == ["BatchNorm", "Activation", "Conv2D", "Dropout"]


def test_a_dense_bottleneck_is_four_growths_wide():
    shapes = {
        name: v.shape for name, v in values(build(DenseLayer(6, 3))).items()
    }
    assert shapes["new.2.weight"] == (12, 6, 1, 1)
    assert shapes["new.5.weight"] == (3, 12, 3, 3)


def test_dropout_in_a_dense_layer_leaves_the_kept_maps_alone():
    layer = build(DenseLayer(3, 50, dropout=0.5))
    x = np.array(images(1, 3, 4, 4))
    with autograd.train_mode():
        y = layer(x).asnumpy()
    onp.testing.assert_array_equal(y[:, :3], x.asnumpy())
    assert 0.3 < (y[:, 3:] == 0).mean() < 0.7


def test_a_transition_halves_the_size():
    block = build(Transition(4, 2))
    x, p = images(1, 4, 6, 6), values(block)
    h = conv2d(relu(normed(x, p, "0", 1e-5)), p["2.weight"])
    expected = h.reshape(1, 2, 3, 2, 3, 2).mean(axis=(3, 5))
    onp.testing.assert_allclose(
        block(np.array(x)).asnumpy(), expected, rtol=1e-10, atol=1e-12
    )


# --- highway


@STATIC
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_highway_layer_mixes_by_its_gate(static, activation):
    layer = build(Highway(4, activation=activation), static=static)
    x, p = images(5, 4), values(layer)
    z = x @ p["transform.weight"].T + p["transform.bias"]
    f = relu(z) if activation == "relu" else onp.tanh(z)
    g = sigmoid(x @ p["gate.weight"].T + p["gate.bias"])
    y = layer(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, x * g + f * (1 - g), rtol=1e-10)


def test_a_convolutional_highway_mixes_place_by_place():
    layer = build(Highway(3, extent=3))
    x, p = images(2, 3, 5, 4), values(layer)
    f = relu(conv2d(x, p["transform.weight"], p["transform.bias"], pad=1))
    g = sigmoid(conv2d(x, p["gate.weight"], p["gate.bias"], pad=1))
    y = layer(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, x * g + f * (1 - g), rtol=1e-10)


@pytest.mark.parametrize(
    ("carry", "what"), [(40.0, "input"), (-40.0, "layer")]
)
def test_the_gate_carries(carry, what):
    layer = Highway(4, carry=carry)
    layer.initialize()
    x = images(5, 4).astype("float32")
    y = layer(np.array(x)).asnumpy()
    w = layer.transform.weight.data().asnumpy()
    expected = x if what == "input" else relu(x @ w.T)
    onp.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-6)


def test_a_new_highway_layer_carries_most_of_its_input():
    layer = Highway(400)
    layer.initialize()
    x = (
        onp.random.default_rng(0).normal(size=(50, 400)).astype("float32")
        / 100
    )
    y = layer(np.array(x)).asnumpy()
    share = (x * y).sum() / (x * x).sum()
    assert share == pytest.approx(sigmoid(2), abs=0.01)


def test_bad_highway_arguments_are_refused():
    with pytest.raises(ValueError, match="`activation` .* be one of relu"):
        Highway(4, activation="linear")
    with pytest.raises(ValueError, match="`extent` .* be odd"):
        Highway(4, extent=2)
    with pytest.raises(ValueError, match="`carry` .* be a finite number"):
        Highway(4, carry=float("nan"))


@STATIC
@pytest.mark.parametrize("residual", [False, True])
def test_a_deep_layer_adds_behind_its_nonlinearity(static, residual):
    layer = build(DeepLayer(4, residual=residual), static=static)
    x, p = images(5, 4), values(layer)
    y = relu(x @ p["layer.weight"].T + p["layer.bias"]) + residual * x
    found = layer(np.array(x)).asnumpy()
    onp.testing.assert_allclose(found, y, rtol=1e-10, atol=1e-12)


def test_the_power_is_that_of_the_first_weights():
    layer = DeepLayer(300, residual=True, power=0.04)
    layer.initialize()
    weight = layer.layer.weight.data().asnumpy()
    assert weight.var() == pytest.approx(0.04 / 300, rel=0.05)


def test_residual_layers_by_hes_rule_at_least_double_the_power():
    x = images(100, 200, seed=5)
    sizes = {}
    for power in (2.0, 2 / 20):
        h = np.array(x)
        for _ in range(20):
            layer = DeepLayer(200, residual=True, power=power)
            layer.initialize()
            layer.cast("float64")
            h = layer(h)
        sizes[power] = float((h**2).mean()) / (x**2).mean()
    assert sizes[2.0] > 2**20
    # what a ReLU adds is never negative, so it piles up, but slowly
    assert sizes[2 / 20] < sizes[2.0] / 10_000


# --- local response normalization


def local_response(x, n, kappa, alpha, beta):
    y = onp.empty_like(x)
    C = x.shape[1]
    for c in range(C):
        near = [j for j in range(C) if abs(j - c) <= n // 2]
        y[:, c] = x[:, c] / (kappa + alpha * (x[:, near] ** 2).sum(1)) ** beta
    return y


@STATIC
def test_neighbouring_channels_compete(static):
    constants = {"kappa": 1.5, "alpha": 0.3, "beta": 0.6}
    norm = LocalResponseNorm(3, **constants)
    if static:
        norm.hybridize(static_alloc=True, static_shape=True)
    x = images(2, 7, 3, 2)
    a = np.array(x, dtype="float32")  # MXNet has it in no other type
    a.attach_grad()
    weights = images(2, 7, 3, 2, seed=2)
    with autograd.record():
        y = norm(a)
        loss = (y * np.array(weights, dtype="float32")).sum()
    loss.backward()
    expected = local_response(x, 3, **constants)
    onp.testing.assert_allclose(y.asnumpy(), expected, rtol=2e-6)
    numeric = central_differences(
        lambda v: (local_response(v, 3, **constants) * weights).sum(), x
    )
    assert_gradients_agree(a.grad.asnumpy(), numeric, 1e-5)


def test_local_response_has_the_papers_constants():
    x = 10 * images(1, 9, 2, 2)
    y = LocalResponseNorm()(np.array(x, dtype="float32")).asnumpy()
    expected = local_response(x, 5, 2, 1e-4, 0.75)
    onp.testing.assert_allclose(y, expected, rtol=2e-6)
    with pytest.raises(ValueError, match="`n` .* an odd whole number"):
        LocalResponseNorm(4)


# --- causal convolution


@STATIC
def test_a_causal_convolution_is_its_sum(static):
    layer = build(CausalConv(2, 3, 3, dilation=2), static=static)
    x, p = images(2, 2, 9), values(layer)
    w, b = p["conv.weight"], p["conv.bias"]
    y = onp.zeros((2, 3, 9))
    for t in range(9):
        for u in range(3):
            if t - 2 * u >= 0:
                # the last weight of the kernel is the present's
                y[:, :, t] += x[:, :, t - 2 * u] @ w[:, :, 2 - u].T
        y[:, :, t] += b
    found = layer(np.array(x)).asnumpy()
    onp.testing.assert_allclose(found, y, rtol=1e-10, atol=1e-12)


def wavenet(**options):
    return WaveNet(2, channels=4, skips=16, dilations=(1, 2, 4), **options)


@STATIC
def test_no_output_sees_its_future(static):
    net = build(wavenet(), static=static)
    x = images(2, 1, 20)
    before = net(np.array(x)).asnumpy()
    for t in (0, 7, 19):
        changed = x.copy()
        changed[1, 0, t] += 1
        after = net(np.array(changed)).asnumpy()
        onp.testing.assert_array_equal(after[0], before[0])
        onp.testing.assert_array_equal(after[1, :, :t], before[1, :, :t])
        # it sees the present, and 1 + 2 + 4 steps back
        seen = (after != before).any(axis=(0, 1))
        assert seen[t : t + 8].all()
        assert not seen[t + 8 :].any()
    [field] = summarize(wavenet(), (1, 20)).fields
    assert (field.lo, field.hi, field.stride) == (-7, 0, 1)


def test_a_wavenet_is_its_equations():
    net = build(wavenet(extent=3))
    x, p = images(1, 1, 12), values(net)

    def mix(x, path):
        bias = p[f"{path}.bias"][None, :, None]
        return (
            onp.einsum("kc,bct->bkt", p[f"{path}.weight"][:, :, 0], x) + bias
        )

    h, total = mix(x, "begin"), 0
    for layer, d in enumerate((1, 2, 4)):
        w, b = (
            p[f"layer{layer}.conv.conv.weight"],
            p[f"layer{layer}.conv.conv.bias"],
        )
        padded = onp.pad(h, ((0, 0), (0, 0), (2 * d, 0)))
        taps = [padded[:, :, u * d : u * d + 12] for u in range(3)]
        z = sum(
            onp.einsum("kc,bct->bkt", w[:, :, u], taps[u]) for u in range(3)
        )
        z = z + b[None, :, None]
        z = onp.tanh(z[:, :4]) * sigmoid(z[:, 4:])
        total = total + mix(z, f"layer{layer}.skip")
        if layer < 2:  # behind the last layer there is nothing to go on to
            h = h + mix(z, f"layer{layer}.residual")
    assert not any("layer2.residual" in name for name in p)
    y = mix(relu(mix(relu(total), "end.1")), "end.3")
    onp.testing.assert_allclose(net(np.array(x)).asnumpy(), y, rtol=1e-9)


def test_bad_signals_are_refused():
    net = build(wavenet())
    with pytest.raises(
        ValueError, match=r"`x` \(=of shape \(2, 3, 20\)\) must"
    ):
        net(np.array(images(2, 3, 20)))
    with pytest.raises(ValueError, match="must be signals of shape"):
        net(np.array(images(2, 20)))
    with pytest.raises(ValueError, match="`dilations` .* one for each layer"):
        WaveNet(dilations=())


# --- gradients


@pytest.mark.parametrize(
    ("block", "shape"),
    [
        (lambda: Residual(2, 4, stride=2, shortcut="padding"), (2, 2, 4, 4)),
        (lambda: DenseLayer(2, 2), (2, 2, 3, 3)),
        (lambda: Highway(3, activation="tanh"), (2, 3)),
        (lambda: CausalConv(1, 2, dilation=2), (1, 1, 6)),
        (lambda: WaveNet(1, channels=2, skips=2, dilations=(1, 2)), (1, 1, 5)),
    ],
)
def test_gradients_are_the_numeric_ones(block, shape):
    net, x = build(block(), seed=3), images(*shape)
    weights = images(*net(np.array(x)).shape, seed=4)

    def total(v):
        return float((net(np.array(v)) * np.array(weights)).sum())

    a = np.array(x)
    a.attach_grad()
    with autograd.record(train_mode=False):
        loss = (net(a) * np.array(weights)).sum()
    loss.backward(train_mode=False)
    numeric = central_differences(total, x, eps=1e-6)
    assert_gradients_agree(a.grad.asnumpy(), numeric, 1e-5)


def test_a_deep_stack_of_blocks_stays_a_chain():
    chain = nn.HybridSequential()
    chain.add(Residual(3, 3), DenseBlock(3, 2, 1), Transition(5, 3))
    found = summarize(chain, (3, 8, 8))
    assert found.depth == 2 + 2 * 2 + 1
    assert found.fields[0].size == 1 + 4 + 4 + 1
