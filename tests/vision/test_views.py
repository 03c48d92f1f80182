"""Known value, oracle, gradient, property, refusals: views of a network."""

import numpy as onp
import pytest
from oracles import assert_gradients_agree, central_differences

from fdl._mxnet import autograd, gluon, mx, nn, np, npx
from fdl.errors import ShapeError
from fdl.nn import get_parameters, set_parameters
from fdl.vision import (
    SqueezeNet,
    Stages,
    activations,
    filter_pictures,
    nearest,
    occlusion,
    saliency,
)


def small(seed=0):
    """Return a network of nested blocks, smooth, without dropout at rest."""
    net = nn.HybridSequential()
    inner = nn.HybridSequential()
    inner.add(nn.Conv2D(4, 3, in_channels=2, activation="softrelu"))
    inner.add(nn.MaxPool2D(2))
    net.add(inner, nn.Dropout(0.5), nn.Dense(3, in_units=16))
    mx.random.seed(seed)
    net.initialize(mx.init.Normal(0.5))
    return net


X = onp.random.default_rng(0).normal(size=(2, 2, 6, 6)).astype("float32")


# --- filters


def test_filters_are_stretched_around_grey():
    w = onp.zeros((3, 1, 1, 2))
    w[0, 0, 0] = [2.0, -1.0]
    w[2, 0, 0] = [0.0, -0.1]  # a weak one, stretched on its own
    assert filter_pictures(w).tolist() == [
        [[1.0, 0.25]],
        [[0.5, 0.5]],
        [[0.5, 0.0]],
    ]


def test_filters_of_three_channels_are_colours():
    w = onp.zeros((1, 3, 2, 2))
    w[0, 0, 0, 1] = 4.0  # red, top right
    w[0, 2, 1, 0] = -4.0  # less blue, bottom left
    picture = filter_pictures(w)
    assert picture.shape == (1, 2, 2, 3)
    assert picture[0, 0, 1].tolist() == [1.0, 0.5, 0.5]
    assert picture[0, 1, 0].tolist() == [0.5, 0.5, 0.0]


@pytest.mark.parametrize("shape", [(4, 2, 3, 3), (3, 3, 3)])
def test_filters_that_are_no_pictures_are_told(shape):
    with pytest.raises(ShapeError, match=r"`weights` .* \(K, 1, e, e\) or"):
        filter_pictures(onp.zeros(shape))


# --- activations


@pytest.mark.parametrize("static", [False, True])
def test_activations_are_what_the_layers_give(static):
    net = small()
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
        net(np.array(X))
    found = activations(net, X, ["2", "0.0", "0"])
    with autograd.pause():
        conv = net[0][0](np.array(X))
        pooled = net[0][1](conv)
        out = net[2](pooled)
    for name, expected in (("0.0", conv), ("0", pooled), ("2", out)):
        assert found[name].shape == expected.shape
        onp.testing.assert_allclose(found[name], expected.asnumpy(), rtol=1e-5)
    assert found["0.0"].shape == (2, 4, 4, 4)


def test_a_network_is_as_before_afterwards():
    net = small()
    net.hybridize()
    before = net(np.array(X)).asnumpy()
    activations(net, X, ["0.0"])
    assert net._active
    assert net[0][0]._active
    assert all(not block._forward_hooks for block in (net, net[0], net[0][0]))
    assert (net(np.array(X)).asnumpy() == before).all()


def test_activations_of_a_named_layer_are_its_output():
    net = SqueezeNet("fire2", prefix="eyes_")
    net.initialize()
    x = onp.random.default_rng(1).normal(size=(1, 3, 25, 25))
    found = activations(net, x, ["fire2", "fire2.squeeze1x1"])
    assert found["fire2.squeeze1x1"].shape == (1, 16, 6, 6)
    expected = net(np.array(x, dtype="float32")).asnumpy()
    onp.testing.assert_allclose(found["fire2"], expected, rtol=1e-5)


def test_a_layer_that_is_not_there_is_told():
    with pytest.raises(ValueError, match=r"'0.7'.* lead to a layer.* 0, 1"):
        activations(small(), X, ["0.7"])
    with pytest.raises(ValueError, match="'0.0.0.x'"):
        activations(small(), X, ["0.0.0.x"])


@pytest.mark.parametrize("static", [False, True])
def test_stages_give_what_the_layers_give(static):
    net = small()
    stages = Stages(net[0], ["1", "0"])
    if static:
        stages.hybridize(static_alloc=True, static_shape=True)
    pooled, conv = stages(np.array(X))
    expected = activations(net, X, ["0.0", "0.1"])
    onp.testing.assert_allclose(conv.asnumpy(), expected["0.0"], rtol=1e-5)
    onp.testing.assert_allclose(pooled.asnumpy(), expected["0.1"], rtol=1e-5)


def test_stages_stop_after_the_last_and_share_the_parameters():
    net = small()
    stages = Stages(net, ["0"])
    assert list(stages._children) == ["0"]
    net[0][0].weight.set_data(np.zeros((4, 2, 3, 3)))
    (maps,) = stages(np.array(X))
    assert (maps == maps[0, :, :1, :1]).all()
    # a picture of another size will do
    assert stages(np.zeros((1, 2, 12, 8)))[0].shape == (1, 4, 5, 3)


def test_wrong_stages_are_told():
    with pytest.raises(ValueError, match="`outputs` .*'7'.* be one of 0, 1"):
        Stages(small(), ["0", "7"])
    for names in ([], "0", [0]):
        with pytest.raises(ValueError, match="`outputs` .* one layer at leas"):
            Stages(small(), names)
        with pytest.raises(ValueError, match="`layers` .* one layer at least"):
            activations(small(), X, names)


# --- what it looks at


def test_saliency_is_the_largest_numeric_slope():
    net = small()
    net.cast("float64")
    found = saliency(Floats(net), X, [2, 0])
    assert found.shape == (2, 6, 6)
    for b, label in ((0, 2), (1, 0)):

        def score(x, label=label):
            return float(net(np.array(x[None]))[0, label])

        numeric = central_differences(score, X[b].astype(float))
        expected = onp.abs(numeric).max(axis=0)
        assert_gradients_agree(found[b], expected, 1e-4)


class Floats(gluon.Block):
    """Let a network of doubles take floats, as the real ones do."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        return self.net(x.astype("float64")).astype("float32")


@pytest.mark.parametrize("static", [False, True])
def test_saliency_is_that_of_a_network_at_rest(static):
    # pooling, normalization and dropout all differ between training and rest
    net, twin = (nn.HybridSequential() for _ in range(2))
    for one in (net, twin):
        one.add(
            nn.Conv2D(4, 3, in_channels=2, activation="softrelu"),
            nn.BatchNorm(in_channels=4),
            nn.MaxPool2D(2),
            nn.Dropout(0.5),
            nn.Dense(3, in_units=16),
        )
        one.initialize(mx.init.Normal(0.5))
    arrays = get_parameters(net)
    arrays["1.running_var"] = onp.array([0.1, 1, 4, 9])
    arrays["1.running_mean"] = onp.array([1.0, -1, 0.5, 2])
    set_parameters(net, arrays)
    set_parameters(twin, arrays)
    twin.cast("float64")
    if static:
        net.hybridize(static_alloc=True, static_shape=True)
        net(np.array(X))
    for _ in range(3):  # the gradient of pooling at rest is a matter of luck
        found = saliency(net, X, [1, 2])
        for b, label in enumerate((1, 2)):

            def score(x, label=label):
                return float(twin(np.array(x[None]))[0, label])

            numeric = central_differences(score, X[b].astype(float))
            expected = onp.abs(numeric).max(axis=0)
            onp.testing.assert_allclose(found[b], expected, atol=1e-4)
    npx.waitall()
    for name, array in get_parameters(net).items():
        onp.testing.assert_allclose(array, arrays[name], rtol=1e-6)


def test_saliency_needs_a_class_for_each_picture():
    with pytest.raises(ShapeError, match="`classes` .* each of the 2 pict"):
        saliency(small(), X, [1])
    for classes in ([0, 3], [0, -1], [0.0, 1.0]):
        with pytest.raises(ValueError, match="`classes` .* from 0 to 2"):
            saliency(small(), X, classes)


def test_a_network_is_looked_into_where_it_is():
    net = small()
    here = activations(net, X, ["0"])["0"], saliency(net, X, [1, 2])
    net.collect_params().reset_ctx(mx.cpu(1))
    there = (
        activations(net, X, ["0"])["0"],
        saliency(net, X, np.array([1, 2], dtype="int32")),
    )
    for a, b in zip(here, there):
        onp.testing.assert_array_equal(a, b)


def test_occlusion_finds_the_only_place_that_matters():
    x = onp.random.default_rng(2).uniform(1, 2, (3, 8, 10))

    def score(pictures):
        return pictures[:, 1, 4:6, 7].sum(axis=1)

    lost = occlusion(score, x, 2)
    assert lost.shape == (4, 5)
    assert lost[2, 3] == pytest.approx(x[1, 4:6, 7].sum())
    assert (onp.delete(lost.ravel(), 2 * 5 + 3) == 0).all()
    # what covers may itself say something
    brighter = occlusion(score, x, 2, fill=5.0)
    assert brighter[2, 3] == pytest.approx(x[1, 4:6, 7].sum() - 10)


def test_occlusion_moves_by_its_stride():
    x = onp.zeros((1, 7, 9))
    assert occlusion(lambda p: p.sum((1, 2, 3)), x, 3, 2).shape == (3, 4)
    # the picture itself is left alone
    assert (x == 0).all()


@pytest.mark.parametrize(
    ("shape", "size", "message"),
    [
        ((7, 9), 3, r"`x` .*must have the shape \(C, H, W\)"),
        ((1, 7, 9), 8, r"`x` .*H and W being 8 at least"),
        ((1, 7, 9), 0, r"`size` \(=0\) must be a whole number from 1 up"),
    ],
)
def test_wrong_pictures_or_sizes_are_told(shape, size, message):
    with pytest.raises(ValueError, match=message):
        occlusion(lambda p: p.sum((1, 2, 3)), onp.zeros(shape), size, 1)


@pytest.mark.parametrize("fill", [0.5, -1, 256])
def test_bytes_are_covered_with_a_byte(fill):
    x = onp.ones((1, 4, 4), onp.uint8)
    with pytest.raises(ValueError, match=r"`fill` .* that uint8 holds, as `x"):
        occlusion(lambda p: p.sum((1, 2, 3)), x, 2, fill=fill)
    lost = occlusion(lambda p: p.sum((1, 2, 3), dtype=int), x, 2, fill=3)
    assert lost.tolist() == [[-8, -8], [-8, -8]]


def test_what_is_no_number_cannot_be_looked_at():
    x = onp.ones((1, 4, 4))
    x[0, 1, 2] = onp.nan
    with pytest.raises(ValueError, match=r"`x` \(=nan at \(0, 1, 2\)\) must"):
        occlusion(lambda p: p.sum((1, 2, 3)), x, 2)
    with pytest.raises(ValueError, match=r"`fill` \(=nan\) must be finite"):
        occlusion(
            lambda p: p.sum((1, 2, 3)), onp.ones((1, 4, 4)), 2, fill=onp.nan
        )
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(2, in_units=16))
    net.initialize()
    for look in (
        lambda: saliency(net, x[None], [0]),
        lambda: activations(net, x, ["0"]),
    ):
        with pytest.raises(ValueError, match="`x` .* must be finite"):
            look()


def test_a_cover_moves_by_one_at_least_and_needs_a_score_for_each():
    x = onp.random.default_rng(0).random((1, 6, 6)).astype("float32")
    with pytest.raises(ValueError, match=r"`stride` \(=0\) must"):
        occlusion(lambda p: p.sum((1, 2, 3)), x, 3, 0)
    for score in (lambda p: 1.0, lambda p: p.sum((1, 2))):
        with pytest.raises(ShapeError, match=r"`score.* the shape \(5,\)"):
            occlusion(score, x, 3)
    found = occlusion(lambda p: np.array(p).sum(axis=(1, 2, 3)), x, 3)
    expected = x.reshape(2, 3, 2, 3).sum(axis=(1, 3))
    onp.testing.assert_allclose(found, expected, rtol=1e-4)


# --- neighbours


def test_neighbours_are_those_of_loops():
    features = onp.random.default_rng(3).normal(size=(30, 4))
    found = nearest(features, [0, 7, 29], 6)
    assert found.shape == (3, 6)
    for row, query in zip(found, (0, 7, 29)):
        distances = [
            (sum((a - b) ** 2 for a, b in zip(features[query], other)), i)
            for i, other in enumerate(features)
            if i != query
        ]
        assert row.tolist() == [i for _, i in sorted(distances)[:6]]


def test_wrong_features_or_counts_are_told():
    with pytest.raises(ShapeError, match=r"`features` .* \(n, d\)"):
        nearest(onp.zeros(5), [0])
    for count in (0, 5, 1.5):
        with pytest.raises(ValueError, match="`count` .* from 1 to 4"):
            nearest(onp.zeros((5, 2)), [0], count)
    for queries in ([5], [-1], [0.5], 3, []):
        with pytest.raises(ValueError, match="`queries` .* from 0 to 4"):
            nearest(onp.zeros((5, 2)), queries, 2)
    with pytest.raises(ValueError, match="`features` .* finite everywhere"):
        nearest(onp.full((5, 2), onp.nan), [0], 2)
    npx.waitall()
