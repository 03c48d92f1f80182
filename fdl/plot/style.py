"""The look of the book's figures.

Quiet axes, colours that stay apart for readers who see few of them, text large
enough for a phone. A figure that rests on an offline sample or on a derived
copy of a data set says so in its corner.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

from fdl import data
from fdl.errors import must

__all__ = [
    "BLUE",
    "CYCLE",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "RED",
    "SKY",
    "book_line",
    "subplots",
    "use",
]

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
"""Of Okabe and Ito's palette, which survives every common colour blindness."""
PURPLE, SKY, RED, GREY = "#AA4499", "#56B4E9", "#CC3311", "#6B7280"
"""More colours; grey is for what stands back."""
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, GREY)
"""The colours of one curve after the other."""

STYLE: Any = {
    "figure.figsize": (7.0, 3.6),
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "savefig.bbox": "tight",
    "axes.prop_cycle": plt.cycler(color=CYCLE),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "grid.color": "#E5E7EB",
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "font.size": 11,
    "legend.frameon": False,
    "image.cmap": "viridis",
    "image.interpolation": "nearest",
    "svg.hashsalt": "fdl",
}


def use() -> None:
    """Take up the book's style; in a notebook, draw figures as SVG.

    Examples
    --------
    >>> with mpl.rc_context():
    ...     use()
    ...     mpl.rcParams["axes.spines.top"]
    False
    """
    mpl.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:  # a plain install has no notebook
        return
    if get_ipython() is not None:
        # no date inside, so that two builds give the same bytes
        set_matplotlib_formats("svg", metadata={"Date": None})


def subplots(
    rows: int = 1,
    columns: int = 1,
    *,
    size: tuple[float, float] | None = None,
    data: str | Sequence[str] | None = None,
    **options: Any,
) -> tuple[Any, Any]:
    """Like ``matplotlib.pyplot.subplots``, with the data's origin marked.

    Parameters
    ----------
    rows, columns : int
        How many panels.
    size : (float, float), optional
        Width and height in inches; by default 7 by 3.6.
    data : str or sequence of str, optional
        The data sets that the figure rests on; by default all that this
        process has loaded, and ``()`` for none.
    **options
        Handed on, for example ``sharey=True``.

    Returns
    -------
    figure, axes
        As Matplotlib gives them.

    Examples
    --------
    >>> figure, axes = subplots(2, 3, size=(6, 4), data=(), sharex=True)
    >>> axes.shape, figure.get_size_inches().tolist()
    ((2, 3), [6.0, 4.0])
    >>> subplots(data="minst")
    Traceback (most recent call last):
    ValueError: `data` (='minst') must name data sets of fdl.data.names().
    """
    notes = _notes([data] if isinstance(data, str) else data)
    figure, axes = plt.subplots(
        rows, columns, figsize=size or STYLE["figure.figsize"], **options
    )
    _mark(figure, notes)
    return figure, axes


def _notes(names: Sequence[str] | None) -> list[str]:
    """Return what to say of data sets that are not original."""
    for name in names or ():
        if name not in data.names():  # or a slip would leave the mark out
            raise must("data", name, "name data sets of fdl.data.names()")
    words = {"sample": "offline sample", "derived": "derived data"}
    return [
        f"{words[source.kind]}: {name}"
        for name, source in sorted(data.used().items())
        if source.kind in words and (names is None or name in names)
    ]


def _mark(figure: Any, notes: Sequence[str]) -> None:
    """Say below the corner what is not an original data set."""
    if notes:
        # under the figure, where no panel is; a tight box takes it in
        figure.text(
            0.995,
            -0.01,
            ", ".join(notes),
            ha="right",
            va="top",
            fontsize=8,
            color=RED,
        )


def book_line(axis: Any, value: float, text: str = "the book") -> None:
    """Draw the book's number as a dashed line across `axis`.

    Examples
    --------
    >>> figure, axis = subplots(data=())
    >>> book_line(axis, 0.985)
    >>> axis.lines[0].get_ydata(), axis.texts[0].get_text()
    ([0.985, 0.985], 'the book')
    """
    if not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise must("value", value, "be a finite number")
    axis.axhline(value, color=GREY, linestyle="--", linewidth=1.2, zorder=1)
    axis.annotate(
        text,
        (1.0, value),
        xycoords=("axes fraction", "data"),
        xytext=(-4, -4),
        textcoords="offset points",
        ha="right",
        va="top",
        color="#4B5563",
        fontsize=9,
        bbox={
            "facecolor": "white",
            "edgecolor": "none",
            "alpha": 0.8,
            "pad": 1,
        },
    )
