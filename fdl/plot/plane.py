"""The plane: points of several classes, and what a function makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fdl.errors import must
from fdl.plot.style import CYCLE, ORANGE
from fdl.scratch._checks import positive, whole

__all__ = ["points", "shade"]

MARKERS = "o^sDvP*"
COLOURS = (ORANGE, *(colour for colour in CYCLE if colour != ORANGE))


def points(
    axis: Any,
    x: np.ndarray,
    label: np.ndarray,
    names: Sequence[str] = (),
    *,
    size: float = 5,
) -> None:
    """Draw points of several classes, told apart by colour and by shape.

    Parameters
    ----------
    axis : Axes
        Where to draw.
    x : `(N, 2)`
        The points.
    label : `(N,)`
        Their classes, drawn in the order of their values: the first as
        orange discs, the second as blue triangles.
    names : sequence of str, optional
        What a legend calls the classes.
    size : float
        Of a mark, in points.

    Examples
    --------
    >>> from fdl.plot import subplots
    >>> figure, axis = subplots(data=())
    >>> points(axis, [[0, 0], [1, 1], [2, 0]], [0, 1, 0], ["no", "yes"])
    >>> [(line.get_label(), line.get_marker()) for line in axis.lines]
    [('no', 'o'), ('yes', '^')]
    """
    x, label = np.asarray(x), np.asarray(label)
    if x.ndim != 2 or x.shape[1] != 2 or label.shape != x.shape[:1]:
        shapes = f"arrays of shapes {x.shape} and {label.shape}"
        raise must("x, label", shapes, "have the shapes (N, 2) and (N,)")
    for k, value in enumerate(np.unique(label)):
        axis.plot(
            *x[label == value].T,
            # with other colours when the shapes come again
            MARKERS[(k + k // len(COLOURS)) % len(MARKERS)],
            color=COLOURS[k % len(COLOURS)],
            label=names[k] if k < len(names) else None,
            markersize=size,
            markeredgecolor="white",
            markeredgewidth=0.1 * size,
        )


def shade(
    axis: Any,
    f: Callable[[np.ndarray], np.ndarray],
    low: float = -2.6,
    high: float = 2.6,
    *,
    top: float = 1.0,
    border: float | None = None,
    cells: int = 160,
) -> None:
    """Shade a square of the plane, the darker the larger `f` is there.

    Parameters
    ----------
    axis : Axes
        Where to draw.
    f : callable
        Takes points `(N, 2)` and returns a number for each, `(N,)`.
    low, high : float
        Ends of the square, on both axes.
    top : float
        The value that is darkest; 0 is white.
    border : float, optional
        Draw a line where `f` crosses this value.
    cells : int
        Points on a side at which `f` is taken.

    Examples
    --------
    >>> from fdl.plot import subplots
    >>> figure, axis = subplots(data=())
    >>> shade(axis, lambda x: x[:, 0], 0.0, 1.0, cells=2)
    >>> axis.images[0].get_array().tolist()  # at the middles of four cells
    [[0.25, 0.75], [0.25, 0.75]]
    """
    whole("cells", cells)
    if not low < high:
        raise must("low, high", (low, high), "rise")
    positive("top", top)
    width = (high - low) / cells
    side = low + width * (np.arange(cells) + 0.5)  # middles of the cells
    plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    values = np.asarray(f(plane), dtype=float)
    if values.shape != (cells**2,):
        shape = f"a function that returns the shape {values.shape}"
        raise must("f", shape, f"return one number a point, ({cells**2},)")
    values = values.reshape(cells, cells)
    # 1.6 keeps the darkest shade lighter than the points
    axis.imshow(
        values,
        origin="lower",
        extent=(low, high, low, high),
        cmap="Blues",
        vmin=0,
        vmax=1.6 * top,
    )
    if border is not None:
        axis.contour(
            side, side, values, [border], colors="black", linewidths=0.6
        )
    axis.set(xticks=[], yticks=[], xlim=(low, high), ylim=(low, high))
    axis.grid(False)
