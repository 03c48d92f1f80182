"""Pictures as files: round trips, known values, oracles, properties."""

import io

import numpy as np
import pytest
import scipy.fft
from PIL import Image

from fdl import data
from fdl.representation import compression, principal_axes
from fdl.representation.compression import AxesCoder, Curve


@pytest.fixture(scope="module")
def picture():
    return compression.grey(data.photo("coins", (60, 85)))


@pytest.fixture(scope="module")
def coder(picture):
    return AxesCoder(
        compression.cosine_axes(compression.block_rows([picture]))
    )


def test_the_ratio_is_that_of_the_definition():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 256, (2, 9, 7))
    error = sum((int(x) - int(y)) ** 2 for x, y in zip(a.flat, b.flat)) / 63
    # 10 log₁₀ of 255² over the mean square is the same
    assert compression.psnr(a, b) == pytest.approx(
        10 * np.log10(255**2 / error)
    )
    assert compression.psnr(a.astype(np.uint8), b.astype(np.uint8)) == (
        compression.psnr(a, b)
    )
    assert compression.psnr(a, a) == np.inf


def test_blocks_are_the_pictures_squares():
    picture = np.arange(13 * 18, dtype=np.uint8).reshape(13, 18)
    blocks = compression.to_blocks(picture)
    assert blocks.shape == (64, 2, 3)
    np.testing.assert_array_equal(
        blocks[:, 0, 1].reshape(8, 8), picture[:8, 8:16]
    )
    # what sticks out repeats the last row and the last column
    corner = blocks[:, 1, 2].reshape(8, 8)
    np.testing.assert_array_equal(corner[:5, :2], picture[8:, 16:])
    assert (corner[4:, 1:] == picture[-1, -1]).all()
    np.testing.assert_array_equal(
        compression.from_blocks(blocks, picture.shape), picture
    )
    rows = compression.block_rows([picture, picture[:8]])
    assert rows.shape == (9, 64)
    np.testing.assert_array_equal(rows[1], blocks[:, 0, 1])


def test_values_are_rounded_and_kept_within_a_byte():
    blocks = np.full((64, 1, 1), 300.0)
    blocks[:3, 0, 0] = -5, 1.4, 1.6
    found = compression.from_blocks(blocks, (8, 8))
    assert found.dtype == np.uint8
    assert found[0, :4].tolist() == [0, 1, 2, 255]


def test_the_waves_are_the_cosine_transforms(picture):
    rows = compression.block_rows([picture])
    axes = compression.cosine_axes(rows)
    flat = scipy.fft.dctn(rows.reshape(-1, 8, 8), axes=(1, 2), norm="ortho")
    found = np.dot(rows, axes.axes)
    # by rising frequency; of equal ones, the fewest changes down the block
    order = sorted(range(64), key=lambda k: (k // 8 + k % 8, k))
    np.testing.assert_allclose(
        found, flat.reshape(-1, 64)[:, order], atol=1e-3
    )
    codes = axes.encode(rows)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(
        axes.variances, np.square(codes).mean(axis=0), rtol=1e-6
    )
    assert axes.total == pytest.approx(axes.variances.sum())


@pytest.mark.parametrize("step", [1.0, 33.3, 500.0])
def test_a_file_tells_the_picture_that_the_codes_tell(picture, coder, step):
    file = compression.compress(coder, picture, step)
    found = compression.decompress(coder, file)
    step = np.float32(step)
    rows = compression.block_rows([picture])
    codes = np.rint(coder.axes.encode(rows) / step)
    blocks = coder.axes.decode(codes * step).T.reshape(64, 8, 11)
    by_hand = compression.from_blocks(blocks, picture.shape)
    np.testing.assert_array_equal(found, by_hand)
    assert found.shape == picture.shape


def test_a_curve_is_what_files_cost_and_keep(picture, coder):
    steps = (5.0, 30.0, 200.0)
    curve = compression.rate_curve(coder, picture, steps)
    for step, rate, ratio in zip(steps, *curve):
        file = compression.compress(coder, picture, step)
        bits = 8 * len(file)
        assert bits - 16 < rate * picture.size < bits + 1
        assert ratio == compression.psnr(
            picture, compression.decompress(coder, file)
        )
    assert curve.rate == sorted(curve.rate, reverse=True)
    assert curve.psnr == sorted(curve.psnr, reverse=True)
    # fine steps leave an error that is spread evenly over a step, and the
    # rounding to grey values after it
    fine = compression.rate_curve(coder, picture, (4.0,)).psnr[0]
    assert fine == pytest.approx(
        10 * np.log10(255**2 / ((16 + 1) / 12)), abs=0.4
    )


def test_jpegs_curve_is_pillows(picture):
    curve = compression.jpeg_curve(picture, (10, 80))
    file = compression.jpeg(picture, 80)
    assert file[:2] == b"\xff\xd8"
    assert curve.rate[1] == 8 * len(file) / picture.size
    assert curve.psnr[1] == compression.psnr(picture, compression.unjpeg(file))
    assert curve.psnr[0] < curve.psnr[1]


def test_a_limit_of_bytes_is_used_and_kept(picture, coder):
    sizes = []
    for most in (300, 700):
        file = compression.compress_to(coder, picture, most)
        sizes.append(len(file))
        assert 0.97 * most < len(file) <= most
    with pytest.raises(ValueError, match="`most`.*bytes at least"):
        compression.compress_to(coder, picture, 5)


def test_an_advantage_is_measured_where_both_curves_are():
    straight = Curve([0.1, 1.0], [30.0, 40.0])
    assert compression.advantage(straight, straight) == 0
    higher = Curve([1.0, 0.1], [42.0, 32.0])  # in any order
    assert compression.advantage(higher, straight) == pytest.approx(2)
    assert compression.advantage(straight, higher) == pytest.approx(-2)
    # half of the decade is shared, and there it is above by one decibel
    part = Curve([10**-0.5, 10.0], [36.0, 51.0])
    assert compression.advantage(part, straight) == pytest.approx(1)
    with pytest.raises(ValueError, match="`curve`.*reach some rates"):
        compression.advantage(straight, Curve([2.0, 3.0], [1.0, 2.0]))


def test_axes_of_the_picture_itself_beat_those_of_noise(picture):
    rows = compression.block_rows([picture])
    noise = np.random.default_rng(0).normal(128, 30, (500, 64))
    own, other = (
        compression.rate_curve(
            AxesCoder(principal_axes(x, 64)), picture, (10.0, 30.0, 90.0)
        )
        for x in (rows, noise)
    )
    assert compression.advantage(own, other) > 3


def test_grey_weighs_the_colours():
    colours = np.zeros((1, 3, 3), np.uint8)
    colours[0, range(3), range(3)] = 255
    assert compression.grey(colours)[0].tolist() == [76, 150, 29]


def test_bad_input_gets_one_sentence(picture, coder):
    for bad in (picture[0], picture.astype(float)):
        with pytest.raises(ValueError, match="`picture`"):
            compression.compress(coder, bad, 10.0)
    with pytest.raises(ValueError, match="`picture`.*uint8"):
        compression.jpeg(np.zeros((0, 3), np.uint8), 10)
    for bad in (0, 96, 2.5):
        with pytest.raises(ValueError, match="`quality`.*whole number"):
            compression.jpeg(picture, bad)
    with pytest.raises(ValueError, match="`step`.*above 0"):
        compression.compress(coder, picture, 0)
    with pytest.raises(ValueError, match="`file`.*more than 8 bytes"):
        compression.decompress(coder, b"12345678")
    file = compression.compress(coder, picture, 10.0)
    for torn in (b"\0" * 2 + file[2:], file[:4] + b"\xff" * 4 + file[8:]):
        with pytest.raises(ValueError, match="`file`.*each above 0"):
            compression.decompress(coder, torn)
    with pytest.raises(ValueError, match="`file`.*undamaged"):
        compression.decompress(coder, file[:-1])
    with pytest.raises(ValueError, match="`file`.*be a picture"):
        compression.unjpeg(b"none")
    with pytest.raises(ValueError, match="`steps`.*above 0"):
        compression.rate_curve(coder, picture, [0])
    with pytest.raises(ValueError, match="`other`.*shape"):
        compression.psnr(picture, picture[:-1])
    with pytest.raises(ValueError, match="`picture`.*shape"):
        compression.grey(picture)
    with pytest.raises(ValueError, match="`picture`.*of uint8"):
        compression.grey(np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="`rows`.*shape"):
        compression.cosine_axes(np.zeros((3, 63)))
    good = Curve([0.1, 1], [30, 40])
    for wrong in (
        Curve([0.1, 1], [30]),
        Curve([0.1, 1], [30, np.inf]),
        Curve([0, 1], [30, 40]),
        Curve([], []),
    ):
        with pytest.raises(ValueError, match="`curve`"):
            compression.advantage(wrong, good)
        with pytest.raises(ValueError, match="`other`"):
            compression.advantage(good, wrong)
    with pytest.raises(ValueError, match="`pictures`.*one or more"):
        compression.block_rows([])
    with pytest.raises(ValueError, match="`picture`.*not be empty"):
        compression.to_blocks(np.zeros((0, 8)))
    blocks = compression.to_blocks(picture)
    for wrong in (blocks[:-1], blocks * np.nan):
        with pytest.raises(ValueError, match="`blocks`.*"):
            compression.from_blocks(wrong, picture.shape)
    with pytest.raises(ValueError, match=r"`shape` \(=\(80, 8\)\).*1 × 1"):
        compression.from_blocks(blocks[:, :1, :1], (80, 8))
    for wrong in (0, np.nan):
        with pytest.raises(ValueError, match="`step`.*above 0"):
            coder.encode_blocks(blocks, wrong)
    with pytest.raises(ValueError, match="`picture`.*finite"):
        compression.psnr([[np.nan]], [[1.0]])
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    with pytest.raises(ValueError, match="`file`.*grey picture"):
        compression.unjpeg(file.getvalue())
