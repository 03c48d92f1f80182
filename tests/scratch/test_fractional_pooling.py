"""Oracle, property, known value, refusals: fractional max pooling."""

import math
from fractions import Fraction

import numpy as np
import pytest

from fdl.errors import ShapeError
from fdl.scratch import max_pool2d
from fdl.scratch.fractional_pooling import fractional_max_pool2d, tile_edges

SIZES = [(7, 5), (25, 18), (28, 20), (8, 4), (9, 9), (3, 2), (1, 1), (12, 10)]


@pytest.mark.parametrize(("n_in", "n_out"), SIZES)
@pytest.mark.parametrize("u", [0.01, 0.37, 0.5, 0.99])
def test_tiles_are_of_one_and_two_and_cover_all(n_in, n_out, u):
    edges = tile_edges(n_in, n_out, u)
    tiles = np.diff(edges)
    assert (edges[0], edges[-1]) == (0, n_in)
    assert len(tiles) == n_out
    assert set(tiles) <= {1, 2}
    assert (tiles == 2).sum() == n_in - n_out


@pytest.mark.parametrize(("n_in", "n_out"), SIZES)
def test_edges_are_the_formula_in_exact_fractions(n_in, n_out):
    alpha = Fraction(n_in, n_out)
    for step in range(1, n_out):
        u = Fraction(step, n_out)
        a = [math.ceil(alpha * (i + u)) for i in range(n_out + 1)]
        ours = tile_edges(n_in, n_out, float(u) + 1e-12)
        assert ours.tolist() == [edge - a[0] for edge in a]


def test_chance_shifts_the_pattern():
    patterns = {
        tuple(tile_edges(25, 18, u)) for u in np.linspace(0.01, 0.99, 50)
    }
    assert len(patterns) > 10


def test_each_entry_is_the_largest_of_its_tile():
    x = np.random.default_rng(0).normal(size=(2, 3, 10, 7))
    y = fractional_max_pool2d(x, (7, 5), rng=3)
    assert y.shape == (2, 3, 7, 5)
    rng = np.random.default_rng(3)
    rows = tile_edges(10, 7, rng.uniform(1e-9, 1 - 1e-9))
    columns = tile_edges(7, 5, rng.uniform(1e-9, 1 - 1e-9))
    for i in range(7):
        for j in range(5):
            tile = x[:, :, rows[i] : rows[i + 1], columns[j] : columns[j + 1]]
            assert (y[:, :, i, j] == tile.max((2, 3))).all()


def test_by_two_it_is_plain_pooling_and_by_one_nothing():
    x = np.random.default_rng(1).normal(size=(1, 2, 8, 6))
    assert (fractional_max_pool2d(x, (4, 3), 7) == max_pool2d(x, 2)).all()
    assert (fractional_max_pool2d(x, (8, 6), 7) == x).all()


def test_passes_differ_and_seeds_repeat():
    x = np.random.default_rng(2).normal(size=(1, 1, 25, 25))
    rng = np.random.default_rng(5)
    passes = [fractional_max_pool2d(x, (18, 18), rng) for _ in range(5)]
    assert any((passes[0] != other).any() for other in passes[1:])
    again = fractional_max_pool2d(x, (18, 18), 5)
    assert (again == passes[0]).all()


@pytest.mark.parametrize(
    ("x", "size", "message"),
    [
        (np.zeros((1, 1, 7, 7)), (3, 5), "`n_out` .*=3.* from 4 to 7"),
        (np.zeros((1, 1, 7, 7)), (5, 8), "`n_out` .*=8.* from 4 to 7"),
        (np.zeros((1, 1, 7, 7)), (5, 5.5), "`n_out` .* whole number"),
        (np.zeros((1, 1, 7, 7)), 5, "`size` .* pair of whole numbers"),
    ],
)
def test_sizes_that_cannot_be_are_told(x, size, message):
    with pytest.raises(ValueError, match=message):
        fractional_max_pool2d(x, size)


def test_wrong_maps_and_chances_are_told():
    with pytest.raises(ShapeError, match="`x` .* must have the shape"):
        fractional_max_pool2d(np.zeros((7, 7)), (5, 5))
    for u in (0, 1, 1.5):
        with pytest.raises(ValueError, match="`u` .* above 0 and below 1"):
            tile_edges(7, 5, u)
