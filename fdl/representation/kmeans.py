"""k-means: each point belongs to the nearest of k centres.

[1] Lloyd 1982, IEEE Trans. Inf. Theory 28:129; [2] Arthur and Vassilvitskii
2007, "k-means++", SODA

Letters: ``N`` points of ``d`` dimensions; ``k`` clusters; ``c`` centres.

Differences from the papers: a cluster that loses all its points gets the
point that is farthest from its own centre.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped, whole

__all__ = ["Clusters", "k_means"]


class Clusters(NamedTuple):
    """Centres, and how good they are.

    Examples
    --------
    >>> found = k_means([[0.0], [1.0], [10.0], [11.0]], 2)
    >>> codes = found.encode([[2.0], [12.0], [0.4]])  # one-hot
    >>> found.decode(codes).tolist()
    [[0.5], [10.5], [0.5]]
    """

    centres: np.ndarray
    """c, `(k, d)`."""
    errors: list[float]
    """Σ ‖x − c‖² to the nearest centres, at each step; it never rises."""

    def assign(self, x: Any) -> np.ndarray:
        """Return the number of the nearest centre of each point `(B, d)`."""
        d = self.centres.shape[1]
        return _squares(shaped("x", floats("x", x), "B", d), self.centres)[0]

    def encode(self, x: Any) -> np.ndarray:
        """Return points `(B, d)` as one-hot rows `(B, k)`."""
        return np.eye(len(self.centres))[self.assign(x)]

    def decode(self, codes: Any) -> np.ndarray:
        """Return the centres `(B, d)` that rows `(B, k)` choose."""
        k = len(self.centres)
        return np.dot(shaped("codes", floats("codes", codes), "B", k), self[0])


def k_means(x: Any, k: int, *, seed: int = 0, steps: int = 100) -> Clusters:
    """Return k centres for points.

    ::

        z_i = argmin_j ‖x_i − c_j‖²
        c_j = mean of all x_i with z_i = j

    Parameters
    ----------
    x : array `(N, d)`
        Points, k different ones or more.
    k : int
        How many clusters.
    seed : int
        Chooses the first centres among the points, each with a probability
        that grows with the square of its distance from those before it [2].
    steps : int
        The most to take; it stops when nothing moves.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> found = k_means(x, 2)
    >>> sorted(found.centres.ravel().tolist()), found.errors[-1]
    ([0.5, 10.5], 1.0)
    """
    x = shaped("x", floats("x", x), "N", "d")
    if whole("k", k) > len(x):
        raise must("k", k, f"be at most the {len(x)} points")
    whole("steps", steps)
    whole("seed", seed, 0)
    centres = _spread(x, k, np.random.default_rng(seed))
    errors: list[float] = []
    for _ in range(steps):
        # z_i = argmin_j ‖x_i − c_j‖²
        z, gaps = _squares(x, centres)
        errors.append(float(gaps.sum()))
        if len(errors) > 1 and errors[-1] >= errors[-2]:
            break
        # c_j = mean of its points
        centres = np.empty_like(centres)
        for j in range(k):
            own = x[z == j]
            if not len(own):
                far = gaps.argmax()
                own, gaps[far] = x[far : far + 1], 0
            centres[j] = own.mean(axis=0)
    return Clusters(centres, errors)


def _spread(x: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Return k of the points, as different as chance makes them [2]."""
    chosen = [int(rng.integers(len(x)))]
    gaps = ((x - x[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < k:
        if not gaps.any():
            rule = f"be at most the {len(chosen)} different points of `x`"
            raise must("k", k, rule)
        chosen.append(int(rng.choice(len(x), p=gaps / gaps.sum())))
        gaps = np.minimum(gaps, ((x - x[chosen[-1]]) ** 2).sum(axis=1))
    return x[chosen]


def _squares(x: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return each point's nearest centre, and the squared distance."""
    near = np.empty(len(x), int)
    gaps = np.empty(len(x))
    for start in range(0, len(x), 1000):
        rows = slice(start, start + 1000)
        # ‖x‖² is the same for all centres
        table = (c**2).sum(axis=1) - 2 * np.dot(x[rows], c.T)
        near[rows] = table.argmin(axis=1)
        gaps[rows] = ((x[rows] - c[near[rows]]) ** 2).sum(axis=1)
    return near, gaps
