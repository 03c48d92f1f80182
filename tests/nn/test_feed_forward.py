"""Feed-forward networks: oracle in NumPy, numeric gradients, structure."""

import numpy as onp
import pytest

from fdl._mxnet import autograd, gluon, mx, np
from fdl.nn import FeedForward, cross_entropy

NONLINEAR = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + onp.exp(-z)),
    "tanh": onp.tanh,
    "relu": lambda z: onp.maximum(z, 0),
    "softmax": lambda z: onp.exp(z) / onp.exp(z).sum(axis=-1, keepdims=True),
}


def build(sizes, *, dtype="float64", seed=0, **kwargs):
    """Return a network with every parameter drawn, biases too."""
    net = FeedForward(sizes, **kwargs)
    net.cast(dtype)
    net.initialize()
    rng = onp.random.default_rng(seed)
    for parameter in net.collect_params().values():
        value = rng.normal(size=parameter.shape).astype(dtype)
        parameter.set_data(np.array(value))
    return net


def values(net):
    params = net._collect_params_with_prefix()
    return {name: p.data().asnumpy() for name, p in params.items()}


def forward(params, x, depth, hidden, output):
    h = x
    for k in range(1, depth + 1):
        z = h @ params[f"hidden{k}.weight"].T + params[f"hidden{k}.bias"]
        h = NONLINEAR[hidden](z)
    z = h @ params["output.weight"].T + params["output.bias"]
    return NONLINEAR[output](z)


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("output", ["linear", "softmax", "sigmoid", "relu"])
@pytest.mark.parametrize("hidden", ["relu", "sigmoid", "tanh", "linear"])
def test_the_outputs_are_the_equations(hidden, output, static):
    net = build((5, 4, 3, 2), hidden=hidden, output=output)
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    x = onp.random.default_rng(1).normal(size=(6, 5))
    y = net(np.array(x)).asnumpy()
    expected = forward(values(net), x, 2, hidden, output)
    onp.testing.assert_allclose(y, expected, rtol=1e-12, atol=1e-14)


def test_static_hybridization_serves_several_batch_sizes():
    net = build((5, 4, 2))
    net.hybridize(static_alloc=True, static_shape=True)
    x = onp.random.default_rng(1).normal(size=(7, 5))
    whole = net(np.array(x)).asnumpy()
    part = net(np.array(x[:3])).asnumpy()
    again = net(np.array(x)).asnumpy()
    onp.testing.assert_allclose(part, whole[:3], rtol=1e-14)
    onp.testing.assert_array_equal(again, whole)


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("hidden", ["relu", "tanh"])
def test_the_gradients_are_the_numeric_ones(hidden, static):
    net = build((4, 5, 3, 3), hidden=hidden)
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    rng = onp.random.default_rng(2)
    x, labels = rng.normal(size=(6, 4)), onp.array([0, 1, 2, 2, 1, 0])
    with autograd.record():
        loss = cross_entropy(net(np.array(x)), np.array(labels)).sum()
    loss.backward()

    def total(params):
        y = forward(params, x, 2, hidden, "linear")
        return -onp.log(NONLINEAR["softmax"](y)[range(6), labels]).sum()

    here = values(net)
    for name, parameter in net._collect_params_with_prefix().items():
        numeric = onp.zeros(parameter.shape)
        for index in onp.ndindex(*parameter.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = here[name].copy()
                moved[index] += step
                ends.append(total({**here, name: moved}))
            numeric[index] = (ends[0] - ends[1]) / 2e-6
        ours = parameter.grad().asnumpy()
        error = abs(ours - numeric).max() / abs(numeric).max()
        assert error < 1e-6, name


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ((784, 30, 30, 10), 24_790),
        ((784, 10), 7_850),
        ((784, 256, 256, 10), 269_322),
    ],
)
def test_it_has_the_books_number_of_parameters(sizes, count):
    net = FeedForward(sizes)
    net.initialize()
    params = net.collect_params().values()
    assert sum(p.data().size for p in params) == count


def test_parameters_carry_the_names_of_their_layers():
    net = FeedForward((4, 3, 3, 2))
    assert list(net._collect_params_with_prefix()) == [
        "hidden1.weight",
        "hidden1.bias",
        "hidden2.weight",
        "hidden2.bias",
        "output.weight",
        "output.bias",
    ]
    shapes = {
        name: p.shape for name, p in net._collect_params_with_prefix().items()
    }
    assert shapes["hidden1.weight"] == (3, 4)
    assert shapes["output.weight"] == (2, 3)


def test_repr_shows_the_structure():
    assert repr(FeedForward((784, 256, 256, 10))) == (
        "FeedForward(784 → 256 relu → 256 relu → 10 linear)"
    )
    net = FeedForward((2, 3, 1), hidden="tanh", output="sigmoid")
    assert repr(net) == "FeedForward(2 → 3 tanh → 1 sigmoid)"
    assert repr(FeedForward([784, 10])) == "FeedForward(784 → 10 linear)"


@pytest.mark.parametrize(
    "sizes",
    [(), (784,), 784, (784, 0), (784, -3, 10), (784, 2.5), (784, True), "ab"],
)
def test_bad_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="`sizes` .* at least two whole"):
        FeedForward(sizes)


def test_bad_names_are_refused():
    with pytest.raises(ValueError, match=r"`hidden` \(='step'\) must be one"):
        FeedForward((2, 2), hidden="step")
    with pytest.raises(ValueError, match=r"`output` \(='step'\) must be one"):
        FeedForward((2, 2), output="step")
    with pytest.raises(ValueError, match=r"`init` \(='cold'\) must be"):
        FeedForward((2, 2), init="cold")


def test_saved_parameters_come_back(tmp_path):
    net, other = build((4, 3, 2)), build((4, 3, 2), seed=1)
    path = str(tmp_path / "net.params")
    net.save_parameters(path)
    x = np.array(onp.ones((1, 4)))
    assert abs(net(x) - other(x)).max() > 0.1
    other.load_parameters(path)
    onp.testing.assert_array_equal(net(x).asnumpy(), other(x).asnumpy())


class Twice(gluon.HybridBlock):
    """One layer, used twice."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.layer = FeedForward((3, 3))

    def hybrid_forward(self, F, x):
        return self.layer(self.layer(x))


@pytest.mark.parametrize("static", [False, True])
def test_the_same_block_twice_shares_its_parameters(static):
    net = Twice()
    net.initialize(mx.init.Zero())
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    assert len(net.collect_params().keys()) == 2
    w = onp.random.default_rng(0).normal(size=(3, 3)).astype("float32")
    net.layer.output.weight.set_data(np.array(w))
    x = onp.random.default_rng(1).normal(size=(1, 3)).astype("float32")
    with autograd.record():
        y = net(np.array(x))
        loss = y.sum()
    loss.backward()
    onp.testing.assert_allclose(y.asnumpy(), x @ w.T @ w.T, rtol=1e-5)
    # one gradient holds what both uses ask for:  dW = δ hᵀ + (Wᵀ δ) xᵀ
    ones, h = onp.ones((3, 1)), x @ w.T
    expected = ones @ h + (w.T @ ones) @ x
    gradient = net.layer.output.weight.grad().asnumpy()
    onp.testing.assert_allclose(gradient, expected, rtol=1e-5)


def test_two_blocks_share_nothing():
    first, second = FeedForward((3, 3)), FeedForward((3, 3))
    assert not set(first.collect_params()) & set(second.collect_params())
    first.initialize()
    second.initialize()
    before = second.output.weight.data().asnumpy().copy()
    first.output.weight.set_data(np.zeros((3, 3)))
    after = second.output.weight.data().asnumpy()
    onp.testing.assert_array_equal(after, before)
    assert abs(after).max() > 0
