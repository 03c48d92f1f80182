"""t-SNE: a map of points in many dimensions that keeps neighbours together.

Around each point sits a Gaussian, as wide as it takes to have a given number
of neighbours, the *perplexity*. On the map the Gaussians become Student's t,
whose tails are heavier: there is room for what is moderately far away. The
map moves until both kinds of neighbourhood agree.

::

    p_{j|i} ∝ exp(−β_i |x_i − x_j|²),   p_ij = (p_{j|i} + p_{i|j}) / 2n
    w_ij = 1 / (1 + |y_i − y_j|²),      q_ij = w_ij / Σ_{k≠l} w_kl
    KL = Σ_{i≠j} p_ij ln(p_ij / q_ij)
    ∂KL/∂y_i = 4 Σ_j (p_ij − q_ij) w_ij (y_i − y_j)

Everything is exact, so time and memory grow with n²; 1,500 points take some
seconds.

Letters: ``n`` points, ``d`` dimensions of theirs, ``m`` of the map.

References: [1] van der Maaten and Hinton 2008, JMLR 9.

Differences from the paper: the map starts at the points' first principal
axes, not at random, and p is exaggerated 12 times at first, not 4.

Book: ch. 5, "Visualizing Learning in Convolutional Networks"
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import numpy as np

from fdl.errors import ShapeError, must
from fdl.scratch._checks import floats, positive, shaped, whole

__all__ = ["Map", "affinities", "divergence", "tsne"]

EXAGGERATION = 12.0
HALVINGS = 40


class Map(NamedTuple):
    """Where the points came to lie.

    Attributes
    ----------
    points : array `(n, m)`
        Their places on the map.
    divergence : float
        KL between the two kinds of neighbourhood; small is good.

    Examples
    --------
    >>> found = tsne(np.eye(4), perplexity=2.0, steps=1)
    >>> found.points.shape, found.divergence >= 0
    ((4, 2), True)
    """

    points: np.ndarray
    divergence: float


def affinities(x: Any, perplexity: float = 30.0) -> np.ndarray:
    """Return how much each two points are neighbours.

    Parameters
    ----------
    x : array `(n, d)`
        The points.
    perplexity : float
        exp of the entropy of each point's neighbours: how many there are,
        between 1 and n − 1.

    Returns
    -------
    array `(n, n)`
        p: symmetric, zero on the diagonal, sums to 1.

    Examples
    --------
    Two pairs of points, far from each other; each point has one neighbour:

    >>> p = affinities([[0.0], [1.0], [50.0], [51.0]], perplexity=1.1)
    >>> p.round(2)
    array([[0.  , 0.25, 0.  , 0.  ],
           [0.25, 0.  , 0.  , 0.  ],
           [0.  , 0.  , 0.  , 0.25],
           [0.  , 0.  , 0.25, 0.  ]])
    >>> float(p.sum().round(6))
    1.0
    """
    x = _points(x)
    n = len(x)
    perplexity = positive("perplexity", perplexity)
    if not 1 < perplexity < n - 1:
        raise must(
            "perplexity", perplexity, f"be above 1 and below {n - 1}, n − 1"
        )
    # where the points lie and how large they are cancels in p, too
    x = x - x[0]
    x = x / (abs(x).max() or 1.0)
    distances = np.maximum(_squared_distances(x), 0)
    np.fill_diagonal(distances, np.inf)
    distances -= distances.min(axis=1, keepdims=True)  # cancels in p
    # the entropy falls as β grows: halve the interval of ln β, in all rows
    scale = distances[np.isfinite(distances)].max() or 1.0
    low = np.full((n, 1), -40.0 - np.log(scale))
    high = low + 80.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        p, entropy = _neighbours(distances, np.exp(middle))
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    # p_ij = (p_{j|i} + p_{i|j}) / 2n
    return (p + p.T) / (2 * n)


def divergence(p: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return KL of a map, and its gradient.

    Parameters
    ----------
    p : array `(n, n)`
        What :func:`affinities` gives.
    y : array `(n, m)`
        The map.

    Returns
    -------
    float, array `(n, m)`
        KL, and ∂KL/∂y.

    Examples
    --------
    Where all points are neighbours alike, a map with all of them in one place
    agrees, and nothing pulls:

    >>> p = (1 - np.eye(4)) / 12
    >>> kl, gradient = divergence(p, np.zeros((4, 2)))
    >>> abs(kl) < 1e-9, bool((gradient == 0).all())
    (True, True)
    """
    p, y = floats("p", p), _points(y, "y")
    shaped("p", p, len(y), len(y))
    gradient, w, total = _gradient(p, y)
    pairs = p > 0
    q = np.maximum(w[pairs] / total, np.finfo(float).tiny)
    return float((p[pairs] * np.log(p[pairs] / q)).sum()), gradient


def tsne(
    x: Any,
    dimensions: int = 2,
    *,
    perplexity: float = 30.0,
    steps: int = 500,
    learning_rate: Optional[float] = None,
    seed: int = 0,
) -> Map:
    """Lay points out on a map.

    Parameters
    ----------
    x : array `(n, d)`
        The points.
    dimensions : int
        m.
    perplexity : float
        How many neighbours count.
    steps : int
        How often the map moves. During the first half, at most 250 steps, p
        is exaggerated, so that clusters form while there is room to move.
    learning_rate : float, optional
        If not given, n / 12, but 50 at least.
    seed : int
        Decides the tiny noise by which equal points come apart.

    Returns
    -------
    Map
        The places, centred, and their divergence.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> two = np.repeat([[0.0] * 5, [9.0] * 5], 20, axis=0)
    >>> y = tsne(two + rng.normal(size=two.shape), perplexity=10).points
    >>> apart = np.linalg.norm(y[:, np.newaxis] - y, axis=2)
    >>> np.fill_diagonal(apart, np.inf)
    >>> bool(((apart.argmin(axis=1) < 20) == (np.arange(40) < 20)).all())
    True
    """
    x = _points(x)
    m, steps = whole("dimensions", dimensions), whole("steps", steps)
    p = affinities(x, perplexity).astype(np.float32)
    n = len(x)
    rate = max(n / EXAGGERATION, 50.0)
    if learning_rate is not None:
        rate = positive("learning_rate", learning_rate)
    y = _start(x, m, seed).astype(np.float32)
    velocity, gains = np.zeros_like(y), np.ones_like(y)
    early = min(250, steps // 2)
    for step in range(steps):
        soon = step < early
        gradient, _, _ = _gradient(p * EXAGGERATION if soon else p, y)
        # a coordinate that keeps its direction speeds up
        turned = np.sign(gradient) == np.sign(velocity)
        gains = np.maximum(np.where(turned, 0.8 * gains, gains + 0.2), 0.01)
        velocity = (0.5 if soon else 0.8) * velocity - rate * gains * gradient
        y = y + velocity
    y = (y - y.mean(axis=0)).astype(float)
    return Map(y, divergence(p.astype(float), y)[0])


def _points(x: Any, argument: str = "x") -> np.ndarray:
    x = shaped(argument, floats(argument, x), "n", "d")
    if len(x) < 4:
        raise ShapeError(
            f"`{argument}` (={len(x)} points) must hold 4 points at least."
        )
    return x


def _squared_distances(x: np.ndarray, more: float = 0.0) -> np.ndarray:
    """Return `more` + |x_i − x_j|², as one product of two thin matrices."""
    one = np.ones((len(x), 1), x.dtype)
    squares = (x * x).sum(axis=1, keepdims=True)
    # more + a·a + b·b − 2 a·b
    left = np.hstack([-2 * x, squares + x.dtype.type(more), one])
    return left @ np.hstack([x, one, squares]).T


def _neighbours(
    distances: np.ndarray, beta: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return p_{j|i} `(n, n)` and each row's entropy `(n, 1)`."""
    exponent = -beta * distances
    p = np.exp(exponent)
    total = p.sum(axis=1, keepdims=True)
    p /= total
    # H = −Σ p ln p with ln p = exponent − ln total, and 0 ln 0 = 0
    exponent[p == 0] = 0
    mean = (p * exponent).sum(axis=1, keepdims=True)
    return p, np.log(total) - mean


def _gradient(
    p: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return ∂KL/∂y, w and its sum over all pairs."""
    w = _squared_distances(y, 1.0)
    np.reciprocal(w, out=w)
    np.fill_diagonal(w, 0)
    total = w.sum(dtype=float)
    # f_ij = (p_ij − q_ij) w_ij
    f = w * y.dtype.type(-1 / total)
    f += p
    f *= w
    # 4 Σ_j f_ij (y_i − y_j)
    return 4 * (f.sum(axis=1, keepdims=True) * y - f @ y), w, total


def _start(x: np.ndarray, m: int, seed: int) -> np.ndarray:
    """Return the points along their m longest axes, made small."""
    centred = x - x.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    y = np.zeros((len(x), m))
    known = min(m, len(s))
    y[:, :known] = u[:, :known] * s[:known]
    width = y[:, 0].std() or 1.0
    noise = np.random.default_rng(seed).normal(size=y.shape)
    return 1e-4 * (y / width + 1e-2 * noise)
