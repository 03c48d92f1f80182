"""Keeping weights small: L1 and L2 penalties, and a bound on the norm.

The penalties are terms of the loss, ``loss + l2(net, 1e-4)``, where the loss
is a mean over the batch or a vector with one entry for each example. Like the
bound they concern weights only, which are the parameters of two or more
dimensions; biases are free.

Letters: w a weight, λ strength, W ``(out, in, ...)`` one unit's incoming
weights in each row.

Book: ch. 2, "Preventing Overfitting in Deep Neural Networks"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Union

from fdl._mxnet import gluon, mx, np
from fdl.optim import _checks as checks

__all__ = ["l1", "l2", "max_norm_"]

Weights = Union[gluon.Block, Iterable[Any]]


def l1(parameters: Weights, strength: float, device: Any = None) -> Any:
    """Return ``λ Σ |w|``, which drives many weights to almost nothing.

    Parameters
    ----------
    parameters : Block, ParameterDict or iterable
        A network, or some of its parameters, or ``mx.np`` arrays.
    strength : float
        λ, from 0 up.
    device : mx.Context, optional
        Whose copy to take, for networks that live on several; the first
        one's unless given.

    Returns
    -------
    mx.np.ndarray
        A single number; take it inside ``autograd.record()``.

    Examples
    --------
    >>> float(l1([np.array([[1.0, -2.0]])], strength=0.5))
    1.5
    """
    strength = checks.number("strength", strength, least=0.0)
    # λ Σ |w|
    return strength * sum(np.abs(w).sum() for w in _all(parameters, device))


def l2(parameters: Weights, strength: float, device: Any = None) -> Any:
    """Return ½ λ Σ w², which keeps weights small and spread out.

    Its gradient is λ w: with plain gradient descent the same as the rule's
    ``wd=λ``, but for the biases, which ``wd`` takes in.

    Parameters
    ----------
    parameters : Block, ParameterDict or iterable
        A network, or some of its parameters, or ``mx.np`` arrays.
    strength : float
        λ, from 0 up.
    device : mx.Context, optional
        Whose copy to take, for networks that live on several; the first
        one's unless given.

    Returns
    -------
    mx.np.ndarray
        A single number; take it inside ``autograd.record()``.

    Examples
    --------
    >>> float(l2([np.array([[1.0, -2.0]])], strength=0.5))
    1.25
    """
    strength = checks.number("strength", strength, least=0.0)
    # ½ λ Σ w²
    squares = sum((w * w).sum() for w in _all(parameters, device))
    return 0.5 * strength * squares


def max_norm_(parameters: Weights, c: float) -> None:
    """Shorten each unit's incoming weights to the norm `c`, in place.

    To be called after each step. Rows within the bound stay as they are, to
    the last bit.

    Parameters
    ----------
    parameters : Block, ParameterDict or iterable
        A network, or some of its parameters, or ``mx.np`` arrays; weights
        ``(out, in, ...)``.
    c : float
        The largest norm, positive.

    Examples
    --------
    >>> w = np.array([[3.0, 4.0], [0.3, 0.4]])
    >>> max_norm_([w], c=1.0)
    >>> w
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    c = checks.positive("c", c)
    for w in _all(parameters, every=True):
        # w ← w min(1, c / ‖w‖)
        norm = np.sqrt((w * w).reshape(len(w), -1).sum(axis=1))
        factor = np.minimum(1.0, c / np.maximum(norm, 1e-30))
        w[:] = w * factor.reshape(-1, *[1] * (w.ndim - 1))


def _all(parameters: Any, device: Any = None, every: bool = False) -> list:
    """Return the arrays of all weights: one copy of each, or every copy."""
    if isinstance(parameters, gluon.Block):
        parameters = parameters.collect_params()
    if hasattr(parameters, "values"):
        parameters = parameters.values()
    if not isinstance(parameters, Iterable):
        raise TypeError(
            f"`parameters` (={parameters!r}) must be a network, its "
            "parameters or arrays."
        )
    arrays = []
    for parameter in parameters:
        if isinstance(parameter, gluon.Parameter):
            copies = parameter.list_data()
            if not every:
                place = device or parameter.list_ctx()[0]
                copies = [parameter.data(place)]
        elif isinstance(parameter, mx.nd.NDArray):
            copies = [parameter]
        else:
            raise TypeError(
                f"`parameters` (={parameters!r}) must be a network, its "
                f"parameters or arrays; got {type(parameter).__name__} "
                "among them."
            )
        arrays += [array for array in copies if array.ndim >= 2]
    if not arrays:
        raise ValueError(
            f"`parameters` (={parameters!r}) must hold at least one array of "
            "two or more dimensions."
        )
    return arrays
