"""A map of points with pictures, and of what a decoder draws between them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
from PIL import Image

from fdl.book.live import Live, live
from fdl.errors import must
from fdl.plot.style import subplots

__all__ = ["atlas"]

LEVELS = 15  # grey values between white and black that a picture keeps
CLASSES = 10  # colours that there are


def atlas(
    points: Any,
    labels: Any,
    pictures: Any,
    *,
    names: Sequence[str],
    plane: Any = None,
    window: Optional[tuple[float, float, float, float]] = None,
    about: str,
) -> Live:
    """Return a map whose points show their pictures.

    Parameters
    ----------
    points : array `(N, 2)`
        Where they lie.
    labels : array `(N,)` of int
        Their classes, from 0.
    pictures : array `(N, H, W)` or `(N, H, W, 3)`
        Theirs: ink or colour from 0 to 1.
    names : sequence of str
        What the classes are called, ten at most.
    plane : array `(P, Q, H, W)`, optional
        Ink that a decoder draws at P × Q places in even steps, rows from the
        top. Between them the script blends the four nearest.
    window : (left, right, bottom, top), optional
        Where the outermost of these places are.
    about : str
        What the figure shows, for readers who do not see it.

    Examples
    --------
    >>> atlas([[0, 0], [1, 1]], [0, 1], np.zeros((2, 3, 3)),
    ...       names=["cat", "dog"], about="…")
    Map of 2 points in 2 classes
    """
    xy, label = np.asarray(points, float), np.asarray(labels)
    shown = np.asarray(pictures, float)
    flat = xy.ndim == 2 and xy.shape[1] == 2
    if not flat or not len(xy) or not np.isfinite(xy).all():
        given = f"array of shape {xy.shape}"
        raise must("points", given, "be finite and have the shape (N, 2)")
    if label.shape != (len(xy),) or shown.shape[:1] != (len(xy),):
        shapes = f"arrays of shapes {label.shape} and {shown.shape}"
        raise must("labels, pictures", shapes, f"be of {len(xy)} points")
    if label.dtype.kind not in "iu":
        given = f"array of {label.dtype}"
        raise must("labels", given, "be whole numbers")
    fits = shown.ndim == 3 or (shown.ndim == 4 and shown.shape[3] == 3)
    if not fits or not np.isfinite(shown).all():
        given = f"array of shape {shown.shape}"
        raise must("pictures", given, "be finite, (N, H, W) or (N, H, W, 3)")
    if (
        not 0 < len(names) <= CLASSES
        or not np.isin(label, np.arange(len(names))).all()
    ):
        rule = f"be {CLASSES} at most, one for each of the labels"
        raise must("names", list(names), rule)
    told: dict[str, Any] = {
        "points": xy.round(3).tolist(),
        "labels": label.tolist(),
        "names": list(names),
        "marks": _marks(names),
        "pictures": _sheet(shown),
    }
    if plane is not None:
        drawn = np.asarray(plane, float)
        if drawn.ndim != 4 or window is None or min(drawn.shape[:2]) < 2:
            given = f"array of shape {drawn.shape}, window {window}"
            raise must("plane", given, "be (P, Q, H, W), with its `window`")
        if not np.isfinite(drawn).all():
            raise must("plane", "one with NaN or inf", "be finite")
        left, right, bottom, top = window
        if not (left < right and bottom < top):
            raise must("window", window, "be (left, right, bottom, top)")
        told["plane"] = _sheet(drawn.reshape(-1, *drawn.shape[2:]), drawn)
        told["window"] = list(window)
    return live(
        "atlas",
        told,
        _still(xy, label, _marks(names)),
        about=about,
        text=f"Map of {len(xy)} points in {len(names)} classes",
    )


def _marks(names: Sequence[str]) -> list[str]:
    """Return a letter for each name: its first one that is still free."""
    marks: list[str] = []
    for name in names:
        free = [letter for letter in name if letter not in marks]
        marks.append(free[0] if free else "?")
    return marks


def _sheet(pictures: np.ndarray, table: Any = None) -> dict[str, Any]:
    """Return pictures side by side as one PNG, with its measures."""
    count, height, width = pictures.shape[:3]
    columns = table.shape[1] if table is not None else int(count**0.5) + 1
    rows = -(-count // columns)
    grey = np.rint(LEVELS * np.clip(pictures, 0, 1)) * (255 // LEVELS)
    sheet = np.zeros((rows * columns, *pictures.shape[1:]), np.uint8)
    sheet[:count] = grey
    whole = sheet.reshape(rows, columns, *pictures.shape[1:]).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(
        whole.reshape(rows * height, columns * width, *pictures.shape[3:])
    ).save(file, "png", optimize=True)
    return {
        "rows": rows,
        "columns": columns,
        "height": height,
        "width": width,
        "ink": pictures.ndim == 3,
        "png": base64.b64encode(file.getvalue()).decode(),
    }


def _still(xy: np.ndarray, label: np.ndarray, marks: Sequence[str]) -> Any:
    """Return the map as a picture."""
    from matplotlib import colormaps

    figure, axis = subplots(size=(5.2, 5.2), data=())
    axis.plot(*xy.T, alpha=0)  # which sets the ends of the axes
    for place, k in zip(xy, label):
        axis.text(
            *place,
            marks[k],
            size=8,
            color=colormaps["tab10"](int(k)),
            ha="center",
            va="center",
        )
    axis.set(xticks=[], yticks=[])
    axis.grid(visible=False)
    return figure
