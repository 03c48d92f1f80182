"""Known value, property and refusals: the painting."""

import numpy as onp
import pytest

from fdl.vision import artwork, strokes


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


def test_strokes_follow_circles_and_a_little_wind():
    middle, light = onp.array([0.5, 0.5]), onp.array([0.2, 0.1])
    along = artwork._direction(middle, light) - (0.4, 0.1)
    assert along @ (middle - light) == pytest.approx(0, abs=1e-6)
    assert onp.hypot(*along) == pytest.approx(0.6)


def test_colours_lie_in_rings_around_a_light():
    class Calm:  # draws the first of two, and no noise
        def integers(self, below):
            return 0

        def normal(self, mean, deviation, n):
            return onp.zeros(n)

    def paint(distance):
        found = onp.array(artwork._colour(Calm(), distance))
        (k,) = onp.flatnonzero((artwork.PALETTE == found).all(axis=1))
        return k

    assert [paint(d) for d in (0.0, 0.09)] == [4, 4]  # it shines
    # rings of 1/18, each three colours on from the last
    assert [paint(k / 18 + 0.01) for k in (2, 3, 4)] == [6, 2, 5]
    assert paint(3 / 18 + 0.05) == 2
