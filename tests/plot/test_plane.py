"""The plane: known values, properties and refusals."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from fdl import plot

X = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def test_classes_differ_in_colour_and_shape():
    _, axis = plot.subplots()
    plot.points(axis, X, np.array([1, 0, 2, 0]), ["none", "one"])
    zero, one, two = axis.lines
    assert np.array_equal(np.transpose(zero.get_data()), X[[1, 3]])
    assert np.array_equal(np.transpose(one.get_data()), X[[0]])
    assert np.array_equal(np.transpose(two.get_data()), X[[2]])
    assert [line.get_marker() for line in axis.lines] == ["o", "^", "s"]
    assert zero.get_color() == plot.ORANGE
    assert one.get_color() == plot.BLUE
    assert len({to_hex(line.get_color()) for line in axis.lines}) == 3
    assert {line.get_linestyle() for line in axis.lines} == {"None"}
    assert [line.get_label() for line in axis.lines][:2] == ["none", "one"]


def test_many_classes_differ_in_colour_or_shape():
    _, axis = plot.subplots()
    plot.points(axis, np.zeros((20, 2)), np.arange(20))
    looks = {(line.get_color(), line.get_marker()) for line in axis.lines}
    assert len(looks) == 20


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"cells": 0}, r"`cells` \(=0\) must be a whole number"),
        ({"low": 1.0, "high": 1.0}, "`low, high` .* must rise"),
        ({"low": np.nan}, "`low, high` .* must rise"),
        ({"top": 0.0}, r"`top` \(=0.0\) must be a number above 0"),
    ],
)
def test_a_square_that_is_none_is_told(more, message):
    _, axis = plot.subplots()
    with pytest.raises(ValueError, match=message):
        plot.shade(axis, lambda x: x[:, 0], **more)


def test_truth_values_and_signs_are_classes_too():
    for label in ([False, True, True, False], [-1, 1, 1, -1]):
        _, axis = plot.subplots()
        plot.points(axis, X, np.array(label))
        low, high = axis.lines
        assert np.array_equal(np.transpose(low.get_data()), X[[0, 3]])
        assert high.get_color() == plot.BLUE


@pytest.mark.parametrize(
    ("x", "label"),
    [(X[:, :1], [0] * 4), (X, [0] * 3), (X, [[0]] * 4), (X[0], [0, 1])],
)
def test_points_of_other_shapes_are_refused(x, label):
    _, axis = plot.subplots()
    with pytest.raises(ValueError, match=r"`x, label` .*\(N, 2\) and \(N,\)"):
        plot.points(axis, x, label)


def test_a_shade_is_the_function_at_the_middle_of_its_cell():
    _, axis = plot.subplots()
    plot.shade(axis, lambda p: p[:, 0] + 10 * p[:, 1], 0, 4, cells=4, top=2)
    (image,) = axis.images
    rows = image.get_array()  # the first row is the lowest
    assert image.origin == "lower"
    assert np.allclose(rows[0], [5.5, 6.5, 7.5, 8.5])
    assert np.allclose(rows[:, 0], [5.5, 15.5, 25.5, 35.5])
    assert image.get_extent() == [0, 4, 0, 4]
    assert image.get_clim() == (0, 3.2)
    assert (axis.get_xlim(), axis.get_ylim()) == ((0, 4), (0, 4))


@pytest.mark.parametrize("border", [0.5, 0.0])
def test_the_border_is_where_the_function_crosses_it(border):
    _, axis = plot.subplots()
    plot.shade(axis, lambda p: p[:, 0], -1, 3, border=border)
    (path,) = [p for c in axis.collections for p in c.get_paths() if len(p)]
    assert np.allclose(path.vertices[:, 0], border)


def test_without_a_border_there_is_none():
    _, axis = plot.subplots()
    plot.shade(axis, lambda p: p[:, 0], -1, 3)
    assert not axis.collections


def test_a_function_must_return_one_number_a_point():
    _, axis = plot.subplots()
    with pytest.raises(ValueError, match=r"`f` .* one number a point, \(9,\)"):
        plot.shade(axis, lambda p: p, cells=3)
