"""The alias method: draw from any distribution of V things in O(1).

Each of V boxes is filled to the brim by at most two things: its own, and one
*alias*, a thing that has more than a box's worth. To draw, take a box at
random, and then its own thing or its alias.

Letters: ``V`` things.

References: [1] Walker 1977, doi:10.1145/355744.355749; the construction is
that of Vose 1991, doi:10.1109/32.92917.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped

__all__ = ["alias_draw", "alias_tables"]


def alias_tables(weights: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the boxes of a distribution, filled one by one.

    Parameters
    ----------
    weights : array `(V,)`
        How likely each thing is, up to a factor.

    Returns
    -------
    own, alias : arrays `(V,)`
        The share of each box that its own thing fills, in [0, 1], and the
        thing that fills the rest.

    Examples
    --------
    >>> own, alias = alias_tables([3, 1])
    >>> own, alias
    (array([1. , 0.5]), array([0, 0]))
    """
    w = shaped("weights", floats("weights", weights), "V")
    if w.min() < 0 or w.sum() <= 0:
        raise must("weights", w, "be from 0 up, and one of them above 0")
    amount = w * len(w) / w.sum()  # in boxes; their mean is 1
    own, alias = np.ones(len(w)), np.arange(len(w))
    small = [k for k in range(len(w)) if amount[k] < 1]
    large = [k for k in range(len(w)) if amount[k] >= 1]
    while small and large:
        k, j = small.pop(), large[-1]
        # k leaves room in its box, and j fills it
        own[k], alias[k] = amount[k], j
        amount[j] -= 1 - amount[k]
        if amount[j] < 1:
            small.append(large.pop())
    return own, alias  # what is left over by rounding fills its own box


def alias_draw(
    own: np.ndarray, alias: np.ndarray, rng: np.random.Generator
) -> int:
    """Draw one thing.

    Parameters
    ----------
    own, alias : arrays `(V,)`
        What :func:`alias_tables` gives.
    rng : Generator
        Chance.

    Examples
    --------
    >>> tables = alias_tables([0, 1])
    >>> {alias_draw(*tables, np.random.default_rng(k)) for k in range(9)}
    {1}
    """
    box = int(rng.integers(len(own)))
    return box if rng.random() < own[box] else int(alias[box])
