"""Oracle in NumPy, known counts, real photographs, refusals."""

import os

import numpy as onp
import pytest

from fdl import data
from fdl._mxnet import autograd, mx, np
from fdl.errors import ShapeError
from fdl.nn import get_parameters
from fdl.scratch import conv2d, softmax
from fdl.vision import SqueezeNet, squeezenet

REAL = os.environ.get("FDL_DATA_MIRROR", "")


def drawn(outputs, seed=0, **options):
    """Return a network with every parameter drawn, biases too."""
    net = SqueezeNet(outputs, **options)
    rng = onp.random.default_rng(seed)
    arrays = {
        name: rng.normal(0, 1.4 / onp.sqrt(onp.prod(p.shape[1:])), p.shape)
        for name, p in net._collect_params_with_prefix().items()
    }
    return net.fill(arrays)


def hanging_pool(x):
    """Pool 3/2 so that every place is in a window, the last ones cut off."""
    B, C, H, W = x.shape
    P, Q = -(-(H - 3) // 2) + 1, -(-(W - 3) // 2) + 1
    y = onp.empty((B, C, P, Q))
    for i in range(P):
        for j in range(Q):
            window = x[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
            y[:, :, i, j] = window.max((2, 3))
    return y


def forward(arrays, x, last="scores"):
    """Return the layers up to the last, computed by the scratch package."""

    def convolution(name, x, **options):
        w, b = arrays[f"{name}.weight"], arrays[f"{name}.bias"]
        return onp.maximum(conv2d(x, w, b, **options), 0)

    seen = {"conv1": convolution("conv1", x, stride=2)}
    x = seen["conv1"]
    for name in squeezenet.LAYERS[1:-1]:
        if last in seen:
            return seen
        if name.startswith("pool"):
            x = hanging_pool(x)
        elif name.startswith("fire"):
            few = convolution(f"{name}.squeeze1x1", x)
            small = convolution(f"{name}.expand1x1", few)
            large = convolution(f"{name}.expand3x3", few, pad=1)
            x = onp.concatenate([small, large], axis=1)
        else:
            x = convolution(name, x)
        seen[name] = x
    return {**seen, "scores": x.mean((2, 3))}


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("size", [(25, 25), (38, 47)])
def test_every_layer_is_the_oracles(size, static):
    net = drawn(squeezenet.LAYERS, classes=7)
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
    x = onp.random.default_rng(1).normal(size=(2, 3, *size))
    expected = forward(get_parameters(net), x)
    ours = dict(zip(squeezenet.LAYERS, net(np.array(x, dtype="float32"))))
    assert ours["scores"].shape == (2, 7)
    for name, maps in ours.items():
        assert maps.shape == expected[name].shape, name
        scale = expected[name].max()
        assert scale > 0.01
        gap = onp.abs(maps.asnumpy() - expected[name]).max()
        assert gap < 1e-5 * scale, name


def test_it_has_the_published_number_of_parameters():
    net = drawn("scores")
    assert sum(a.size for a in get_parameters(net).values()) == 1_235_496


def test_one_name_gives_an_array_and_several_a_list():
    x = np.zeros((1, 3, 25, 25))
    assert drawn("fire2")(x).shape == (1, 128, 6, 6)
    assert [y.shape for y in drawn(["fire2"])(x)] == [(1, 128, 6, 6)]
    # in the order asked for
    shapes = [y.shape[1] for y in drawn(["fire4", "conv1"])(x)]
    assert shapes == [256, 64]


def test_layers_after_the_last_one_are_not_built():
    names = get_parameters(drawn(["fire2", "conv1"]))
    assert {name.split(".")[0] for name in names} == {"conv1", "fire2"}


def test_dropout_is_for_training_only():
    net = drawn("scores", classes=5)
    x = np.array(onp.random.default_rng(1).normal(size=(1, 3, 25, 25)))
    x = x.astype("float32")
    first, again = net(x), net(x)
    assert (first == again).all()
    with autograd.record():
        trained = net(x)
    # more than the rounding of another kernel
    assert float(abs(first - trained).max()) > 0.05 * float(first.max())


def test_the_gradient_reaches_the_picture():
    net = drawn(["conv1", "fire3"])
    x = onp.random.default_rng(1).normal(size=(1, 3, 30, 30))
    point = np.array(x, dtype="float32")
    point.attach_grad()
    with autograd.record():
        loss = sum((maps**2).sum() for maps in net(point))
    loss.backward()
    arrays = get_parameters(net)

    def f(x):
        seen = forward(arrays, x, "fire3")
        return sum((seen[name] ** 2).sum() for name in ("conv1", "fire3"))

    rng = onp.random.default_rng(2)
    for _ in range(3):  # along directions, since every entry would take long
        direction = rng.normal(size=x.shape)
        slope = (f(x + 1e-5 * direction) - f(x - 1e-5 * direction)) / 2e-5
        ours = float((point.grad.asnumpy() * direction).sum())
        assert ours == pytest.approx(slope, rel=1e-4)


def test_pictures_come_back_from_inputs():
    rng = onp.random.default_rng(0)
    pictures = rng.integers(0, 256, (2, 4, 5, 3)).astype(onp.uint8)
    x = squeezenet.to_input(pictures)
    assert x.shape == (2, 3, 4, 5)
    assert x.dtype == onp.float32
    # blue first, less its mean
    assert onp.array_equal(x[:, 0], pictures[..., 2] - onp.float32(104))
    assert onp.array_equal(x[:, 2], pictures[..., 0] - onp.float32(123))
    assert onp.array_equal(squeezenet.to_pictures(x), pictures)
    assert squeezenet.to_input(pictures[0]).shape == (1, 3, 4, 5)
    assert squeezenet.to_pictures(x + 300).min() == 255
    assert squeezenet.to_pictures(x - 300).max() == 0


def test_the_best_classes_are_those_of_a_softmax():
    scores = onp.array([[1.0, 3.0, 2.0], [0.0, 0.0, 5.0]])
    found = squeezenet.best(scores, ("a", "b", "c"), 2)
    expected = softmax(scores)
    assert [name for name, _ in found[0]] == ["b", "c"]
    assert found[1][0][0] == "c"
    assert found[0][1][1] == pytest.approx(expected[0, 2], rel=1e-6)


@pytest.mark.skipif(
    not os.path.isdir(os.path.join(REAL, "squeezenet")),
    reason="FDL_DATA_MIRROR names no folder with the real weights",
)
@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("chelsea", {"Egyptian cat", "tabby", "tiger cat"}),
        ("coffee", {"espresso"}),
        ("china", {"stupa", "dome", "monastery", "palace"}),
    ],
)
def test_it_knows_what_is_in_a_photograph(name, right, monkeypatch):
    pytest.importorskip("skimage")
    monkeypatch.setenv("FDL_DATA_MIRROR", REAL)
    weights = data.load("squeezenet", offline=True)
    net = SqueezeNet().fill(weights.arrays)
    x = squeezenet.to_input(data.photo(name, 227))
    scores = net(np.array(x))
    ((first, *_),) = squeezenet.best(scores, weights.classes)
    assert first[0].split(",")[0] in right
    # and it is the colours' order that makes it sure
    scores = net(np.array(x[:, ::-1].copy()))
    ((other, *_),) = squeezenet.best(scores, weights.classes)
    assert abs(other[1] - first[1]) > 0.01


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        ("relu4_2", r"`outputs` \(='relu4_2'\) must be of conv1, pool1"),
        (["conv1", "conv2"], "`outputs` .* must be of conv1"),
        ([], "`outputs` .* name one layer at least"),
    ],
)
def test_wrong_outputs_are_told(outputs, message):
    with pytest.raises(ValueError, match=message):
        SqueezeNet(outputs)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((1, 4, 30, 30), r"\(1, 4, 30, 30\)\) must be images of shape \(B, 3"),
        ((3, 30, 30), r"must be images of shape \(B, 3, H, W\)"),
        ((0, 3, 30, 30), r"\(0, 3, 30, 30\)\) must be images of shape"),
        ((1, 3, 24, 60), r"\(1, 3, 24, 60\).* H and W from 25 up"),
    ],
)
@pytest.mark.parametrize("static", [False, True])
def test_pictures_that_do_not_fit_are_told(shape, message, static):
    net = drawn("fire2")
    if static:
        net.hybridize()
    with pytest.raises(ShapeError, match=message):
        net(np.zeros(shape))


@pytest.mark.parametrize("shape", [(4, 5), (2, 4, 5, 1), (2, 3, 4, 5, 3)])
def test_wrong_pictures_are_told(shape):
    with pytest.raises(ShapeError, match="`pictures` .* must have the shape"):
        squeezenet.to_input(onp.zeros(shape))


def test_what_is_no_input_and_no_score_is_told():
    with pytest.raises(ShapeError, match=r"`x` .* shape \(N, 3, H, W\)"):
        squeezenet.to_pictures(onp.zeros((3, 4, 5)))
    with pytest.raises(ValueError, match=r"`x` \(=nan at .* finite"):
        squeezenet.to_pictures(onp.full((1, 3, 4, 5), onp.nan))
    for scores in (onp.zeros(2), onp.zeros((1, 3))):
        with pytest.raises(ShapeError, match=r"`scores` .* shape \(B, 2\)"):
            squeezenet.best(scores, ("cat", "dog"))
    for count in (0, -1, 1.5):
        with pytest.raises(ValueError, match="`count` .* from 1 up"):
            squeezenet.best(onp.zeros((1, 2)), ("cat", "dog"), count)
    with pytest.raises(ValueError, match="`pictures` .* be finite everywhere"):
        squeezenet.to_input(onp.full((4, 5, 3), onp.nan))
    for sizes in ((0, 2, 4), (8, 0, 4), (8, 2, 1.5)):
        with pytest.raises(ValueError, match="must be a whole number from 1"):
            squeezenet.Fire(*sizes)
    with pytest.raises(ValueError, match=r"`classes` \(=0\) must"):
        SqueezeNet(classes=0)
    with pytest.raises(ValueError, match=r"`dropout` \(=2\) must"):
        SqueezeNet(dropout=2)


def test_it_works_in_doubles():
    net = drawn("fire2")
    x = onp.random.default_rng(0).normal(size=(1, 3, 30, 30))
    found = net(np.array(x, dtype="float32")).asnumpy()
    net.cast("float64")
    doubled = net(np.array(x)).asnumpy()
    onp.testing.assert_allclose(doubled, found, rtol=1e-3, atol=1e-4)


def test_weights_of_another_network_are_refused():
    net = SqueezeNet("fire2")
    with pytest.raises(ValueError, match="`arrays` .* names"):
        net.fill({"conv1.weight": onp.zeros((64, 3, 3, 3))})
    assert isinstance(net.conv1.weight, mx.gluon.Parameter)
