"""The map of attention: known values and refusals."""

import numpy as np
import pytest

from fdl import plot

SOURCE = "A red shirt .".split()
TARGET = "Une chemise rouge .".split()


def test_rows_are_the_targets_words_and_columns_the_sources():
    weights = np.eye(4)[[0, 2, 1, 3]]
    figure, axis = plot.attention(SOURCE, TARGET, weights)
    assert (np.asarray(axis.images[0].get_array()) == weights).all()
    assert axis.images[0].get_clim() == (0, 1)
    white, black = map(axis.images[0].get_cmap(), (0.0, 1.0))
    assert (white, black) == ((1, 1, 1, 1), (0, 0, 0, 1))
    assert [t.get_text() for t in axis.get_xticklabels()] == SOURCE
    assert [t.get_text() for t in axis.get_yticklabels()] == TARGET
    assert axis.xaxis.get_ticks_position() == "top"


def test_letters_stay_legible_on_a_phone():
    """A page of 390 px shows figures 358 px wide at the most."""
    words = ["travailleurs"] * 13
    figure, axis = plot.attention(words, words, np.eye(13))
    inches = figure.get_size_inches()[0]
    points = axis.get_xticklabels()[0].get_fontsize()
    assert points / 72 * 358 / max(inches, 358 / 96) >= 9


@pytest.mark.parametrize("shape", [(4, 3), (16,), (0, 4)])
def test_weights_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"`weights` .* the shape \(4, 4\)"):
        plot.attention(SOURCE, TARGET, np.zeros(shape))


@pytest.mark.parametrize("weight", [-0.1, 1.1, np.nan])
def test_what_is_no_weight_is_refused(weight):
    weights = np.eye(4)
    weights[1, 2] = weight
    with pytest.raises(ValueError, match=r"`weights` \(=.* be from 0 to 1"):
        plot.attention(SOURCE, TARGET, weights)
