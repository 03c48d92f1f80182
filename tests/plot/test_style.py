"""The look of figures: known values and properties."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
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


def test_the_note_lies_below_all_panels_and_inside_the_saved_picture(
    monkeypatch, tmp_path
):
    source = data.Source("cifar10", "derived", "")
    monkeypatch.setattr(data, "used", lambda: {"cifar10": source})
    with mpl.rc_context():
        plot.use()
        figure, axes = plot.images(
            np.ones((40, 4, 4)), columns=20, scale=0.3, cmap="gray"
        )
        figure.savefig(tmp_path / "picture.png", dpi=100)
        note = figure.texts[0].get_window_extent()
        lowest = min(axis.get_tightbbox().y0 for axis in axes.flat)
    assert note.y1 <= lowest
    picture = plt.imread(tmp_path / "picture.png")[..., :3]
    written = picture[..., 0] - picture[..., 1] > 0.3  # all else is grey
    assert written.sum() > 20
    assert not written[[0, -1]].any()


def test_the_books_number_is_drawn_at_its_height():
    _, axis = plot.subplots()
    plot.book_line(axis, 0.25)
    assert axis.lines[0].get_ydata()[0] == 0.25


@pytest.mark.parametrize("named", ["minst", ["mnist", "minst"]])
def test_a_set_that_there_is_not_would_leave_the_mark_out(named):
    with pytest.raises(ValueError, match=r"`data` \(='minst'\) must name"):
        plot.subplots(data=named)


@pytest.mark.parametrize("value", [np.nan, np.inf, "0.1", None])
def test_a_line_needs_a_number(value):
    _, axis = plot.subplots()
    with pytest.raises(ValueError, match="`value` .* must be a finite number"):
        plot.book_line(axis, value)
