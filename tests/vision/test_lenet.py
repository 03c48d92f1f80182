"""The book's two convolutional networks. Counts, oracle, learns, errors."""

import numpy as onp
import oracles
import pytest

from fdl import nn, optim, train
from fdl._mxnet import np
from fdl.data import Minibatches
from fdl.errors import ShapeError
from fdl.vision import ConvNet, cifar_convnet, mnist_convnet

SMALL = (2, 8, 8), (3, 4), (5,), 6


def count(net):
    net.initialize()
    parameters = net.collect_params().values()
    return sum(p.data().size for p in parameters if p.grad_req != "null")


def dense(n_in, n_out):
    return n_in * n_out + n_out


def test_the_mnist_network_has_the_books_number_of_parameters():
    assert count(mnist_convnet()) == 3_274_634
    # k d e² + k twice, then 7 × 7 × 64 inputs
    assert 3_274_634 == (
        (32 * 25 + 32)
        + (64 * 32 * 25 + 64)
        + dense(7 * 7 * 64, 1024)
        + dense(1024, 10)
    )


def test_the_cifar_network_has_the_counted_number_of_parameters():
    convolutions = (64 * 3 * 25 + 64) + (64 * 64 * 25 + 64)
    top = dense(6 * 6 * 64, 384) + dense(384, 192) + dense(192, 10)
    assert count(cifar_convnet()) == convolutions + top
    # a scale for each channel and unit; the offsets are the biases
    scales = 64 + 64 + 384 + 192
    assert count(cifar_convnet(norm=True)) == convolutions + top + scales
    assert count(mnist_convnet(norm=True)) == 3_274_634 + 32 + 64 + 1024


def test_the_mnist_networks_feature_maps_are_7_by_7():
    net = mnist_convnet()
    net.initialize()
    x = np.zeros((1, 1, 28, 28))
    sizes = [x.shape]
    for layer in net.features:
        x = layer(x)
        sizes.append(x.shape)
    assert (1, 64, 7, 7) in sizes
    assert sizes[-1] == (1, 7 * 7 * 64)


def drawn(net, seed=0):
    net.cast("float64")
    net.initialize()
    rng = onp.random.default_rng(seed)
    for name, p in net._collect_params_with_prefix().items():
        value = rng.normal(size=p.shape)
        if name.endswith(("gamma", "running_var")):
            value = abs(value) + 0.5
        p.set_data(np.array(value))
    return nn.get_parameters(net)


def by_hand(p, x, norm):
    def normed(z, name, axes):
        if not norm:
            return z
        m, v, g, b = (
            p[f"{name}.{k}"].reshape(axes)
            for k in ("running_mean", "running_var", "gamma", "beta")
        )
        return g * (z - m) / onp.sqrt(v + 1e-3) + b

    for k in (0, 2):
        w = p[f"features.{k}.conv.weight"]
        b = onp.zeros(len(w)) if norm else p[f"features.{k}.conv.bias"]
        z = oracles.convolution(x, w, b, 1, w.shape[2] // 2)
        z = normed(z, f"features.{k}.batch_norm", (-1, 1, 1))
        x, _ = oracles.max_pooling(onp.maximum(z, 0), 2, 2)
    z = x.reshape(len(x), -1) @ p["classifier.0.weight"].T
    z = normed(z, "classifier.1", -1) if norm else z + p["classifier.0.bias"]
    return onp.maximum(z, 0) @ p["output.weight"].T + p["output.bias"]


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("norm", [False, True])
def test_the_outputs_are_the_equations(norm, static):
    net = ConvNet(*SMALL, norm=norm, dropout=0.5)
    p = drawn(net)
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    x = onp.random.default_rng(1).normal(size=(3, 2, 8, 8))
    y = net(np.array(x)).asnumpy()
    onp.testing.assert_allclose(y, by_hand(p, x, norm), rtol=1e-5, atol=1e-5)


def stripes(n=60):
    """Images with bright rows (0) or bright columns (1), and noise."""
    rng = onp.random.default_rng(0)
    labels = onp.arange(n, dtype="int32") % 2
    x = rng.normal(0, 0.5, (n, 2, 8, 8))
    for image, label in zip(x, labels):
        line = rng.integers(8)
        image[:, line] += 2 * (label == 0)
        image[:, :, line] += 2 * (label == 1)
    return x.astype("float32"), labels


@pytest.mark.parametrize("norm", [False, True])
def test_it_learns_to_tell_rows_from_columns(norm):
    x, y = stripes(240)
    net = ConvNet((2, 8, 8), (6, 6), (8,), 2, extent=3, norm=norm)
    train.fit(
        net,
        Minibatches(x[:160], y[:160], 20),
        loss=nn.cross_entropy,
        optimizer=optim.Adam(0.01),
        epochs=12,
        device="cpu",
        seed=0,
    )
    found = train.evaluate(net, [(x[160:], y[160:])], ["accuracy"])
    assert found["accuracy"] > 0.9


def test_dropout_is_for_training_only():
    from fdl._mxnet import autograd

    net = ConvNet(*SMALL, dropout=0.5)
    drawn(net)
    x = np.array(onp.random.default_rng(1).normal(size=(3, 2, 8, 8)))
    onp.testing.assert_array_equal(net(x).asnumpy(), net(x).asnumpy())
    with autograd.record():
        one, two = net(x), net(x)
    assert (one.asnumpy() != two.asnumpy()).any()


@pytest.mark.parametrize(
    "shape", [(3, 1, 8, 8), (3, 2, 8, 9), (3, 2, 4, 4), (3, 128), (2, 8, 8)]
)
def test_images_of_another_shape_are_refused_with_the_sizes(shape):
    net = ConvNet(*SMALL)
    net.initialize()
    with pytest.raises(ShapeError) as error:
        net(np.zeros(shape))
    assert str(error.value) == (
        f"`x` (=of shape {shape}) must be images of shape (B, 2, 8, 8)."
    )


def test_fit_tells_wrong_images_before_it_starts():
    x, y = stripes()
    net = ConvNet((1, 8, 8), (3,), (), 2)
    with pytest.raises(ShapeError, match=r"\(20, 2, 8, 8\).*\(B, 1, 8, 8\)"):
        train.fit(
            net,
            Minibatches(x, y, 20),
            loss=nn.cross_entropy,
            optimizer="sgd",
            epochs=1,
        )


def test_odd_heights_and_widths_lose_their_last_row():
    net = ConvNet((2, 9, 15), (3, 4), (5,), 3)
    net.initialize()
    # 9 → 4 → 2 rows, 15 → 7 → 3 columns
    assert net.classifier[0].weight.shape == (5, 4 * 2 * 3)
    assert net(np.zeros((1, 2, 9, 15))).shape == (1, 3)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float64"])
def test_numbers_of_another_type_are_refused(dtype):
    net = ConvNet(*SMALL)
    net.initialize()
    with pytest.raises(TypeError, match=f"of type {dtype}. must be of float3"):
        net(np.zeros((3, 2, 8, 8), dtype=dtype))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image": (8, 8)}, r"`image` \(=\(8, 8\)\) must be 3 whole numbers"),
        (
            {"image": (1, 3, 8)},
            r"`image` .* at least 4 high .* halved 2 times",
        ),
        ({"kernels": (3, 0)}, r"`kernels` \(=\(3, 0\)\) must be whole"),
        ({"kernels": 3}, r"`kernels` \(=3\) must be whole numbers"),
        ({"hidden": (2.5,)}, r"`hidden` \(=\(2.5,\)\) must"),
        ({"classes": -1}, r"`classes` \(=-1\) must"),
        (
            {"dropout": 1},
            r"`dropout` \(=1\) must be a number from 0 up and below 1",
        ),
        ({"extent": 4}, r"`extent` \(=4\) must be odd, to keep the size[.]$"),
        ({"extent": 0}, r"`extent` \(=0\) must be a whole number"),
    ],
)
def test_wrong_arguments_are_named_at_construction(change, message):
    arguments = dict(zip(("image", "kernels", "hidden", "classes"), SMALL))
    with pytest.raises(ValueError, match=message):
        ConvNet(**{**arguments, **change})
