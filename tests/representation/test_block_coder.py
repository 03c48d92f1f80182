"""The learned coder of blocks: oracle (NumPy), properties, learns."""

import math

import numpy as np
import pytest

from fdl import data, optim, train
from fdl._mxnet import autograd, mx
from fdl._mxnet import np as mxnp
from fdl.representation import BlockCoder, Crops, RateDistortion, compression
from fdl.representation import block_coder as blocks_


@pytest.fixture(scope="module")
def picture():
    return compression.grey(data.photo("coins", (96, 136)))


@pytest.fixture(scope="module")
def axes(picture):
    return compression.cosine_axes(compression.block_rows([picture]))


def fresh(axes, hidden=6):
    net = BlockCoder(axes, hidden)
    net.initialize()
    return net


def shaken(axes, size=0.02):
    """Return a coder whose corrections are not zero."""
    net = fresh(axes)
    rng = np.random.default_rng(0)
    for name, parameter in net.collect_params().items():
        if "weight" in name or "bias" in name or "width" in name:
            old = parameter.data().asnumpy()
            new = old + rng.normal(0, size, old.shape)
            parameter.set_data(mxnp.array(new, dtype="float32"))
    return net


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_it_starts_as_its_axes(picture, axes):
    net, start = fresh(axes), compression.AxesCoder(axes)
    blocks = compression.to_blocks(picture)
    codes = start.encode_blocks(blocks, 20.0)
    found = net.encode_blocks(blocks, 20.0)
    assert (found != codes).mean() < 0.001  # ties in float32
    np.testing.assert_allclose(
        net.decode_blocks(codes, 20.0),
        start.decode_blocks(codes, 20.0),
        atol=0.01,
    )


def test_the_bell_curves_are_as_wide_as_the_axes_at_the_start(axes):
    net = fresh(axes)
    s = np.exp(net.width.data().asnumpy().ravel())
    # of the logistic distribution the standard deviation is π s / √3
    spread = np.sqrt(np.maximum(axes.variances, 1e-3))
    np.testing.assert_allclose(np.pi * s / np.sqrt(3), spread, rtol=1e-5)


@pytest.mark.parametrize("hybrid", [False, True])
def test_restored_blocks_are_those_of_the_rounded_codes(picture, axes, hybrid):
    net = shaken(axes)
    if hybrid:
        net.hybridize(static_alloc=True, static_shape=True)
    blocks = compression.to_blocks(picture)
    steps = np.array([17.0, 90.0], "float32").reshape(2, 1, 1, 1)
    restored, bits = net(mxnp.array([blocks, blocks]), mxnp.array(steps))
    assert bits.shape == (2,)
    for one, step in zip(restored.asnumpy(), (17.0, 90.0)):
        codes = net.encode_blocks(blocks, step)
        np.testing.assert_allclose(
            one * step, net.decode_blocks(codes, step), atol=0.02
        )


def test_the_code_looks_at_the_blocks_around(picture, axes):
    net = shaken(axes)
    blocks = compression.to_blocks(picture)
    other = blocks.copy()
    other[:, 5, 5] = 255 - other[:, 5, 5]
    gap = net._alone(net.code, blocks, 20.0) - net._alone(
        net.code, other, 20.0
    )
    rows, columns = np.nonzero(np.abs(gap).max(axis=0) > 1e-4)
    # f is two convolutions of 3 by 3
    assert (rows.min(), rows.max()) == (3, 7)
    assert (columns.min(), columns.max()) == (3, 7)


def test_code_and_restored_blocks_are_those_of_the_equations(picture, axes):
    net, step = shaken(axes, 0.1), 10.0
    mean, spread = axes.mean[:, None, None], np.sqrt(axes.variances)
    weights = (
        p.weight.data().asnumpy()[:, :, 0, 0]
        for p in (net.analysis, net.synthesis)
    )
    W, V = weights

    def correction(part, x):
        x = x / spread[:, None, None]
        plane = np.full((1, *x.shape[1:]), np.log(step / 40))
        told = np.concatenate([x, plane])[np.newaxis]
        return part(mxnp.array(told, dtype="float32")).asnumpy()[0]

    blocks = compression.to_blocks(picture)
    t = np.einsum("mn,nhw->mhw", W, blocks - mean)
    code = t / step + correction(net.encoder, t)
    found = net._alone(net.code, blocks, step)
    np.testing.assert_allclose(found, code, atol=1e-3)
    c = np.rint(code)
    r = step * (c + correction(net.decoder, step * c))
    np.testing.assert_allclose(
        net.decode_blocks(c, step),
        np.einsum("nm,mhw->nhw", V, r) + mean,
        atol=0.02,
    )


def test_bits_are_those_of_the_bell_curve(axes):
    net = shaken(axes)
    net.width.set_data(0 * net.width.data() + 0.7)
    rng = np.random.default_rng(1)
    c = rng.integers(-2, 3, (2, 64, 3, 4)).astype(float)
    width = np.exp(net.width.data().asnumpy().astype(float))
    # near the widths of most units, so that nothing underflows
    step = np.array([1.0, 3.0]).reshape(2, 1, 1, 1)
    told = c.copy()
    told[:, 0, :, 1:] -= c[:, 0, :, :-1]
    upper = sigmoid((told + 0.5) * step / width)
    p = upper - sigmoid((told - 0.5) * step / width)
    assert p.min() > 1e-9
    arrays = (mxnp.array(a, dtype="float32") for a in (c, step))
    found = net.bits(mx, *arrays, net.width.data()).asnumpy()
    np.testing.assert_allclose(
        found, -np.log2(p).sum(axis=(1, 2, 3)), rtol=1e-4
    )
    # and far out, where a difference of two probabilities would be 0
    far = net.bits(
        mx,
        mxnp.full((1, 64, 1, 1), 1e4),
        mxnp.full((1, 1, 1, 1), 40.0),
        net.width.data(),
    ).asnumpy()
    np.testing.assert_allclose(
        far, (1e4 * 40 / width).sum() / math.log(2), rtol=1e-2
    )


def test_rounding_has_a_slope_and_noise_has_its_span():
    x = mxnp.array(np.linspace(-3, 3, 4000), dtype="float32")
    x.attach_grad()
    for change in (blocks_.rounded, lambda v: blocks_.noisy(mx, v)):
        with autograd.record():
            y = change(x)
        y.backward()
        gap = (y - x).asnumpy()
        assert np.abs(gap).max() <= 0.5 + 1e-6
        assert np.abs(gap.mean()) < 0.02
        assert np.square(gap).mean() == pytest.approx(1 / 12, rel=0.06)
        assert (x.grad.asnumpy() == 1).all()
    np.testing.assert_array_equal(
        blocks_.rounded(x).asnumpy(), np.rint(x.asnumpy())
    )


def test_the_loss_is_the_error_and_the_bits():
    loss = RateDistortion(0.5, blocks=4)
    y, x = np.zeros((2, 3, 2, 2)), np.ones((2, 3, 2, 2))
    x[1] = 2
    output = mxnp.array(y), mxnp.array([8.0, 100.0])
    found = loss(output, mxnp.array(x)).asnumpy()
    np.testing.assert_allclose(found, [(12 + 4) / 4, (48 + 50) / 4])
    assert RateDistortion().weight == pytest.approx(2 * math.log(2) / 12)


def test_crops_are_squares_of_the_pictures_at_steps_in_their_span():
    rng = np.random.default_rng(0)
    pictures = [
        rng.integers(0, 100, (30, 40), dtype=np.uint8),
        rng.integers(100, 256, (90, 40), dtype=np.uint8),
    ]
    crops = Crops(pictures, 200, 2, side=16, steps=(10, 40), seed=3)
    assert len(crops) == 2
    first, again, other = (
        next(iter(crops.epoch(epoch))) for epoch in (0, 0, 1)
    )
    (x, step), y = first
    assert (x.shape, step.shape) == ((200, 64, 2, 2), (200, 1, 1, 1))
    assert x.dtype == step.dtype == np.float32
    np.testing.assert_allclose(y * step, x, rtol=1e-6)
    np.testing.assert_array_equal(x, again[0][0])
    assert (x != other[0][0]).any()
    # each picture is met in proportion to its size, 1 to 3
    assert 0.65 < (x.max(axis=(1, 2, 3)) > 100).mean() < 0.85
    assert 10 <= step.min() < 12
    assert 36 < step.max() <= 40
    assert np.median(step) == pytest.approx(20, rel=0.1)
    # all eight ways to lay a square
    square = np.arange(256, dtype=np.uint8).reshape(16, 16)
    (x, _), _ = next(iter(Crops([square], 200, 1, side=16).epoch(0)))
    corners = {tuple(v[[0, 1], 0, 0].astype(int)) for v in x}
    assert len(corners) == 8


def test_it_learns_to_pay_less(picture, axes):
    net = BlockCoder(axes, 16)
    crops = Crops([picture], 4, 25, side=32, steps=(15, 60))
    rate = optim.schedules.Cosine(0.001, 8 * len(crops))
    history = train.fit(
        net,
        crops,
        loss=RateDistortion(0.116, blocks=16),
        optimizer=optim.Adam(0.001, lr_scheduler=rate),
        epochs=8,
        seed=0,
    )
    start = compression.rate_curve(
        compression.AxesCoder(axes), picture, (15.0, 30.0, 60.0)
    )
    end = compression.rate_curve(net, picture, (15.0, 30.0, 60.0))
    assert history["loss"][-1] < history["loss"][0]
    assert compression.advantage(end, start) > 0.15
    # and the file still tells what the codes tell
    file = compression.compress(net, picture, 30.0)
    found = compression.decompress(net, file)
    assert compression.psnr(picture, found) == pytest.approx(end.psnr[1])
    assert 8 * len(file) / picture.size == pytest.approx(end.rate[1], rel=0.01)


def test_bad_input_gets_one_sentence(picture, axes):
    with pytest.raises(ValueError, match="`hidden`.*whole number"):
        BlockCoder(axes, 0)
    net = fresh(axes)
    with pytest.raises(ValueError, match="`step`.*above 0"):
        net.encode_blocks(compression.to_blocks(picture), 0.0)
    with pytest.raises(ValueError, match=r"blocks of shape \(B, 64, h, w\)"):
        net(mxnp.zeros((2, 63, 4, 4)), mxnp.ones((2, 1, 1, 1)))
    with pytest.raises(ValueError, match="`side`.*multiple of 8"):
        Crops([picture], 4, 1, side=20)
    for bad in ([], [picture[:40]]):
        with pytest.raises(ValueError, match="`pictures`.*64 × 64"):
            Crops(bad, 4, 1)
    with pytest.raises(ValueError, match="`steps`.*above 0"):
        Crops([picture], 4, 1, steps=(0, 3))
    with pytest.raises(ValueError, match="`steps`.*least and the largest"):
        Crops([picture], 4, 1, steps=(30, 3))
    with pytest.raises(ValueError, match="`seed`.*from 0 up"):
        Crops([picture], 4, 1, seed=-1)
    with pytest.raises(ValueError, match="`weight`.*above 0"):
        RateDistortion(0)
    with pytest.raises(ValueError, match="`blocks`.*whole number"):
        RateDistortion(1.0, blocks=0)
