"""fdl.plot: kinds of test: known value, property."""

from __future__ import annotations

import json

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from fdl import data, plot


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(figure):
    return [t.get_text() for t in figure.texts]


def test_a_figure_without_data_has_no_mark(monkeypatch):
    monkeypatch.setattr(data, "used", dict)
    figure, _ = plot.subplots()
    assert texts(figure) == []


def test_a_sample_and_a_derived_set_are_named_in_the_corner(monkeypatch):
    class Source:
        def __init__(self, kind):
            self.kind = kind

    sources = {
        "mnist": Source("sample"),
        "cifar10": Source("derived"),
        "imdb": Source("official"),
    }
    monkeypatch.setattr(data, "used", lambda: sources)
    figure, _ = plot.subplots()
    (note,) = texts(figure)
    assert "offline sample: mnist" in note
    assert "derived data: cifar10" in note
    assert "imdb" not in note


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


def test_a_wide_layer_is_drawn_with_an_ellipsis():
    _, axis = plot.network((20, 3), most=6)
    drawn = [len(c.get_offsets()) for c in axis.collections[1:]]
    assert drawn == [6, 3]
    assert "⋮" in [t.get_text() for t in axis.texts]


def test_graph_puts_inputs_above_what_uses_them():
    symbol = json.dumps(
        {
            "nodes": [
                {"op": "null", "name": "x", "inputs": []},
                {"op": "null", "name": "w", "inputs": []},
                {"op": "dot", "name": "d", "inputs": [[0, 0, 0], [1, 0, 0]]},
                {"op": "null", "name": "b", "inputs": []},
                {"op": "add", "name": "a", "inputs": [[2, 0, 0], [3, 0, 0]]},
            ]
        }
    )
    _, axis = plot.graph(symbol)
    height = {
        t.get_text(): t.get_position()[1] for t in axis.texts if t.get_text()
    }
    assert height["x"] == height["w"] > height["dot"] > height["add"]
    assert height["b"] == height["dot"]  # beside, one above its user
    places = [t.get_position() for t in axis.texts if t.get_text()]
    assert len(set(places)) == len(places)  # none hides another


def test_the_books_number_is_drawn_at_its_height():
    _, axis = plot.subplots()
    plot.book_line(axis, 0.25)
    assert axis.lines[0].get_ydata()[0] == 0.25
