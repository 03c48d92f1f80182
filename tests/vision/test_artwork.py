"""Property and refusals: the painting."""

import numpy as onp
import pytest

from fdl.vision import strokes


def test_it_is_a_picture_and_always_the_same():
    picture = strokes(48)
    assert picture.shape == (48, 48, 3)
    assert picture.dtype == onp.uint8
    assert onp.array_equal(picture, strokes(48))
    assert (picture != strokes(48, seed=1)).mean() > 0.5


def test_it_is_a_night_with_lights():
    picture = strokes(96).astype(int)
    bright = picture.sum(2) > 450
    assert 0.05 < bright.mean() < 0.5
    # the lights are yellow, the rest is blue
    red, blue = picture[bright][:, 0].mean(), picture[bright][:, 2].mean()
    assert red > blue + 40
    red, blue = picture[~bright][:, 0].mean(), picture[~bright][:, 2].mean()
    assert blue > red + 40


def test_more_strokes_cover_more_of_the_night():
    night = onp.array([18, 38, 96])
    left = [(strokes(48, count=n) == night).all(2).mean() for n in (100, 4000)]
    assert left[0] > 0.5 > 0.05 > left[1]


@pytest.mark.parametrize("size", [0, 1.5, True])
def test_a_wrong_size_is_told(size):
    with pytest.raises(ValueError, match="`size` .* whole number from 1 up"):
        strokes(size)
    with pytest.raises(ValueError, match="`count` .* whole number from 1 up"):
        strokes(8, count=size)
