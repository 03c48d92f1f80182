"""A film of arrays: heat maps that change from step to step.

On the site, a script draws them and moves from step to step; what is stored is
one byte a number, or, where numbers repeat, how often each does. Where scripts
do not run, a strip of pictures stands there.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fdl.book.live import Live, live
from fdl.errors import must
from fdl.plot.style import subplots

__all__ = ["movie"]

PICTURES = 5  # in the strip that stands where no script runs


def movie(
    parts: Mapping[str, np.ndarray], steps: Sequence[str], *, about: str
) -> Live:
    """Return a film of arrays.

    Parameters
    ----------
    parts : mapping
        Title → array `(T, rows, columns)`, or `(T, rows)` for one column.
        Where none is negative, cells go from 0, white, to 1, black, or to
        the largest; else blue is below zero and red above.
    steps : sequence of str
        What happens at each step, T of them.
    about : str
        What the film shows, for readers who do not see it.

    Examples
    --------
    >>> movie({"memory": np.zeros((2, 3, 4))}, ["write", "read"], about="…")
    Movie of 2 steps: memory (3 × 4)
    """
    if not parts or not len(steps):
        raise must("parts", parts, "name one array, with a step at least")
    panels, grids = [], {}
    for title, values in parts.items():
        grid = np.asarray(values, float)
        grid = grid[:, :, None] if grid.ndim == 2 else grid
        if grid.ndim != 3 or len(grid) != len(steps) or not grid.size:
            given = f"array of shape {np.shape(values)} named {title!r}"
            rule = f"be ({len(steps)}, rows, columns), as there are "
            raise must("parts", given, f"{rule}{len(steps)} `steps`")
        if not np.isfinite(grid).all():
            raise must("parts", f"array named {title!r}", "be finite numbers")
        top = max(1.0, float(np.abs(grid).max()))
        low = -top if grid.min() < 0 else 0.0
        bytes_ = np.rint(255 * (grid - low) / (top - low)).astype(np.uint8)
        grids[title] = grid, low, top
        panels.append(
            {
                "title": title,
                "rows": grid.shape[1],
                "columns": grid.shape[2],
                "low": low,
                "top": top,
                **_stored(bytes_.ravel()),
            }
        )
    sizes = ", ".join(
        f"{p['title']} ({p['rows']} × {p['columns']})" for p in panels
    )
    return live(
        "movie",
        {"steps": list(steps), "panels": panels},
        _strip(grids, steps),
        about=about,
        text=f"Movie of {len(steps)} steps: {sizes}",
    )


def _stored(cells: np.ndarray) -> dict[str, str]:
    """Return bytes as they are, or as pairs of times and byte if shorter."""
    starts = np.flatnonzero(np.diff(cells, prepend=~cells[:1]))
    times = np.diff(starts, append=cells.size)
    full, rest = np.divmod(times - 1, 255)  # a pair counts to 255
    value = np.repeat(cells[starts], full + 1)
    times = np.full(value.size, 255)
    times[np.cumsum(full + 1) - 1] = rest + 1
    runs = np.stack([times, value], 1).astype(np.uint8)
    kind, best = min(("cells", cells), ("runs", runs), key=lambda s: s[1].size)
    return {kind: base64.b64encode(best.tobytes()).decode()}


def _strip(grids: Mapping[str, Any], steps: Sequence[str]) -> Any:
    """Return pictures of some steps, one row each."""
    count = min(PICTURES, len(steps))
    shown = np.linspace(0, len(steps) - 1, count).round().astype(int)
    widths = [grid.shape[2] + 1 for grid, _, _ in grids.values()]
    highest = max(grid.shape[1] for grid, _, _ in grids.values())
    figure, axes = subplots(
        count,
        len(grids),
        size=(6.0, count * (6.0 * highest / sum(widths) + 0.5)),
        data=(),
        squeeze=False,
        width_ratios=widths,
    )
    for line, step in zip(axes, shown):
        for axis, (title, (grid, low, top)) in zip(line, grids.items()):
            axis.imshow(
                grid[step],
                cmap="RdBu_r" if low < 0 else "gray_r",
                vmin=low,
                vmax=top,
            )
            axis.set(xticks=[], yticks=[])
            axis.grid(visible=False)
            axis.set_xlabel(title, fontsize=8)
        line[0].set_title(f"{step + 1}. {steps[step]}", loc="left", fontsize=9)
    return figure
