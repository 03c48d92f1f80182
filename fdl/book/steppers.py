"""A convolution to walk through, place by place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fdl.book.live import Live, live
from fdl.errors import must
from fdl.plot.style import subplots
from fdl.scratch.convolution import conv2d, output_size

__all__ = ["stepper"]


def stepper(
    pictures: Mapping[str, Any],
    filters: Mapping[str, Any],
    *,
    stride: int = 1,
    pad: int = 0,
    about: str,
) -> Live:
    """Return a convolution that a reader takes step by step.

    Pictures and filters can be chosen and changed; the script computes what
    :func:`fdl.scratch.conv2d` does.

    Parameters
    ----------
    pictures : mapping
        Name → array `(H, W)`, the first one shown first.
    filters : mapping
        Name → array `(e, f)`.
    stride, pad : int
        Where it begins.
    about : str
        What the figure shows, for readers who do not see it.

    Examples
    --------
    >>> stepper({"dot": np.eye(5)}, {"blur": np.ones((3, 3))}, about="…")
    Convolution to step through: 1 picture, 1 filter
    """
    xs, ws = _tables("pictures", pictures), _tables("filters", filters)
    for x in xs.values():
        for w in ws.values():
            for n, e in zip(x.shape, w.shape):
                output_size(n, e, stride, pad)  # says what does not fit
    told = {
        "pictures": [{"name": k, "cells": x.tolist()} for k, x in xs.items()],
        "filters": [{"name": k, "cells": w.tolist()} for k, w in ws.items()],
        "stride": stride,
        "pad": pad,
    }
    counts = (
        f"{len(x)} {word}{'s' * (len(x) > 1)}"
        for x, word in ((xs, "picture"), (ws, "filter"))
    )
    x, w = next(iter(xs.values())), next(iter(ws.values()))
    y = conv2d(x[None, None], w[None, None], None, stride, pad)[0, 0]
    return live(
        "stepper",
        told,
        _still({"input": x, "filter": w, "output": y}),
        about=about,
        text=f"Convolution to step through: {', '.join(counts)}",
    )


def _tables(argument: str, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the arrays, if each is a table of numbers."""
    if not given:
        raise must(argument, given, "name one array at least")
    tables = {}
    for name, values in given.items():
        table = np.asarray(values, float)
        if table.ndim != 2 or not table.size or not np.isfinite(table).all():
            what = f"array of shape {table.shape} named {name!r}"
            raise must(argument, what, "be a table of finite numbers")
        tables[name] = table
    return tables


def _still(parts: Mapping[str, np.ndarray]) -> Any:
    """Return the tables side by side, with their numbers."""
    widths = [table.shape[1] for table in parts.values()]
    figure, axes = subplots(
        1, len(parts), size=(7, 3), data=(), width_ratios=widths
    )
    for axis, (title, table) in zip(axes, parts.items()):
        top = max(1.0, abs(table).max())
        # twice the range keeps the colours pale behind the numbers
        axis.imshow(table, cmap="PuOr_r", vmin=-2 * top, vmax=2 * top)
        for (i, j), value in np.ndenumerate(table):
            axis.text(j, i, f"{value:.3g}", ha="center", va="center", size=8)
        axis.set(title=title, xticks=[], yticks=[])
        axis.grid(visible=False)
    return figure
