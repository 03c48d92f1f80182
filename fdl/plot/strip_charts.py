"""Strips: what goes on step by step, one column a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fdl.errors import must
from fdl.plot.style import ORANGE, subplots
from fdl.scratch._checks import whole

__all__ = ["strips"]

ROW = 0.095  # inches of a row
LEAST = 0.3  # inches of the lowest panel
TITLE = 0.35  # inches for a title


def strips(
    parts: Mapping[str, np.ndarray],
    *,
    marks: Sequence[int] = (),
    columns: int = 1,
    width: float = 6.0,
    data: str | Sequence[str] | None = None,
) -> tuple[Any, Any]:
    """Draw sequences as strips of cells, with the steps from left to right.

    Parameters
    ----------
    parts : mapping
        Title → array `(T, n)`, or `(T,)`. Where none is negative, cells go
        from 0, white, to 1, black, or to the largest; else blue is below
        zero and red above.
    marks : sequence of int
        Steps before which a line is drawn through all strips.
    columns : int
        Strips beside each other; they are filled row by row.
    width : float
        Inches of the figure.
    data : str or sequence of str, optional
        The data sets that they come from; see :func:`subplots`.

    Examples
    --------
    >>> figure, axes = strips({"weights": np.eye(3)}, marks=[2], data=())
    >>> axes.shape
    (1, 1)
    """
    if not parts:
        raise must("parts", parts, "name one strip at least")
    grids = {}
    for title, values in parts.items():
        values = np.asarray(values, float)
        grids[title] = values[:, None] if values.ndim == 1 else values
        if grids[title].ndim != 2 or not grids[title].size:
            given = f"array of shape {values.shape} named {title!r}"
            raise must("parts", given, "be (T, n) or (T,) with T and n ≥ 1")
        if not np.isfinite(values).all():
            given = f"array named {title!r} with NaN or infinity"
            raise must("parts", given, "be finite everywhere")
    whole("columns", columns)
    rows = -(-len(grids) // columns)
    sizes = [grid.shape[1] for grid in grids.values()]
    heights = [
        max(LEAST, ROW * max(sizes[k * columns : (k + 1) * columns]))
        for k in range(rows)
    ]
    figure, axes = subplots(
        rows,
        columns,
        size=(width, sum(heights) + TITLE * rows),
        data=data,
        squeeze=False,
        height_ratios=heights,
    )
    for axis in axes.flat[len(grids) :]:
        axis.set_axis_off()
    for axis, (title, grid) in zip(axes.flat, grids.items()):
        low, top = grid.min(), max(1.0, np.abs(grid).max())
        axis.imshow(
            grid.T,
            cmap="RdBu_r" if low < 0 else "gray_r",
            vmin=-top if low < 0 else 0,
            vmax=top,
            aspect="auto",
        )
        axis.set_title(title, loc="left")
        axis.set(xticks=[], yticks=[])
        axis.spines[["top", "right"]].set_visible(True)
        axis.grid(visible=False)
        for mark in marks:
            axis.axvline(mark - 0.5, color=ORANGE, linewidth=1)
    return figure, axes
