"""Which way to search: from straight down to a guess at Newton's direction.

A direction is told every step that was taken and how the gradient changed by
it; from that it learns the curvature. :mod:`fdl.optim.search` walks along it.

Letters: d dimensions, g gradient, p direction, H approximation of the inverse
Hessian; s_k = x_{k+1} − x_k, y_k = g_{k+1} − g_k, ρ_k = 1 / y_kᵀs_k.

References: [1] Nocedal and Wright 2006, Numerical Optimization, ch. 5 to 7.

Differences from the reference: L-BFGS scales as [1] eq. 7.20 does, BFGS once
as [1] eq. 6.20 does.

Book: ch. 4, "A Brief View of Second-Order Methods"
"""

from __future__ import annotations

from collections import deque
from typing import Optional, Protocol

import numpy as onp

from fdl.optim import _checks as checks

__all__ = [
    "BFGS",
    "LBFGS",
    "ConjugateGradient",
    "Direction",
    "SteepestDescent",
]

Vector = onp.ndarray


class Direction(Protocol):
    """What a search asks its method for.

    Examples
    --------
    A method of your own: down, but by a tenth of the gradient.

    >>> class Timid:
    ...     newton = False
    ...     def __call__(self, g):
    ...         return -0.1 * g
    ...     def learn(self, s, y):
    ...         pass
    ...     def forget(self):
    ...         pass
    >>> timid: Direction = Timid()
    >>> timid(onp.array([10.0, 20.0]))
    array([-1., -2.])
    """

    newton: bool
    """Whether a step of 1 along the direction is the natural one."""

    def __call__(self, g: Vector) -> Vector:
        """Return the direction at a point with this gradient."""

    def learn(self, s: Vector, y: Vector) -> None:
        """Take note of a step and of how the gradient changed."""

    def forget(self) -> None:
        """Start again from the steepest descent."""


class SteepestDescent:
    """Always straight down: p = −g, the direction of `steepest_descent`.

    Examples
    --------
    >>> SteepestDescent()(onp.array([3.0, -4.0]))
    array([-3.,  4.])
    """

    newton = False

    def __call__(self, g: Vector) -> Vector:
        """Return the direction."""
        return -g

    def learn(self, s: Vector, y: Vector) -> None:
        """Learn nothing."""

    def forget(self) -> None:
        """Have nothing to forget."""


class ConjugateGradient:
    """Down, but without undoing the last step (Polak–Ribière, positive).

    The direction of :func:`conjugate_gradient`.

    Examples
    --------
    The second direction goes down, and on by ``|g_1|² / |g_0|²`` of the first:

    >>> direction = ConjugateGradient()
    >>> direction(onp.array([2.0, 2.0]))
    array([-2., -2.])
    >>> direction(onp.array([1.0, -1.0]))
    array([-1.5,  0.5])

    Book: ch. 4, "A Brief View of Second-Order Methods"
    """

    newton = False
    p: Optional[Vector] = None
    g: Vector

    def __call__(self, g: Vector) -> Vector:
        """Return the direction."""
        if self.p is None:
            self.p = -g
        else:
            # β_k = max(0, g_kᵀ(g_k − g_{k−1}) / g_{k−1}ᵀg_{k−1})   eq. 5.45
            beta = max(0.0, g @ (g - self.g) / (self.g @ self.g))
            # p_k = −g_k + β_k p_{k−1}   eq. 5.41
            self.p = -g + beta * self.p
        self.g = g
        return self.p

    def learn(self, s: Vector, y: Vector) -> None:
        """Learn nothing: the last gradient and direction are all it needs."""

    def forget(self) -> None:
        """Restart: β = 0."""
        self.p = None


class BFGS:
    """Newton's direction, the inverse Hessian guessed from the gradients.

    The direction of :func:`bfgs`.

    Examples
    --------
    Of f = x² + 4y² the inverse Hessian is known after a step along each axis,
    and the direction leads to the minimum at once:

    >>> direction = BFGS()
    >>> direction.learn(onp.array([1.0, 0.0]), onp.array([2.0, 0.0]))
    >>> direction.learn(onp.array([0.0, 1.0]), onp.array([0.0, 8.0]))
    >>> direction(onp.array([2.0, 8.0]))  # at (1, 1)
    array([-1., -1.])

    Book: ch. 4, "A Brief View of Second-Order Methods"
    """

    newton = True
    H: Optional[Vector] = None

    def __call__(self, g: Vector) -> Vector:
        """Return the direction."""
        # p_k = −H_k g_k   eq. 6.18
        return -g if self.H is None else -self.H @ g

    def learn(self, s: Vector, y: Vector) -> None:
        """Correct H so that it maps y to s."""
        one = onp.eye(len(s))
        if self.H is None:
            # H_0 = (y_0ᵀs_0 / y_0ᵀy_0) I   eq. 6.20
            self.H = (y @ s) / (y @ y) * one
        rho = 1 / (y @ s)
        # H_{k+1} = (I − ρ s yᵀ) H_k (I − ρ y sᵀ) + ρ s sᵀ   eq. 6.17
        V = one - rho * onp.outer(y, s)
        self.H = V.T @ self.H @ V + rho * onp.outer(s, s)

    def forget(self) -> None:
        """Start again from H = I."""
        self.H = None


class LBFGS:
    """BFGS from the last few steps alone, with no matrix.

    The direction of :func:`lbfgs`.

    Parameters
    ----------
    history : int
        How many steps are remembered, from 1 up.

    Examples
    --------
    The last step says that the gradient grows by 8 along y. The same is taken
    for granted along x, of which nothing is remembered:

    >>> direction = LBFGS(history=1)
    >>> direction.learn(onp.array([1.0, 0.0]), onp.array([2.0, 0.0]))
    >>> direction.learn(onp.array([0.0, 1.0]), onp.array([0.0, 8.0]))
    >>> direction(onp.array([2.0, 8.0]))
    array([-0.25, -1.  ])

    Book: ch. 4, "A Brief View of Second-Order Methods"
    """

    newton = True

    def __init__(self, history: int) -> None:
        history = checks.count("history", history, least=1)
        self.pairs: deque[tuple[Vector, Vector]] = deque(maxlen=history)

    def __call__(self, g: Vector) -> Vector:
        """Return the direction, by two loops over the steps (alg. 7.4)."""
        if not self.pairs:
            return -g
        q = g.copy()
        alphas = []
        for s, y in reversed(self.pairs):
            # α_i = ρ_i s_iᵀ q
            alphas.append(s @ q / (y @ s))
            # q ← q − α_i y_i
            q -= alphas[-1] * y
        s, y = self.pairs[-1]
        # r = γ q with γ = s_{k−1}ᵀy_{k−1} / y_{k−1}ᵀy_{k−1}   eq. 7.20
        r = (s @ y) / (y @ y) * q
        for (s, y), alpha in zip(self.pairs, reversed(alphas)):
            # r ← r + (α_i − ρ_i y_iᵀ r) s_i
            r += (alpha - y @ r / (y @ s)) * s
        return -r

    def learn(self, s: Vector, y: Vector) -> None:
        """Keep the pair; the oldest one makes room."""
        self.pairs.append((s, y))

    def forget(self) -> None:
        """Drop all pairs."""
        self.pairs.clear()
