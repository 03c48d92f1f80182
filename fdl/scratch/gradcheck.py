"""Numeric gradients, against which every derived one can be checked.

Letters: none.

Book: ch. 2, "The Backpropagation Algorithm"
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fdl.errors import ShapeError, must
from fdl.scratch._checks import floats, positive

__all__ = ["numeric_gradient"]


def numeric_gradient(
    f: Callable[[np.ndarray], Any], x: Any, eps: float = 1e-6
) -> np.ndarray:
    """Return the gradient of `f` at `x` by central differences.

    Parameters
    ----------
    f : callable
        Takes a float64 array of the shape of `x` and returns one number. Each
        call gets a fresh array.
    x : array_like
        Where the slopes are taken; any shape.
    eps : float
        How far each entry is moved, both ways. The error is about eps² where
        `f` is smooth; at a kink the result is the mean of both slopes.

    Returns
    -------
    ndarray
        float64, of the shape of `x`.

    Examples
    --------
    >>> numeric_gradient(lambda x: (x**2).sum(), [1, 2, 3]).round(6)
    array([2., 4., 6.])
    """
    if not callable(f):
        raise TypeError(f"`f` (={f!r}) must be callable.")
    x = floats("x", x)
    eps = positive("eps", eps)
    gradient = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        there, back = x.copy(), x.copy()
        there[i] += eps
        back[i] -= eps
        if there[i] == back[i]:
            raise must("eps", eps, f"be large enough to move {x[i]}")
        # ∂f/∂x_i ≈ (f(x + ε e_i) − f(x − ε e_i)) / 2ε, with ε as it was stored
        rise = _number(f(there.copy())) - _number(f(back.copy()))
        gradient[i] = rise / (there[i] - back[i])
    return gradient


def _number(value: Any) -> float:
    if np.size(value) != 1:
        raise ShapeError(
            "`f` must return one number; got an array of shape "
            f"{np.shape(value)}."
        )
    return float(np.asarray(value).reshape(()))
