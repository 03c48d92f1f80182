"""A painting of our own, for style: strokes of a brush around some lights.

Each stroke is a short thick line. It follows a circle around the light that
is nearest, a little drawn to the right as if by a wind, and its colour
depends on its distance from that light, so that rings appear.

Letters: none.

Book: ch. 5, "Leveraging Convolutional Filters to Replicate Artistic Styles"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl.scratch._checks import whole

__all__ = ["strokes"]

NIGHT = (18, 38, 96)
PALETTE = onp.array(
    [
        (20, 45, 110),
        (35, 85, 165),
        (70, 130, 190),
        (130, 175, 200),
        (235, 200, 90),
        (245, 225, 150),
        (30, 60, 60),
    ]
)
LIGHT = slice(4, 6)  # of the palette: what shines
FINE = 4  # it is painted this many times larger, then shrunk


def strokes(size: int, seed: int = 0, count: int = 4000) -> onp.ndarray:
    """Paint a picture.

    Parameters
    ----------
    size : int
        Height and width in pixels.
    seed : int
        Decides where the lights are and how each stroke falls.
    count : int
        How many strokes.

    Returns
    -------
    ndarray
        `(size, size, 3)`, uint8.

    Examples
    --------
    >>> strokes(32, count=50).shape
    (32, 32, 3)
    """
    for name, value in (("size", size), ("count", count)):
        whole(name, value)
    from PIL import Image, ImageDraw  # Matplotlib brings it

    rng = onp.random.default_rng(seed)
    side = FINE * int(size)
    picture = Image.new("RGB", (side, side), NIGHT)
    draw = ImageDraw.Draw(picture)
    lights = rng.uniform(0, 1, (5, 2))
    for _ in range(count):
        middle = rng.uniform(0, 1, 2)
        distances = onp.hypot(*(lights - middle).T)
        nearest = distances.argmin()
        half = rng.uniform(0.015, 0.035) * _direction(middle, lights[nearest])
        ends = side * onp.array([middle - half, middle + half])
        draw.line(
            tuple(ends.ravel()),
            fill=_colour(rng, distances[nearest]),
            width=max(1, int(side * rng.uniform(0.008, 0.014))),
        )
    shrunk = picture.resize((int(size), int(size)), Image.Resampling.LANCZOS)
    return onp.array(shrunk)


def _direction(middle: onp.ndarray, light: onp.ndarray) -> onp.ndarray:
    right, down = middle - light
    around = onp.array([-down, right]) / (onp.hypot(right, down) + 1e-9)
    return 0.6 * around + (0.4, 0.1)


def _colour(rng: Any, distance: float) -> tuple[int, int, int]:
    if distance < 0.1:
        paint = PALETTE[LIGHT][rng.integers(2)]
    else:
        ring = 3 * int(18 * distance) + int(rng.integers(2))
        paint = PALETTE[ring % len(PALETTE)]
    red, green, blue = onp.clip(paint + rng.normal(0, 14, 3), 0, 255)
    return int(red), int(green), int(blue)
