"""What layers refuse: wrong arguments, and inputs that they cannot take."""

import numpy as onp
import pytest

from fdl._mxnet import np
from fdl.errors import ShapeError
from fdl.nn import (
    BatchNorm,
    CausalConv,
    ConvNorm,
    DeepLayer,
    DenseBlock,
    DenseLayer,
    GatedLayer,
    Highway,
    Inception,
    LocalResponseNorm,
    Residual,
    Transition,
    WaveNet,
)

# a layer, an input that it takes, and what its sentence asks for
LAYERS = {
    "ConvNorm": (lambda: ConvNorm(4, 2), (2, 4, 5, 5), "images"),
    "Residual": (lambda: Residual(4, 8, stride=2), (2, 4, 5, 5), "images"),
    "Inception": (
        lambda: Inception(4, 1, 1, 1, 1, 1, 1),
        (2, 4, 5, 5),
        "images",
    ),
    "DenseLayer": (lambda: DenseLayer(4, 2), (2, 4, 5, 5), "images"),
    "DenseBlock": (lambda: DenseBlock(4, 2, 2), (2, 4, 5, 5), "images"),
    "Transition": (lambda: Transition(4, 2), (2, 4, 5, 5), "images"),
    "Highway": (lambda: Highway(4), (2, 4), "activities"),
    "Highway of maps": (
        lambda: Highway(4, extent=3),
        (2, 4, 5, 5),
        "activities",
    ),
    "DeepLayer": (
        lambda: DeepLayer(4, residual=True),
        (2, 4),
        "activities",
    ),
    "CausalConv": (lambda: CausalConv(4, 2), (2, 4, 9), "signals"),
    "GatedLayer": (lambda: GatedLayer(4), (2, 4, 9), "signals"),
    "WaveNet": (lambda: WaveNet(signal=4), (2, 4, 9), "signals"),
}


@pytest.mark.parametrize("static", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_an_input_that_does_not_fit_is_refused_with_its_sizes(name, static):
    build, shape, what = LAYERS[name]
    layer = build()
    layer.initialize()
    if static:
        layer.hybridize(static_alloc=True, static_shape=True)
    layer(np.zeros(shape))
    B, C, *places = shape
    for wrong in (
        shape[1:],
        (1, *shape),
        (B, C + 1, *places),
        (0, C, *places),
        *([(B, C, *[0] * len(places))] if places else []),
    ):
        told = ", ".join(map(str, wrong)) + ("," if len(wrong) == 1 else "")
        with pytest.raises(
            ShapeError,
            match=rf"`x` \(=of shape \({told}\)\) must be {what} of shape "
            rf"\(B, {C}",
        ):
            layer(np.zeros(wrong))
    for dtype in ("int32", "float64"):
        with pytest.raises(
            TypeError, match=rf"`x` \(=of type {dtype}\) must be of float32"
        ):
            layer(np.zeros(shape, dtype=dtype))
    with pytest.raises(TypeError, match=r"`x` \(=a list\) must be an array"):
        layer([[1.0]])


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_in_another_type_takes_that_type(name):
    build, shape, _ = LAYERS[name]
    layer = build()
    layer.initialize()
    layer.cast("float64")
    y = layer(np.zeros(shape, dtype="float64"))
    assert (y[0] if isinstance(y, tuple) else y).dtype == onp.float64
    with pytest.raises(TypeError, match="must be of float64"):
        layer(np.zeros(shape))


def test_batch_normalization_takes_no_empty_batch_and_its_own_type():
    norm = BatchNorm(in_channels=4)
    norm.initialize()
    with pytest.raises(ShapeError, match=r"\(0, 4, 5, 5\)\) .* not be empty"):
        norm(np.zeros((0, 4, 5, 5)))
    for dtype in ("int32", "float64"):
        with pytest.raises(
            TypeError, match=rf"`x` \(=of type {dtype}\) must be of float32"
        ):
            norm(np.zeros((2, 4), dtype=dtype))


def test_local_response_takes_maps_of_float32():
    norm = LocalResponseNorm()
    with pytest.raises(ShapeError, match=r"images of shape \(B, C, H, W\)"):
        norm(np.zeros((4, 5, 5)))
    with pytest.raises(TypeError, match="must be of float32"):
        norm(np.zeros((1, 4, 5, 5), dtype="float64"))


@pytest.mark.parametrize(
    ("layer", "least"),
    [
        (lambda: ConvNorm(1, 1, 5, pad=0), 5),
        (lambda: ConvNorm(1, 1, 4, pad=1), 2),
        (lambda: ConvNorm(1, 1, 3, pad=0, dilation=3), 7),
        (lambda: Transition(1, 1), 2),
    ],
)
def test_an_image_on_which_nothing_finds_a_place_is_refused(layer, least):
    layer = layer()
    layer.initialize()
    assert layer(np.zeros((1, 1, least, least))).shape == (1, 1, 1, 1)
    for H, W in ((least - 1, least), (least, least - 1)):
        with pytest.raises(
            ShapeError, match=rf"\(1, 1, {H}, {W}\).* H and W from {least} up"
        ):
            layer(np.zeros((1, 1, H, W)))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: BatchNorm(in_channels=-1), r"`in_channels` \(=-1\)"),
        (lambda: BatchNorm(momentum="a"), r"`momentum` \(='a'\)"),
        (lambda: BatchNorm(epsilon=float("nan")), r"`epsilon` \(=nan\)"),
        (lambda: ConvNorm(1, 1, momentum=2.0), r"`momentum` \(=2.0\)"),
        (lambda: ConvNorm(1, 1, epsilon=-1.0), r"`epsilon` \(=-1.0\)"),
        (lambda: Residual(4, "8", bottleneck=True), r"`kernels` \(='8'\)"),
        (lambda: Residual(4, 8, stride=0), r"`stride` \(=0\)"),
        (lambda: Inception(3, 1, 1, 1, 0, 1, 1), r"`reduce5` \(=0\)"),
        (lambda: Inception(3, 0, 1, 1, 1, 1, 1), r"`one` \(=0\)"),
        (lambda: DenseLayer(4, 0), r"`growth` \(=0\)"),
        (lambda: DenseLayer(4, 1, dropout=1.0), r"`dropout` \(=1.0\)"),
        (lambda: DenseBlock(4, 0, 2), r"`layers` \(=0\)"),
        (lambda: Transition(4, 0), r"`kernels` \(=0\)"),
        (lambda: Highway(0), r"`units` \(=0\)"),
        (lambda: Highway(2, extent="3"), r"`extent` \(='3'\)"),
        (lambda: DeepLayer(0, residual=True), r"`units` \(=0\)"),
        (lambda: DeepLayer(2, residual=True, power=0), r"`power` \(=0\)"),
        (lambda: CausalConv(0, 3), r"`channels` \(=0\)"),
        (lambda: CausalConv(1, 1.5), r"`kernels` \(=1.5\)"),
        (lambda: CausalConv(1, 3, 0), r"`extent` \(=0\)"),
        (lambda: CausalConv(1, 3, dilation=0), r"`dilation` \(=0\)"),
        (lambda: GatedLayer(4, skips=0), r"`skips` \(=0\)"),
        (lambda: WaveNet(0), r"`outputs` \(=0\)"),
        (lambda: WaveNet(dilations=3), r"`dilations` \(=3\)"),
        (lambda: WaveNet(dilations=(1, 0)), r"`dilations` \(=\(1, 0\)\)"),
        (lambda: LocalResponseNorm(True), r"`n` \(=True\)"),
        (lambda: LocalResponseNorm(kappa=0), r"`kappa` \(=0\)"),
    ],
)
def test_wrong_arguments_are_named_at_construction(build, message):
    with pytest.raises(ValueError, match=f"^{message} must .*[.]$"):
        build()
