"""Sparse updates: add to some rows of a table, and touch no other.

A row may be named many times; "the" is in every sentence. Two equal rows are
added to each other, then two such sums, and so on, so that n rows take log n
operations on whole arrays and no loop over words.

Letters: ``n`` rows named; ``V`` rows of the table; ``d`` columns.
"""

from __future__ import annotations

from typing import Optional

import numpy as onp

__all__ = ["add_rows", "sum_rows"]

TINY = 1e-20  # a row that got nothing stays where it is
FEW = 160  # up to here one product with an n × n matrix is faster


def sum_rows(
    rows: onp.ndarray, values: onp.ndarray
) -> tuple[onp.ndarray, onp.ndarray]:
    """Return each row once, with the sum of its values.

    Parameters
    ----------
    rows : array `(n,)`
        Whole numbers.
    values : array `(n, d)`
        Overwritten.

    Returns
    -------
    rows, sums : arrays `(m,)` and `(m, d)`
        Different rows, in order.

    Examples
    --------
    >>> rows, sums = sum_rows(onp.array([5, 2, 5]), onp.eye(3))
    >>> rows, sums.tolist()
    (array([2, 5]), [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    """
    place = rows.argsort(kind="stable")  # of each value
    rows = rows[place]
    new = onp.ones(len(rows), bool)
    onp.not_equal(rows[1:], rows[:-1], out=new[1:])
    starts = onp.flatnonzero(new)
    first, rows = place[starts], rows[starts]
    # the how-manieth of its row a value is: 0, 1, 2, …
    sizes = onp.diff(starts, append=len(place))
    rank = onp.arange(len(place)) - onp.repeat(starts, sizes)
    while len(place) > len(first):
        odd = onp.flatnonzero(rank & 1)
        values[place[odd - 1]] += values[place[odd]]
        even = onp.flatnonzero(rank & 1 == 0)
        place, rank = place[even], rank[even] >> 1
    return rows, values[first]


def add_rows(
    table: onp.ndarray,
    rows: onp.ndarray,
    values: onp.ndarray,
    rate: float = 1.0,
    squares: Optional[onp.ndarray] = None,
) -> None:
    """Add values to rows of a table, in place.

    Parameters
    ----------
    table : array `(V, d)`
        Only the rows named are read or written.
    rows : array `(n,)`
        Which ones; may repeat.
    values : array `(n, d)`
        What to add; may be overwritten.
    rate : float
        By which it is multiplied.
    squares : array `(V,)`, optional
        For AdaGrad with one rate a row: to these the mean square of what
        comes to a row is added, and by their root it is divided.

    Examples
    --------
    >>> table = onp.zeros((3, 2))
    >>> add_rows(table, onp.array([2, 0, 2]), onp.ones((3, 2)), rate=0.5)
    >>> table
    array([[0.5, 0.5],
           [0. , 0. ],
           [1. , 1. ]])
    """
    if len(rows) <= FEW:
        same = (rows[:, None] == rows).astype(values.dtype)
        # equal rows get equal sums, so it does not matter which comes last
        sums = onp.dot(same, values)
    else:
        rows, sums = sum_rows(rows, values)
    if squares is not None:
        # r ← r + mean g²,   Δ = rate · g / √r
        r = squares[rows] + (sums * sums).mean(axis=1)
        squares[rows] = r
        sums /= onp.sqrt(r + TINY)[:, None]
    sums *= rate
    table[rows] += sums
