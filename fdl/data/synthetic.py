"""Made-up points in the plane, for problems that a picture shows whole.

Letters: ``N`` points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import not_negative, whole

__all__ = ["moons", "rings"]

Points = tuple[np.ndarray, np.ndarray]


def rings(
    n: int,
    seed: int = 0,
    *,
    radii: Sequence[tuple[float, float]] = ((0.0, 1.0), (1.6, 2.4)),
    noise: float = 0.0,
) -> Points:
    """Return points in rings around the origin, and the ring of each.

    The rings take turns, so any run of rows holds them evenly. Within a ring
    the points are spread evenly over its area.

    Parameters
    ----------
    n : int
        How many points in all.
    seed : int
        Chooses them.
    radii : sequence of (float, float)
        Inner and outer radius of each ring; by default a disc and a ring
        around it. Equal ones give a circle.
    noise : float
        Standard deviation of normal noise on both coordinates.

    Returns
    -------
    x, ring : arrays `(N, 2)` and `(N,)`
        Points, and numbers of rings from 0 up, in the order of `radii`.

    Examples
    --------
    >>> x, ring = rings(4, radii=[(0.0, 1.0), (3.0, 3.0)])
    >>> ring
    array([0, 1, 0, 1])
    >>> np.hypot(*x[ring == 1].T)
    array([3., 3.])
    """
    whole("n", n)
    not_negative("noise", noise)
    if not len(radii):
        raise must("radii", radii, "hold at least one pair")
    for k, pair in enumerate(radii):
        if np.shape(pair) != (2,):
            raise must(f"radii[{k}]", pair, "be two numbers")
        inner, outer = pair
        if not 0 <= inner <= outer < np.inf:
            rule = "rise from a number that is not negative, to a finite one"
            raise must(f"radii[{k}]", radii[k], rule)
    rng = np.random.default_rng(seed)
    ring = np.arange(n) % len(radii)
    inner, outer = np.asarray(radii, dtype=float)[ring].T  # (N,)
    # the area within r grows with r², so r² is what is spread evenly
    r = np.sqrt(rng.uniform(inner**2, outer**2))
    phi = rng.uniform(0, 2 * np.pi, n)
    x = np.column_stack([r * np.cos(phi), r * np.sin(phi)])
    return x + rng.normal(0, noise, x.shape), ring


def moons(n: int, seed: int = 0, *, noise: float = 0.45) -> Points:
    """Return points of two interlocking half-circles, and which it is.

    With the default noise the two overlap: nobody can tell all of them apart.

    Parameters
    ----------
    n : int
        How many points in all, the two taking turns.
    seed : int
        Chooses them.
    noise : float
        Standard deviation of normal noise on both coordinates.

    Returns
    -------
    x, moon : arrays `(N, 2)` and `(N,)`
        Points; 0 for the lower half-circle, around (1, ½), and 1 for the
        upper one, around the origin.

    Examples
    --------
    >>> x, moon = moons(1000, noise=0.0)
    >>> x[moon == 1].min(axis=0).round(1), x[moon == 0].min(axis=0).round(1)
    (array([-1.,  0.]), array([ 0. , -0.5]))
    """
    whole("n", n)
    not_negative("noise", noise)
    rng = np.random.default_rng(seed)
    moon = np.arange(n) % 2
    phi = rng.uniform(0, np.pi, n)
    upper = np.column_stack([np.cos(phi), np.sin(phi)])
    x = np.where(moon[:, np.newaxis] == 1, upper, [1.0, 0.5] - upper)
    return x + rng.normal(0, noise, x.shape), moon
