"""Augmentation. Known values, oracle (colorsys, loops), properties."""

import colorsys

import numpy as np
import pytest

from fdl.errors import ShapeError
from fdl.vision import augment

RNG = np.random.default_rng


def pictures(n=6, channels=3, height=8, width=10, dtype="uint8", seed=0):
    rng = RNG(seed)
    if dtype == "uint8":
        shape = (n, channels, height, width)
        return rng.integers(0, 256, shape, dtype=np.uint8)
    return rng.random((n, channels, height, width), dtype=np.float32)


def numbered(n, height, width):
    """Images whose every pixel tells where it was."""
    x = np.arange(n * height * width, dtype=np.float32)
    return x.reshape(n, 1, height, width)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_crop_is_a_window_of_its_own_image_with_all_channels(dtype):
    x = pictures(5, dtype=dtype)
    y = augment.random_crop(x, 4, RNG(1))
    assert y.shape == (5, 3, 4, 4)
    assert y.dtype == x.dtype
    for image, crop in zip(x, y):
        windows = [
            image[:, i : i + 4, j : j + 4]
            for i in range(8 - 4 + 1)
            for j in range(10 - 4 + 1)
        ]
        assert sum((w == crop).all() for w in windows) == 1


def test_crops_come_from_every_place_equally_often():
    x = np.repeat(numbered(1, 4, 5), 6000, axis=0)
    corner = augment.random_crop(x, 3, RNG(0))[:, 0, 0, 0]
    places, counts = np.unique(corner, return_counts=True)
    assert places.tolist() == [0, 1, 2, 5, 6, 7]  # 2 rows, 3 columns
    assert abs(counts - 1000).max() < 150


def test_a_crop_of_full_size_changes_nothing():
    x = pictures(3, height=5, width=5)
    np.testing.assert_array_equal(augment.random_crop(x, 5, RNG(0)), x)
    np.testing.assert_array_equal(augment.center_crop(x, 5), x)


def test_the_center_has_as_much_on_either_side():
    x = numbered(2, 6, 8)
    y = augment.center_crop(x, 4)
    assert y[0, 0, 0, 0] == 1 * 8 + 2
    assert y[0, 0, 3, 3] == 4 * 8 + 5
    assert (y[1] - y[0] == 48).all()


@pytest.mark.parametrize(
    ("flip", "axis"),
    [("random_flip_left_right", -1), ("random_flip_up_down", -2)],
)
def test_half_of_the_images_are_flipped_and_the_others_not(flip, axis):
    x = np.repeat(pictures(1), 2000, axis=0)
    y = getattr(augment, flip)(x, RNG(0))
    mirrored = np.flip(x[0], axis)
    flipped = np.array([(image == mirrored).all() for image in y])
    same = np.array([(image == x[0]).all() for image in y])
    assert (flipped ^ same).all()
    assert 900 < flipped.sum() < 1100
    assert y.dtype == np.uint8


def test_transposition_exchanges_rows_and_columns():
    x = pictures(2)
    y = augment.transpose(x)
    assert y.shape == (2, 3, 10, 8)
    assert (y[1, 2, 7, 3] == x[1, 2, 3, 7]).all()
    np.testing.assert_array_equal(augment.transpose(y), x)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_brightness_moves_all_of_an_image_by_one_number(dtype):
    x = pictures(400, dtype=dtype)
    y = augment.random_brightness(x, 0.3, RNG(0))
    assert y.dtype == np.float32
    scaled = x / 255 if dtype == "uint8" else x
    moved = (y - scaled).reshape(400, -1)
    assert np.ptp(moved, axis=1).max() < 1e-6
    # uniform in [−0.3, 0.3]
    assert -0.3 <= moved.min() < -0.28
    assert 0.28 < moved.max() <= 0.3
    assert abs(moved[:, 0].mean()) < 0.03


def test_contrast_stretches_each_channel_about_its_mean():
    x = pictures(400, dtype="float32")
    y = augment.random_contrast(x, 0.2, 1.8, RNG(0))
    np.testing.assert_allclose(
        y.mean(axis=(2, 3)), x.mean(axis=(2, 3)), atol=1e-6
    )
    factor = y.std(axis=(2, 3)) / x.std(axis=(2, 3))
    assert np.ptp(factor, axis=1).max() < 1e-4
    assert 0.2 <= factor.min() + 1e-4 < 0.23
    assert 1.77 < factor.max() - 1e-4 <= 1.8


def by_colorsys(x, change):
    """Return x with ``change(h, s, v)`` done to each pixel in turn."""
    y = np.empty(x.shape)
    for n, i, j in np.ndindex(len(x), *x.shape[2:]):
        h, s, v = change(n, *colorsys.rgb_to_hsv(*x[n, :, i, j].tolist()))
        y[n, :, i, j] = colorsys.hsv_to_rgb(h, s, v)
    return y


def coloured():
    """Random colours, and those at the edges: grey, black, pure, mixed."""
    x = pictures(4, height=6, width=6, dtype="float32")
    x[0, :, 0, 0] = 0
    x[0, :, 0, 1] = 0.5
    x[0, :, 0, 2] = 1
    for k, colour in enumerate(np.ndindex(2, 2, 2)):
        x[1, :, 1 + k // 4, k % 4] = colour
    return x


def test_saturation_is_colorsys_s_times_a_factor():
    x = coloured()
    y = augment.random_saturation(x, 0.5, 2.5, RNG(3))
    factor = RNG(3).uniform(0.5, 2.5, 4)
    assert factor.max() > 1.5  # some reach full saturation
    want = by_colorsys(x, lambda n, h, s, v: (h, min(1, s * factor[n]), v))
    np.testing.assert_allclose(y, want, atol=1e-5)


def test_hue_is_colorsys_h_turned_by_an_angle():
    x = coloured()
    y = augment.random_hue(x, 0.5, RNG(3))
    angle = RNG(3).uniform(-0.5, 0.5, 4)
    assert angle.min() < -0.1 < 0.1 < angle.max()
    want = by_colorsys(x, lambda n, h, s, v: ((h + angle[n]) % 1, s, v))
    np.testing.assert_allclose(y, want, atol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_whitened_images_have_mean_0_and_variance_1_each(dtype):
    x = pictures(5, dtype=dtype)
    y = augment.whiten(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.mean(axis=(1, 2, 3)), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(axis=(1, 2, 3)), 1, atol=1e-5)
    # one mean for all channels: their differences stay
    ratio = (x[0, 0] * 1.0 - x[0, 1]) / (y[0, 0] - y[0, 1])
    assert np.ptp(ratio) / ratio.mean() < 1e-3


def test_an_even_image_is_whitened_to_zero():
    x = np.full((2, 3, 4, 4), 200, np.uint8)
    assert abs(augment.whiten(x)).max() < 1e-5
    x = x / np.float32(255)
    x[0, 0, 0, 0] += 1e-3  # deviation below 1/√48: divided by that
    y = augment.whiten(x)
    assert y[0].max() == pytest.approx(1e-3 * (1 - 1 / 48) * 48**0.5, rel=1e-3)


def test_distortion_crops_mirrors_lights_and_whitens():
    x = pictures(300, height=32, width=32)
    y = augment.distort(x, RNG(0))
    assert y.shape == (300, 3, 24, 24)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(1, 2, 3)), 1, atol=1e-3)
    # crop and mirror show in the order of a channel's pixels; light does not
    mirrored = 0
    for image, made in zip(x[:60], y):
        hits = []
        for turn in (1, -1):
            there = image[1, :, ::turn].astype(float)
            for i, j in np.ndindex(9, 9):
                window = there[i : i + 24, j : j + 24]
                a, b = window - window.mean(), made[1] - made[1].mean()
                cosine = (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())
                if cosine > 0.999:
                    hits.append(turn)
        assert len(hits) == 1
        mirrored += hits[0] < 0
    assert 15 < mirrored < 45


def test_distortion_lights_as_much_as_the_book(monkeypatch):
    # whitening takes back what is the same in all channels: brightness leaves
    # no trace, and of contrast, what channels differ by in the mean
    x = pictures(400, height=24, width=24)
    y = augment.distort(x, RNG(0))
    means = x.mean(axis=(2, 3), keepdims=True)
    apart = means - means.mean(axis=1, keepdims=True)
    factors = []
    for b in range(len(x)):
        # y ∝ f (x − μ_c) + μ_c − μ, with x mirrored or not
        k = [
            np.linalg.lstsq(
                np.stack(
                    [
                        (x - means)[b, ..., ::turn].ravel(),
                        np.broadcast_to(apart[b], x[b].shape).ravel(),
                    ],
                    1,
                ),
                y[b].ravel(),
                rcond=None,
            )
            for turn in (1, -1)
        ]
        (inside, between), *_ = min(k, key=lambda fit: fit[1][0])
        factors.append(inside / between)
    assert 0.2 <= min(factors) < 0.25
    assert 1.75 < max(factors) <= 1.8 + 1e-3
    seen = []
    monkeypatch.setattr(
        augment,
        "random_brightness",
        lambda x, delta, rng: seen.append(delta) or x,
    )
    augment.distort(x, RNG(0))
    assert seen == [63 / 255]


SHAPED = {
    "random_crop": (4,),
    "center_crop": (4,),
    "random_flip_left_right": (),
    "random_flip_up_down": (),
    "transpose": (),
    "random_brightness": (0.2,),
    "random_contrast": (0.2, 1.8),
    "random_saturation": (0.2, 1.8),
    "random_hue": (0.2,),
    "whiten": (),
}
PLAIN = ("center_crop", "transpose", "whiten")


def call(name, x, *arguments, seed=0):
    more = () if name in PLAIN else (RNG(seed),)
    return getattr(augment, name)(x, *arguments, *more)


@pytest.mark.parametrize("name", SHAPED)
def test_the_given_images_are_left_alone_and_chance_is_the_generators(name):
    x = pictures(8)
    before = x.copy()
    np.random.seed(1)
    one = call(name, x, *SHAPED[name])
    np.random.seed(2)
    again = call(name, x, *SHAPED[name])
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(x, before)
    if name not in PLAIN:
        assert (one != call(name, x, *SHAPED[name], seed=1)).any()


@pytest.mark.parametrize("name", SHAPED)
def test_images_of_another_rank_are_refused(name):
    with pytest.raises(ShapeError, match=r"`images` .*\(3, 8, 8\).* \(B, C"):
        call(name, np.zeros((3, 8, 8), np.float32), *SHAPED[name])


@pytest.mark.parametrize("name", SHAPED)
def test_a_batch_without_images_is_refused(name):
    with pytest.raises(ShapeError, match=r"`images` .*\(0, 3, 8, 8\).* 1 up"):
        call(name, np.zeros((0, 3, 8, 8), np.float32), *SHAPED[name])


@pytest.mark.parametrize("name", sorted(set(SHAPED) - set(PLAIN)))
def test_chance_must_be_a_generator(name):
    for rng in (0, None, np.random):
        with pytest.raises(TypeError, match="`rng` .* generator of NumPy's"):
            getattr(augment, name)(pictures(), *SHAPED[name], rng)


@pytest.mark.parametrize(
    "name",
    ["random_brightness", "random_contrast", "random_hue", "whiten"],
)
def test_numbers_that_are_neither_bytes_nor_floats_are_refused(name):
    with pytest.raises(TypeError, match="`images` .=of type int64. must"):
        call(name, np.zeros((1, 3, 8, 8), np.int64), *SHAPED[name])


@pytest.mark.parametrize("name", ["random_hue", "random_saturation"])
def test_colours_need_three_channels(name):
    with pytest.raises(ShapeError, match=r"\(2, 1, 8, 8\).* 3 channels"):
        call(name, pictures(2, 1, 8, 8), *SHAPED[name])


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("random_crop", (9,), r"`size` \(=9\) .* 8 at most, to fit 8 x 10"),
        ("random_crop", (0,), r"`size` \(=0\) must"),
        ("center_crop", (2.0,), r"`size` \(=2.0\) must"),
        ("random_brightness", (-0.1,), r"`delta` \(=-0.1\) must .* 0 up"),
        ("random_brightness", ("a",), r"`delta` \(='a'\) must .* 0 up"),
        ("random_contrast", ("a", 1), r"`lower` \(='a'\) must"),
        ("random_contrast", (-1, 1), r"`lower` \(=-1\) must"),
        ("random_contrast", (1, 0.5), r"`upper` \(=0.5\) .* `lower`, 1, up"),
        ("random_saturation", (2, 1), r"`upper` \(=1\) must"),
        ("random_hue", (0.6,), r"`delta` \(=0.6\) must .* from 0 to 0.5"),
    ],
)
def test_wrong_arguments_are_named(name, arguments, message):
    with pytest.raises(ValueError, match=message):
        call(name, pictures(), *arguments)
