"""Gradients cut to a length, so that one wild minibatch does not undo all.

[1] Pascanu, Mikolov and Bengio 2013, "On the Difficulty of Training Recurrent
Neural Networks", arXiv:1211.5063

Letters: ``g`` all gradients, as one long vector.

Differences from the paper: none.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl._mxnet import np
from fdl.scratch._checks import positive

__all__ = ["clip_by_norm"]


def clip_by_norm(
    gradients: Sequence[Any], limit: float, scale: float = 1.0
) -> Any:
    """Shorten gradients, all alike, until together they are short enough.

    ::

        g ← g · min(1, limit / ‖g‖)

    Their direction stays what it was. Nothing here waits for the device.

    Parameters
    ----------
    gradients : sequence of mx.np.ndarray
        Of all parameters; they are changed in place.
    limit : float
        How long they may be.
    scale : float
        A factor above 0 that they have yet to be multiplied by, as by one over
        the batch's size; it counts in the length, and is not applied.

    Returns
    -------
    mx.np.ndarray
        ‖g‖ before, a single number.

    Examples
    --------
    >>> g = [np.array([3.0]), np.array([0.0, 4.0])]
    >>> float(clip_by_norm(g, limit=1.0))
    5.0
    >>> g[0].round(2), g[1].round(2)
    (array([0.6]), array([0. , 0.8]))
    """
    limit, scale = positive("limit", limit), positive("scale", scale)
    # ‖g‖² = Σ over all parameters of all their squares
    square = sum((g * g).sum() for g in gradients)
    length = np.sqrt(square) * scale
    factor = limit / np.maximum(length, limit)
    for g in gradients:
        g *= factor
    return length
