"""Pictures in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fdl.errors import must
from fdl.plot.style import subplots
from fdl.scratch._checks import positive, whole

__all__ = ["images"]


def images(
    pictures: np.ndarray,
    titles: Sequence[str] = (),
    *,
    columns: int = 10,
    scale: float = 0.75,
    cmap: str = "gray_r",
    symmetric: bool = False,
    data: str | Sequence[str] | None = None,
) -> tuple[Any, Any]:
    """Show pictures in a grid.

    Parameters
    ----------
    pictures : `(N, H, W)` or `(N, H, W, 3)`
        What to show, in order. Each grey one is stretched from its own
        smallest number to its own largest, unless `symmetric`.
    titles : sequence of str, optional
        One short title each; of fewer, the first pictures get one.
    columns : int
        Pictures in a row.
    scale : float
        Inches per picture.
    cmap : str
        Colour map of grey pictures.
    symmetric : bool
        Centre the colours at zero, with one scale for all pictures; for
        weights, whose sign matters.
    data : str or sequence of str, optional
        The data sets that they come from; see :func:`subplots`.

    Examples
    --------
    >>> figure, axes = images(np.zeros((7, 28, 28)), "abcdefg", columns=5)
    >>> axes.shape, axes[1, 1].get_title()
    ((2, 5), 'g')
    """
    pictures = np.asarray(pictures)
    if pictures.ndim not in (3, 4) or not len(pictures):
        raise must(
            "pictures",
            f"array of shape {pictures.shape}",
            "be (N, H, W) or (N, H, W, 3) with N from 1 up",
        )
    whole("columns", columns)
    positive("scale", scale)
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    height = scale + (0.22 if len(titles) else 0)
    figure, axes = subplots(
        rows,
        columns,
        size=(columns * scale, rows * height),
        data=data,
        squeeze=False,
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
