"""Principal component analysis.

Letters: ``N`` points, ``d`` their dimensions, ``m`` those that are kept; ``X``
the points as rows, ``μ`` their mean; ``C`` the covariance, ``W`` its first m
eigenvectors as columns, ``λ`` its eigenvalues; ``T`` the codes.

Book: ch. 6, "Principal Component Analysis"
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped, whole

__all__ = ["PCA", "principal_axes"]


class PCA(NamedTuple):
    """Axes along which data vary most.

    Examples
    --------
    >>> axes = principal_axes([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]], 1)
    >>> t = axes.encode([[5.0, 5.0]])
    >>> abs(t).round(3), axes.decode(t).round(3)
    (array([[4.243]]), array([[5., 5.]]))
    """

    mean: np.ndarray
    """μ, `(d,)`; zeros where the data were not centred."""
    axes: np.ndarray
    """W, `(d, m)`, of length 1 and at right angles to each other."""
    variances: np.ndarray
    """λ, `(m,)`, falling: the variance of each code."""
    total: float
    """Variance in all d dimensions together."""

    def encode(self, x: Any) -> np.ndarray:
        """Return the codes T `(B, m)` of points x `(B, d)`."""
        x = shaped("x", floats("x", x), "B", len(self.axes))
        # T = (X − μ) W
        return np.dot(x - self.mean, self.axes)

    def decode(self, codes: Any) -> np.ndarray:
        """Return the points `(B, d)` that codes `(B, m)` stand for."""
        t = shaped("codes", floats("codes", codes), "B", self.axes.shape[1])
        # X ≈ T Wᵀ + μ
        return np.dot(t, self.axes.T) + self.mean


def principal_axes(x: Any, m: int, *, centre: bool = True) -> PCA:
    """Return the m axes along which points vary most.

    ::

        C   = (X − μ)ᵀ (X − μ) / (N − 1)
        C W = W diag(λ)              λ_1 ≥ λ_2 ≥ …

    Parameters
    ----------
    x : array `(N, d)`
        X, two points or more.
    m : int
        How many axes to keep, at most d. An axis and its opposite are the
        same; its largest component is made positive.
    centre : bool
        Whether to take off the mean first. Without, C is no covariance, and
        the first axis points from the origin to where the data are.

    Returns
    -------
    PCA
        With ``encode`` and ``decode``.

    Examples
    --------
    Points on a line: one axis has all the variance.

    >>> found = principal_axes([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]], 2)
    >>> found.axes[:, 0].round(3), abs(found.variances).round(3)
    (array([0.6, 0.8]), array([25.,  0.]))
    """
    x = shaped("x", floats("x", x), "N", "d")
    N, d = x.shape
    if N < 2:
        raise must("x", x.shape, "have at least two rows")
    if whole("m", m) > d:
        raise must("m", m, f"be at most the {d} dimensions of `x`")
    mean = x.mean(axis=0) if centre else np.zeros(d)
    # C = (X − μ)ᵀ (X − μ) / (N − 1)
    C = np.dot((x - mean).T, x - mean) / (N - 1)
    # C w = λ w; they come with λ rising
    values, vectors = np.linalg.eigh(C)
    W = vectors[:, ::-1][:, :m]
    largest = W[np.abs(W).argmax(axis=0), np.arange(m)]
    return PCA(mean, W * np.sign(largest), values[::-1][:m], C.trace())
