"""Distortions that make many images of one, on whole batches at once.

Geometry (crops, flips, transposition) keeps the type of the images. What
changes their light and colour takes bytes or floats in [0, 1] and returns
float32, not cut off at 0 and 1. Each image of a batch gets its own draw from
the generator that is passed.

Letters: ``B`` batch; ``C`` channels, ``H, W`` height and width; `rng` a
``numpy.random.Generator``.

Book: ch. 5, "Image Preprocessing Pipelines Enable More Robust Models"
"""

from __future__ import annotations

from typing import Any

import numpy as onp
from numpy.lib.stride_tricks import sliding_window_view

from fdl.errors import ShapeError, must
from fdl.scratch._checks import not_negative, whole

__all__ = [
    "center_crop",
    "distort",
    "random_brightness",
    "random_contrast",
    "random_crop",
    "random_flip_left_right",
    "random_flip_up_down",
    "random_hue",
    "random_saturation",
    "transpose",
    "whiten",
]


def random_crop(
    images: onp.ndarray, size: int, rng: onp.random.Generator
) -> onp.ndarray:
    """Cut a square out of each image, at a place of its own.

    Parameters
    ----------
    images : ndarray
        `(B, C, H, W)`.
    size : int
        Height and width of the square.
    rng : Generator
        Chooses the places.

    Returns
    -------
    ndarray
        `(B, C, size, size)`.

    Examples
    --------
    >>> picture = onp.arange(9).reshape(1, 1, 3, 3)
    >>> square = random_crop(picture, 2, onp.random.default_rng(0))[0, 0]
    >>> (square - square[0, 0]).tolist()  # neighbours stay neighbours
    [[0, 1], [3, 4]]
    """
    B, _, H, W = _batch(images).shape
    _fits(size, H, W)
    _generator(rng)
    top = rng.integers(0, H - size + 1, B)
    left = rng.integers(0, W - size + 1, B)
    # a view of all squares, of which each image gives one
    squares = sliding_window_view(images, (1, 1, size, size))[:, :, :, :, 0, 0]
    return squares[onp.arange(B), :, top, left]


def center_crop(images: onp.ndarray, size: int) -> onp.ndarray:
    """Cut the middle `(B, C, size, size)` out of each image.

    Examples
    --------
    >>> picture = onp.arange(16).reshape(1, 1, 4, 4)
    >>> center_crop(picture, 2)[0, 0].tolist()
    [[5, 6], [9, 10]]
    """
    _, _, H, W = _batch(images).shape
    _fits(size, H, W)
    top, left = (H - size) // 2, (W - size) // 2
    return images[:, :, top : top + size, left : left + size]


def random_flip_left_right(
    images: onp.ndarray, rng: onp.random.Generator
) -> onp.ndarray:
    """Mirror half of the images, chosen by chance.

    Examples
    --------
    >>> row = onp.array([1, 2, 3]).reshape(1, 1, 1, 3)
    >>> images = onp.repeat(row, 50, axis=0)
    >>> flipped = random_flip_left_right(images, onp.random.default_rng(0))
    >>> onp.unique(flipped[:, 0, 0], axis=0).tolist()
    [[1, 2, 3], [3, 2, 1]]
    """
    chosen = _generator(rng).random(len(_batch(images))) < 0.5
    return _flipped(images, chosen, axis=3)


def random_flip_up_down(
    images: onp.ndarray, rng: onp.random.Generator
) -> onp.ndarray:
    """Turn half of the images upside down, chosen by chance.

    Examples
    --------
    >>> column = onp.array([1, 2, 3]).reshape(1, 1, 3, 1)
    >>> images = onp.repeat(column, 50, axis=0)
    >>> flipped = random_flip_up_down(images, onp.random.default_rng(0))
    >>> onp.unique(flipped[:, 0, :, 0], axis=0).tolist()
    [[1, 2, 3], [3, 2, 1]]
    """
    chosen = _generator(rng).random(len(_batch(images))) < 0.5
    return _flipped(images, chosen, axis=2)


def transpose(images: onp.ndarray) -> onp.ndarray:
    """Exchange rows and columns of each image.

    Examples
    --------
    >>> transpose(onp.array([[[[1, 2, 3], [4, 5, 6]]]])).tolist()
    [[[[1, 4], [2, 5], [3, 6]]]]
    """
    return _batch(images).swapaxes(2, 3)


def random_brightness(
    images: onp.ndarray, delta: float, rng: onp.random.Generator
) -> onp.ndarray:
    """Add one number to all of an image, from −`delta` to `delta`.

    Parameters
    ----------
    images : ndarray
        `(B, C, H, W)`, bytes or floats in [0, 1].
    delta : float
        From 0 up; 1 is the way from black to white.
    rng : Generator
        Draws the numbers.

    Examples
    --------
    >>> grey = onp.full((2, 1, 8, 8), 0.5)
    >>> lit = random_brightness(grey, 0.2, onp.random.default_rng(0))
    >>> bool(abs(lit - grey).max() <= 0.2)
    True
    >>> len(onp.unique(lit))  # one number for each of the two images
    2
    """
    not_negative("delta", delta)
    x = _floats(images)
    return x + _draw(x, -delta, delta, rng)


def random_contrast(
    images: onp.ndarray,
    lower: float,
    upper: float,
    rng: onp.random.Generator,
) -> onp.ndarray:
    """Stretch each channel about its mean by a factor of the image's own.

    ::

        y = f (x − μ) + μ,   f uniform in [lower, upper]

    Parameters
    ----------
    images : ndarray
        `(B, C, H, W)`, bytes or floats in [0, 1].
    lower, upper : float
        The factor's bounds, from 0 up.
    rng : Generator
        Draws the factors.

    Examples
    --------
    >>> image = onp.array([0.25, 0.75]).reshape(1, 1, 1, 2)
    >>> rng = onp.random.default_rng(0)
    >>> random_contrast(image, 2, 2, rng).ravel().tolist()
    [0.0, 1.0]
    """
    _bounds(lower, upper)
    x = _floats(images)
    mean = x.mean(axis=(2, 3), keepdims=True)
    return _draw(x, lower, upper, rng) * (x - mean) + mean


def random_saturation(
    images: onp.ndarray,
    lower: float,
    upper: float,
    rng: onp.random.Generator,
) -> onp.ndarray:
    """Multiply the saturation of each image by a factor of its own.

    Hue and value (the largest of red, green and blue) stay; the saturation
    s = 1 − smallest / largest stays at most 1.

    Parameters
    ----------
    images : ndarray
        `(B, 3, H, W)`, bytes or floats from 0 up.
    lower, upper : float
        The factor's bounds.
    rng : Generator
        Draws the factors.

    Examples
    --------
    >>> orange = onp.array([1.0, 0.5, 0.0]).reshape(1, 3, 1, 1)
    >>> rng = onp.random.default_rng(0)
    >>> random_saturation(orange, 0.5, 0.5, rng).ravel().tolist()
    [1.0, 0.75, 0.5]
    """
    _bounds(lower, upper)
    x = _colours(images)
    value, chroma = _value_and_chroma(x)
    # a colour is value − chroma · (something of the hue alone), and
    # chroma = s · value, so s grows as chroma does
    wanted = onp.minimum(_draw(x, lower, upper, rng) * chroma, value)
    ratio = onp.divide(
        wanted, chroma, out=onp.zeros_like(chroma), where=chroma > 0
    )
    return value - ratio * (value - x)


def random_hue(
    images: onp.ndarray, delta: float, rng: onp.random.Generator
) -> onp.ndarray:
    """Turn the hues of each image by one angle, saturation and value kept.

    Parameters
    ----------
    images : ndarray
        `(B, 3, H, W)`, bytes or floats from 0 up.
    delta : float
        The angle is between −`delta` and `delta`, in whole turns of the
        colour circle; at most 0.5.
    rng : Generator
        Draws the angles.

    Examples
    --------
    >>> orange = onp.array([1.0, 0.5, 0.0]).reshape(1, 3, 1, 1)
    >>> rng = onp.random.default_rng(0)
    >>> random_hue(orange, 0.0, rng).ravel().tolist()
    [1.0, 0.5, 0.0]
    >>> turned = random_hue(orange, 0.5, rng)
    >>> float(turned.max()), float(turned.min())  # as bright, as colourful
    (1.0, 0.0)
    """
    if not_negative("delta", delta) > 0.5:
        raise must("delta", delta, "be a number from 0 to 0.5")
    x = _colours(images)
    value, chroma = _value_and_chroma(x)
    hue = _hue(x, value, chroma) + 6 * _draw(x, -delta, delta, rng)
    # each of red, green and blue falls and rises along the circle,
    # a third of a turn apart
    k = (onp.array([5, 3, 1], x.dtype).reshape(1, 3, 1, 1) + hue) % 6
    return value - chroma * onp.clip(onp.minimum(k, 4 - k), 0, 1)


def whiten(images: onp.ndarray) -> onp.ndarray:
    """Give each image mean 0 and variance 1, over its pixels and channels.

    An image of n numbers whose deviation is below 1/√n is divided by 1/√n,
    so that an even one becomes 0 and not NaN.

    Examples
    --------
    >>> whiten(onp.array([[[[0.0, 2.0]]], [[[0.3, 0.3]]]])).ravel().tolist()
    [-1.0, 1.0, 0.0, 0.0]
    """
    x = _floats(images)
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    x = x - mean
    square = onp.einsum("bchw,bchw->b", x, x)[:, None, None, None]
    n = onp.float32(x[0].size)
    return x / onp.maximum(onp.sqrt(square / n), 1 / onp.sqrt(n))


def distort(
    images: onp.ndarray, rng: onp.random.Generator, size: int = 24
) -> onp.ndarray:
    """Crop, mirror, light and whiten, as CIFAR-10 is trained on.

    Parameters
    ----------
    images : ndarray
        `(B, C, H, W)`, bytes or floats in [0, 1].
    rng : Generator
        Draws everything.
    size : int
        Height and width of the crops.

    Returns
    -------
    ndarray
        `(B, C, size, size)`, float32.

    Examples
    --------
    >>> bytes_ = onp.full((2, 3, 32, 32), 7, onp.uint8)
    >>> distort(bytes_, onp.random.default_rng(0)).shape
    (2, 3, 24, 24)
    """
    x = random_crop(images, size, rng)
    x = random_flip_left_right(x, rng)
    x = random_brightness(x, 63 / 255, rng)
    x = random_contrast(x, 0.2, 1.8, rng)
    return whiten(x)


def _batch(images: Any) -> onp.ndarray:
    shape = getattr(images, "shape", ())
    if len(shape) != 4 or min(shape) == 0:
        raise ShapeError(
            f"`images` (=of shape {tuple(shape)}) must be of shape "
            "(B, C, H, W), each from 1 up."
        )
    return images


def _generator(rng: Any) -> onp.random.Generator:
    if not isinstance(rng, onp.random.Generator):
        raise TypeError(
            f"`rng` (={rng!r}) must be a generator of NumPy's, as "
            "numpy.random.default_rng(0) makes one."
        )
    return rng


def _floats(images: onp.ndarray) -> onp.ndarray:
    """Return float32, bytes scaled to [0, 1]."""
    x = _batch(images)
    if x.dtype == onp.uint8:
        return onp.multiply(x, onp.float32(1 / 255), dtype=onp.float32)
    if x.dtype.kind != "f":
        raise TypeError(
            f"`images` (=of type {x.dtype}) must hold bytes (uint8) or floats."
        )
    return x.astype(onp.float32, copy=False)


def _colours(images: onp.ndarray) -> onp.ndarray:
    x = _floats(images)
    if x.shape[1] != 3:
        raise ShapeError(
            f"`images` (=of shape {x.shape}) must have 3 channels: red, "
            "green and blue."
        )
    return x


def _value_and_chroma(x: onp.ndarray) -> tuple[onp.ndarray, onp.ndarray]:
    value = x.max(axis=1, keepdims=True)
    return value, value - x.min(axis=1, keepdims=True)


def _hue(
    x: onp.ndarray, value: onp.ndarray, chroma: onp.ndarray
) -> onp.ndarray:
    """Return the hue `(B, 1, H, W)` in sixths of a turn, 0 being red."""
    r, g, b = x[:, 0:1], x[:, 1:2], x[:, 2:3]
    size = onp.where(chroma > 0, chroma, onp.float32(1))
    return onp.where(
        value == r,
        (g - b) / size,
        onp.where(value == g, 2 + (b - r) / size, 4 + (r - g) / size),
    )


def _flipped(
    images: onp.ndarray, chosen: onp.ndarray, axis: int
) -> onp.ndarray:
    x = onp.array(images)
    x[chosen] = onp.flip(images, axis)[chosen]
    return x


def _draw(
    x: onp.ndarray, low: float, high: float, rng: onp.random.Generator
) -> onp.ndarray:
    """Return one number for each image, `(B, 1, 1, 1)`."""
    drawn = _generator(rng).uniform(low, high, len(x)).astype(onp.float32)
    return drawn.reshape(-1, 1, 1, 1)


def _fits(size: Any, H: int, W: int) -> None:
    if whole("size", size) > min(H, W):
        raise must("size", size, f"be {min(H, W)} at most, to fit {H} x {W}")


def _bounds(lower: float, upper: float) -> None:
    if not_negative("upper", upper) < not_negative("lower", lower):
        raise must("upper", upper, f"be a number from `lower`, {lower}, up")
