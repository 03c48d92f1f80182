"""Plots in the book's style.

One look for the whole book: quiet axes, colours that stay apart for readers
who see few of them, text large enough for a phone. A figure that rests on an
offline sample or on a derived copy of a data set says so in its corner.

Matplotlib only, so that plotting never loads MXNet.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

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
    "graph",
    "images",
    "network",
    "subplots",
    "use",
]

# Okabe and Ito's palette, which survives every common colour blindness.
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, SKY, RED, GREY = "#AA4499", "#56B4E9", "#CC3311", "#6B7280"
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, GREY)

STYLE: Any = {
    "figure.figsize": (7.0, 3.6),
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
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
    """Take up the book's style; in a notebook, draw figures as SVG."""
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
    **options: Any,
) -> tuple[Any, Any]:
    """Like ``matplotlib.pyplot.subplots``, with the data's origin marked.

    Parameters
    ----------
    rows, columns : int
        How many panels.
    size : (float, float), optional
        Width and height in inches; by default 7 by 3.6.
    **options
        Handed on, for example ``sharey=True``.

    Returns
    -------
    figure, axes
        As Matplotlib gives them.
    """
    figure, axes = plt.subplots(
        rows, columns, figsize=size or STYLE["figure.figsize"], **options
    )
    _mark(figure)
    return figure, axes


def _mark(figure: Any) -> None:
    """Say in the corner what is not an original data set."""
    words = {"sample": "offline sample", "derived": "derived data"}
    notes = [
        f"{words[source.kind]}: {name}"
        for name, source in sorted(data.used().items())
        if source.kind in words
    ]
    if notes:
        figure.text(
            0.995,
            0.005,
            ", ".join(notes),
            ha="right",
            va="bottom",
            fontsize=8,
            color=RED,
        )


def book_line(axis: Any, value: float, text: str = "the book") -> None:
    """Draw the book's number as a dashed line across `axis`."""
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


def images(
    pictures: np.ndarray,
    titles: Sequence[str] = (),
    *,
    columns: int = 10,
    scale: float = 0.75,
    cmap: str = "gray_r",
    symmetric: bool = False,
) -> tuple[Any, Any]:
    """Show pictures in a grid.

    Parameters
    ----------
    pictures : `(N, H, W)` or `(N, H, W, 3)`
        What to show, in order.
    titles : sequence of str, optional
        One short title each.
    columns : int
        Pictures in a row.
    scale : float
        Inches per picture.
    cmap : str
        Colour map of grey pictures.
    symmetric : bool
        Centre the colours at zero, with one scale for all pictures; for
        weights, whose sign matters.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim not in (3, 4) or not len(pictures):
        raise must(
            "pictures",
            f"array of shape {pictures.shape}",
            "be (N, H, W) or (N, H, W, 3) with N from 1 up",
        )
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    height = scale + (0.22 if len(titles) else 0)
    figure, axes = subplots(
        rows, columns, size=(columns * scale, rows * height), squeeze=False
    )
    limit = float(np.abs(pictures).max()) if symmetric else None
    for axis in axes.flat:
        axis.set_axis_off()
    for i, picture in enumerate(pictures):
        axes.flat[i].imshow(
            picture,
            cmap="RdBu_r" if symmetric else cmap,
            vmin=-limit if limit else None,
            vmax=limit,
        )
        if i < len(titles):
            axes.flat[i].set_title(titles[i], fontsize=9, loc="center", pad=2)
    return figure, axes


def network(
    sizes: Sequence[int],
    labels: Sequence[str] = (),
    *,
    most: int = 8,
    size: tuple[float, float] = (7.0, 3.6),
) -> tuple[Any, Any]:
    """Draw a fully connected network, layer by layer from left to right.

    A layer of more than `most` neurons shows some of them and an ellipsis.

    Parameters
    ----------
    sizes : sequence of int
        Neurons per layer, input first.
    labels : sequence of str, optional
        A caption under each layer.
    most : int
        Neurons to draw in a layer at the most.
    size : (float, float)
        Inches.
    """
    figure, axis = subplots(size=size)
    axis.set_axis_off()
    places = []
    for column, n in enumerate(sizes):
        shown = min(n, most)
        y = np.arange(shown, dtype=float)
        if n > shown:  # room for an ellipsis in the middle
            y[shown // 2 :] += 1
        places.append((column, y - y.mean()))
    for (x0, y0), (x1, y1) in zip(places, places[1:]):
        lines = [[(x0, a), (x1, b)] for a in y0 for b in y1]
        axis.add_collection(
            mpl.collections.LineCollection(
                lines, colors="#9CA3AF", linewidths=0.5, zorder=1
            )
        )
    for column, (x, y) in enumerate(places):
        axis.scatter(
            np.full(len(y), x),
            y,
            s=120,
            zorder=2,
            color=CYCLE[min(column, 1) if column < len(sizes) - 1 else 2],
            edgecolor="white",
        )
        if sizes[column] > most:
            gap = (y[len(y) // 2 - 1] + y[len(y) // 2]) / 2
            axis.text(x, gap, "⋮", ha="center", va="center", fontsize=14)
        caption = labels[column] if column < len(labels) else ""
        axis.text(
            x,
            -most / 2 - 1.2,
            f"{sizes[column]}\n{caption}",
            ha="center",
            va="top",
            fontsize=10,
        )
    axis.set_xlim(-0.5, len(sizes) - 0.5)
    axis.set_ylim(-most / 2 - 3.4, most / 2 + 1)
    return figure, axis


def graph(
    symbol: str, *, size: tuple[float, float] | None = None
) -> tuple[Any, Any]:
    """Draw a computation graph from top to bottom.

    Parameters
    ----------
    symbol : str
        The graph as JSON, as ``symbol.tojson()`` of MXNet gives it.
    size : (float, float), optional
        Inches; by default as large as the graph needs.
    """
    nodes = json.loads(symbol)["nodes"]
    depth: list[int] = []
    for node in nodes:  # inputs come before the nodes that use them
        depth.append(
            1 + max((depth[i[0]] for i in node["inputs"]), default=-1)
        )
    for i, node in enumerate(nodes):  # pull a leaf down to its first user
        users = [
            depth[j]
            for j, other in enumerate(nodes)
            if any(k[0] == i for k in other["inputs"])
        ]
        if node["op"] == "null" and users:
            depth[i] = min(users) - 1
    rows: dict[int, list[int]] = {}
    for i, d in enumerate(depth):
        rows.setdefault(d, []).append(i)
    widest = max(len(row) for row in rows.values())
    size = size or (max(5.0, 2.1 * widest), 0.62 * (len(rows) + 1))
    figure, axis = subplots(size=size)
    axis.set_axis_off()
    place: dict[int, tuple[float, float]] = {}
    for d, row in sorted(rows.items()):
        # what computes stands in the middle, what is stored beside it
        row.sort(key=lambda i: (nodes[i]["op"] == "null", i))
        offsets = [0.0]
        for k in range(1, len(row)):
            offsets.append((k + 1) // 2 * (1 if k % 2 else -1))
        for i, offset in zip(row, offsets):
            place[i] = (float(offset), -float(d))
    for i, node in enumerate(nodes):
        for source in node["inputs"]:
            axis.annotate(
                "",
                place[i],
                place[source[0]],
                zorder=1,
                arrowprops={
                    "arrowstyle": "-|>",
                    "color": GREY,
                    "shrinkA": 9,
                    "shrinkB": 9,
                    "lw": 1,
                },
            )
    for i, node in enumerate(nodes):
        stored = node["op"] == "null"
        text = node["name"] if stored else node["op"].lstrip("_")
        axis.text(
            *place[i],
            text,
            ha="center",
            va="center",
            fontsize=8,
            zorder=2,
            bbox={
                "boxstyle": "round,pad=0.35",
                "facecolor": "#F3F4F6" if stored else "#DBEAFE",
                "edgecolor": GREY if stored else BLUE,
                "lw": 0.8,
            },
        )
    xs = [x for x, _ in place.values()]
    axis.set_xlim(min(xs) - 0.7, max(xs) + 0.7)
    axis.set_ylim(-max(depth) - 0.6, 0.6)
    return figure, axis
