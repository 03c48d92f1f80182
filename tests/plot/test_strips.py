"""Strips of cells: known values and refusals."""

import numpy as np
import pytest

from fdl import plot


def test_a_column_is_a_step_and_a_row_is_a_number():
    weights = np.array([[1, 0, 0], [0, 0.5, 0]])
    _, axes = plot.strips({"w": weights, "gate": [0.25, 1]})
    shown = [np.asarray(axis.images[0].get_array()) for axis in axes.flat]
    assert (shown[0] == weights.T).all()
    assert (shown[1] == [[0.25, 1]]).all()
    assert [axis.get_title(loc="left") for axis in axes.flat] == ["w", "gate"]
    assert all(axis.images[0].get_clim() == (0, 1) for axis in axes.flat)


def test_what_can_be_negative_has_its_zero_in_the_middle():
    _, axes = plot.strips({"v": [[-0.5, 3.0]], "small": [[-0.5, 0.2]]})
    assert axes[0, 0].images[0].get_clim() == (-3, 3)
    assert axes[1, 0].images[0].get_clim() == (-1, 1)
    assert axes[0, 0].images[0].get_cmap().name == "RdBu_r"


def test_marks_stand_before_their_steps():
    _, axes = plot.strips({"a": np.eye(9), "b": np.ones(9)}, marks=[3, 6])
    for axis in axes.flat:
        assert [line.get_xdata()[0] for line in axis.lines] == [2.5, 5.5]


def test_strips_fill_rows_and_the_rest_is_empty():
    parts = {name: np.ones((4, n)) for name, n in (("a", 8), ("b", 30))}
    parts["c"] = np.ones((4, 20))
    _, axes = plot.strips(parts, columns=2)
    assert axes.shape == (2, 2)
    assert len(axes[1, 0].images) == 1
    assert not axes[1, 1].axison
    high = [axis.get_gridspec().get_height_ratios() for axis in axes.flat]
    assert high[0][0] == pytest.approx(high[0][1] * 30 / 20)


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="`parts`.*name one strip"):
        plot.strips({})
    with pytest.raises(ValueError, match=r"named 'w'.*\(T, n\)"):
        plot.strips({"w": np.ones((2, 3, 4))})
    with pytest.raises(ValueError, match=r"named 'w' with NaN.* be finite"):
        plot.strips({"v": [1.0], "w": [[0.5, np.nan]]})
    with pytest.raises(ValueError, match=r"`columns` \(=0\) must"):
        plot.strips({"w": [1.0]}, columns=0)
