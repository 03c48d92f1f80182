"""A map of where attention looked, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fdl.errors import must
from fdl.plot.style import subplots

__all__ = ["attention"]

CELL = 0.27  # inches of a word's row or column
LABELS = 1.15  # inches for the words


def attention(
    source: Sequence[str],
    target: Sequence[str],
    weights: np.ndarray,
    *,
    data: str | Sequence[str] | None = None,
) -> tuple[Any, Any]:
    """Draw weights as grey cells, a row for each word of the target.

    Parameters
    ----------
    source, target : sequence of str
        Words.
    weights : `(T, S)`
        From 0, white, to 1, black.
    data : str or sequence of str, optional
        The data sets that they come from; see :func:`subplots`.

    Examples
    --------
    >>> figure, axis = attention(["I", "read"], ["lis"], [[0.1, 0.9]], data=())
    >>> [word.get_text() for word in axis.get_xticklabels()]
    ['I', 'read']
    >>> axis.images[0].get_array().tolist()
    [[0.1, 0.9]]
    """
    weights = np.asarray(weights, dtype=float)
    if weights.shape != (len(target), len(source)) or not weights.size:
        rule = (
            f"have the shape ({len(target)}, {len(source)}): a row for each "
            "word of `target`, a column for each of `source`"
        )
        raise must("weights", f"array of shape {weights.shape}", rule)
    # a softmax in float32 may end a little above 1; NaN is no weight
    stray = ~((weights >= 0) & (weights <= 1 + 1e-5))
    if stray.any():
        raise must("weights", float(weights[stray][0]), "be from 0 to 1")
    figure, axis = subplots(
        size=(LABELS + CELL * len(source), LABELS + CELL * len(target)),
        data=data,
    )
    axis.imshow(weights, cmap="gray_r", vmin=0, vmax=1, aspect="equal")
    axis.grid(visible=False)
    axis.xaxis.tick_top()
    axis.set_xticks(range(len(source)), source, rotation=90, fontsize=10)
    axis.set_yticks(range(len(target)), target, fontsize=10)
    axis.tick_params(length=0)
    return figure, axis
