"""The look of figures: known values and properties."""

from __future__ import annotations

import numpy as np
import pytest

from fdl import data, plot


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


@pytest.mark.parametrize(
    ("named", "notes"),
    [
        ((), []),
        ("imdb", []),
        ("mnist", ["offline sample: mnist"]),
        (["imdb", "cifar10"], ["derived data: cifar10"]),
    ],
)
def test_a_figure_can_name_the_sets_it_rests_on(monkeypatch, named, notes):
    sources = {
        "mnist": data.Source("mnist", "sample", ""),
        "cifar10": data.Source("cifar10", "derived", ""),
        "imdb": data.Source("imdb", "official", ""),
    }
    monkeypatch.setattr(data, "used", lambda: sources)
    assert texts(plot.subplots(data=named)[0]) == notes
    grid, _ = plot.images(np.zeros((1, 2, 2)), data=named)
    assert texts(grid) == notes


def test_the_books_number_is_drawn_at_its_height():
    _, axis = plot.subplots()
    plot.book_line(axis, 0.25)
    assert axis.lines[0].get_ydata()[0] == 0.25
