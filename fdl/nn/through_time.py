"""How far back a recurrent cell's gradient reaches.

[1] Hochreiter 1991; Bengio, Simard and Frasconi 1994, "Learning Long-Term
Dependencies with Gradient Descent is Difficult", doi:10.1109/72.279181

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``H`` hidden units.

Differences from the paper: none.

Book: ch. 7, "The Challenges with Vanishing Gradients"
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl import seeding
from fdl._mxnet import autograd, np
from fdl.nn.recurrent import run

__all__ = ["gradient_through_time"]


def gradient_through_time(cell: Any, x: Any, seed: int = 0) -> onp.ndarray:
    """Return how strongly the last output depends on each earlier input.

    ::

        reach_k = ‖∂(u · h_T) / ∂x_{T−k}‖      u a random direction, ‖u‖ = 1

    Parameters
    ----------
    cell : recurrent cell
        Anything that :func:`fdl.nn.run` takes, with its parameters.
    x : array `(B, T, X)`
        The sequences.
    seed : int
        Chooses a direction for each sequence.

    Returns
    -------
    array `(T,)`
        For k = 0, 1, …, T − 1, means over the batch.

    Examples
    --------
    >>> from fdl import nn
    >>> cell = nn.RNNCell(8)
    >>> cell.initialize()
    >>> reach = gradient_through_time(cell, np.ones((2, 30, 3)))
    >>> reach.shape
    (30,)
    """
    x = x.copy()
    x.attach_grad()
    with autograd.record():
        outputs, _ = run(cell, x)
        h = outputs[:, -1]
        u = seeding.generator(seed, "direction").normal(size=h.shape)
        u /= onp.sqrt((u**2).sum(axis=1, keepdims=True))
        along = (np.array(u, dtype=h.dtype) * h).sum()
    along.backward()
    gradient = x.grad.asnumpy().astype(float)  # (B, T, X)
    sizes = onp.sqrt((gradient**2).sum(axis=2))
    return sizes.mean(axis=0)[::-1].copy()
