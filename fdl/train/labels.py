"""Labels that number classes, looked at before they teach anything.

MXNet's ``pick`` takes a label outside of 0 … C − 1 for the nearest one, and a
fraction for a whole number, without a word: a network would learn the wrong
class. So a batch's labels are checked on the host, while its outputs are being
computed.

A loss or a metric of this package whose targets are such labels says so by its
attribute ``class_axis``: the axis of the outputs on which the classes are. One
of your own may do the same.

Letters: ``B`` batch, ``C`` classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Optional

import numpy as onp

__all__ = ["check", "class_axes", "stray"]


def class_axes(takers: Iterable[Any]) -> tuple[int, ...]:
    """Return where losses and metrics look for classes, each axis once.

    Examples
    --------
    >>> from fdl.nn import cross_entropy
    >>> class_axes([cross_entropy, print])
    (-1,)
    """
    found = {}
    for taker in takers:
        # Gluon's softmax cross-entropy says it in its own words
        if getattr(taker, "_sparse_label", False):
            found[taker._axis] = True
        elif getattr(taker, "class_axis", None) is not None:
            found[taker.class_axis] = True
    return tuple(found)


def stray(y: onp.ndarray, classes: int) -> Optional[Any]:
    """Return the first label that numbers no class, None if all do.

    Examples
    --------
    >>> stray(onp.array([0, 2, 1]), 3) is None
    True
    >>> stray(onp.array([0, 3, 1]), 3), stray(onp.array([0.5, 1]), 3)
    (3, 0.5)
    """
    if y.dtype.kind in "biu":
        # two numbers tell; this runs in every step
        if y.min().item() >= 0 and y.max().item() < classes:
            return None
        good = (y >= 0) & (y < classes)
    else:
        good = (y >= 0) & (y < classes) & (y == onp.floor(y))
    wrong = y[~good]
    return wrong[0].item() if wrong.size else None


def check(
    argument: str, number: int, y: Any, shape: Sequence[int], axis: int
) -> None:
    """Refuse labels that number no class.

    Parameters
    ----------
    argument : str
        What the batch came in.
    number : int
        Which batch it is, from 1.
    y : array
        Labels `(B, …)`. Targets of the outputs' own shape are no labels but a
        share for each class.
    shape : sequence of int
        The outputs' shape, `(B, C)` if `axis` is −1.
    axis : int
        Where the classes are.

    Examples
    --------
    >>> check("batches", 1, onp.array([0, 2, 1]), (3, 3), -1)
    >>> check("batches", 1, onp.array([0, 3, 1]), (3, 3), -1)
    Traceback (most recent call last):
    ...
    ValueError: `batches` (=a label 3 in batch 1) must hold labels that are
    whole numbers from 0 to 2.
    """
    if tuple(y.shape) == tuple(shape):
        return
    if hasattr(y, "asnumpy"):
        y = y.asnumpy()
    classes = shape[axis]
    wrong = stray(onp.asarray(y), classes)
    if wrong is not None:
        raise ValueError(
            f"`{argument}` (=a label {wrong:.6g} in batch {number}) must hold "
            f"labels that are whole numbers from 0 to {classes - 1}."
        )
