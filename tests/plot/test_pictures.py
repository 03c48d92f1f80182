"""Pictures in a grid: known values and refusals."""

import numpy as np
import pytest

from fdl import plot


def test_images_are_laid_out_in_rows_and_titled():
    figure, axes = plot.images(np.zeros((7, 4, 4)), list("abcdefg"), columns=3)
    assert axes.shape == (3, 3)
    assert [a.get_title() for a in axes.flat] == [*"abcdefg", "", ""]
    assert len(axes.flat[6].images) == 1
    assert len(axes.flat[7].images) == 0


def test_symmetric_images_share_one_scale_around_zero():
    pictures = np.stack([np.full((2, 2), -3.0), np.full((2, 2), 1.0)])
    _, axes = plot.images(pictures, symmetric=True)
    assert [a.images[0].get_clim() for a in axes.flat] == [(-3.0, 3.0)] * 2


@pytest.mark.parametrize("shape", [(4, 4), (0, 4, 4), (1, 2, 3, 4, 5)])
def test_images_of_a_wrong_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"`pictures` .* must be \(N, H, W\)"):
        plot.images(np.zeros(shape))


def test_a_grid_without_columns_is_refused():
    with pytest.raises(ValueError, match=r"`columns` \(=0\) must"):
        plot.images(np.zeros((1, 4, 4)), columns=0)
    with pytest.raises(ValueError, match=r"`scale` \(=-1\) must"):
        plot.images(np.zeros((1, 4, 4)), scale=-1)
