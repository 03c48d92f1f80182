"""Searches that choose their own steps, from steepest descent to L-BFGS.

All go the same way: choose a direction, search along it for a good step
(:mod:`fdl.optim.line_search`), learn from what was found there. They differ
in the direction (:mod:`fdl.optim.directions`). Where f is quadratic,
the steps are exact: the conjugate gradients and both quasi-Newton methods
then arrive after d steps.

Points and directions are float64 vectors of NumPy; values and gradients come
from MXNet.

Letters: d dimensions, g gradient, p direction; s_k = x_{k+1} − x_k,
y_k = g_{k+1} − g_k.

References: [1] Nocedal and Wright 2006, Numerical Optimization, ch. 5 to 7.

Differences from the reference: line searches interpolate at least once,
unless ``interpolate=False``.

Book: ch. 4, "A Brief View of Second-Order Methods"
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Optional

import numpy as onp

from fdl.errors import Diverged
from fdl.optim import _checks as checks
from fdl.optim.descent import Objective, diverged
from fdl.optim.directions import (
    BFGS,
    LBFGS,
    ConjugateGradient,
    Direction,
    SteepestDescent,
)
from fdl.optim.line_search import strong_wolfe

__all__ = ["bfgs", "conjugate_gradient", "lbfgs", "steepest_descent"]

Function = Callable[[Any], Any]
Vector = onp.ndarray


def steepest_descent(
    f: Function, x0: Any, steps: int, *, tolerance: float = 1e-14
) -> onp.ndarray:
    """Go straight down, each time as far as it goes down.

    Parameters
    ----------
    f : callable
        From an ``mx.np`` vector to an array with a single entry.
    x0 : array_like, ``(d,)``
        The first point.
    steps : int
        How many steps to take at most.
    tolerance : float, default 1e-14
        The search has converged when no entry of the gradient is larger
        than this share of the largest entry at `x0`, or when the steps have
        become too small to change the point.

    Returns
    -------
    numpy.ndarray, ``(steps + 1, d)``
        The points, `x0` first. Once the search has converged, the last
        point repeats.

    Raises
    ------
    fdl.errors.Diverged
        f is not finite at `x0`, or falls without end.

    Examples
    --------
    >>> steepest_descent(lambda x: x[0] ** 2 + 9 * x[1] ** 2, [9.0, 1.0], 2)
    array([[ 9.  ,  1.  ],
           [ 7.2 , -0.8 ],
           [ 5.76,  0.64]])
    """
    return _search(
        "steepest_descent", f, x0, steps, tolerance, SteepestDescent(), 0.1
    )


def conjugate_gradient(
    f: Function, x0: Any, steps: int, *, tolerance: float = 1e-14
) -> onp.ndarray:
    """Search along conjugate directions (Polak–Ribière with restarts).

    On a quadratic function it arrives after d steps. Arguments, result and
    errors are those of :func:`steepest_descent`.

    Examples
    --------
    >>> f = lambda x: x[0] ** 2 + 9 * x[1] ** 2
    >>> abs(conjugate_gradient(f, [9.0, 1.0], 2)[-1]).max() < 1e-12
    True

    Book: ch. 4, "A Brief View of Second-Order Methods"
    """
    return _search(
        "conjugate_gradient", f, x0, steps, tolerance, ConjugateGradient(), 0.1
    )


def bfgs(
    f: Function, x0: Any, steps: int, *, tolerance: float = 1e-14
) -> onp.ndarray:
    """Follow Newton's direction with an inverse Hessian learnt on the way.

    Arguments, result and errors are those of :func:`steepest_descent`.

    Examples
    --------
    >>> f = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> bfgs(f, [-1.2, 1.0], steps=60)[-1].round(8)
    array([1., 1.])

    Book: ch. 4, "A Brief View of Second-Order Methods"
    """
    return _search("bfgs", f, x0, steps, tolerance, BFGS(), 0.9)


def lbfgs(
    f: Function,
    x0: Any,
    steps: int,
    history: int = 10,
    *,
    tolerance: float = 1e-14,
    interpolate: bool = True,
) -> onp.ndarray:
    """Do as BFGS does, from the last steps alone and without a matrix.

    Parameters
    ----------
    f, x0, steps, tolerance
        As for :func:`steepest_descent`, and so are result and errors.
    history : int, default 10
        How many steps are remembered, from 1 up.
    interpolate : bool, default True
        Whether each line search makes one guess at least. Without it a step
        mostly takes one evaluation of f instead of two, and is no longer
        exact where f is quadratic.

    Examples
    --------
    >>> f = lambda x: 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    >>> lbfgs(f, [-1.2, 1.0], steps=60)[-1].round(8)
    array([1., 1.])

    Book: ch. 4, "A Brief View of Second-Order Methods"
    """
    direction = LBFGS(history)
    return _search(
        "lbfgs", f, x0, steps, tolerance, direction, 0.9, interpolate
    )


class _Point(NamedTuple):
    x: Vector
    value: float
    g: Vector


def _search(
    name: str,
    f: Function,
    x0: Any,
    steps: int,
    tolerance: float,
    direction: Direction,
    c2: float,
    interpolate: bool = True,
) -> onp.ndarray:
    """Walk along directions until there is nothing left to gain."""
    x = checks.vector("x0", x0)
    steps = checks.count("steps", steps)
    tolerance = checks.number("tolerance", tolerance, least=0.0)
    objective = Objective(f, x.dtype)
    here = _Point(x.astype(onp.float64), *objective(x))
    path = onp.tile(here.x, (steps + 1, 1))
    if not (onp.isfinite(here.value) and onp.isfinite(here.g).all()):
        raise diverged(name, 0, here.value, path[:1])
    eps = onp.finfo(objective.dtype).eps
    smallest = tolerance * abs(here.g).max()
    expected = None  # what the last step promised, α_{k−1} g_{k−1}ᵀp_{k−1}
    for k in range(steps):
        if abs(here.g).max() <= smallest:
            break
        try:
            found = _along(
                objective, here, direction, expected, c2, interpolate
            )
            if found is None:
                # the direction led nowhere: once more, straight down
                direction.forget()
                found = _along(
                    objective, here, direction, None, c2, interpolate
                )
        except OverflowError as error:
            raise Diverged(
                f"{name} diverged at step {k}: {error}; the points up to "
                "there are in the error's `path`.",
                path=path[: k + 1].copy(),
                step=k,
            ) from None
        if found is None:
            break
        there, expected = found
        s, y = there.x - here.x, there.g - here.g
        if y @ s > eps * onp.sqrt((y @ y) * (s @ s)):
            direction.learn(s, y)
        here = there
        path[k + 1 :] = here.x
        if abs(s).max() <= 2 * eps * abs(here.x).max():
            break
    return path


def _along(
    objective: Objective,
    here: _Point,
    direction: Direction,
    expected: Optional[float],
    c2: float,
    interpolate: bool,
) -> Optional[tuple[_Point, float]]:
    """Return the point that a search along the direction leads to."""
    p = direction(here.g)
    slope = float(p @ here.g)
    if not slope < 0:
        return None
    seen = {}

    def phi(alpha: float) -> tuple[float, float]:
        x = here.x + alpha * p
        seen[alpha] = there = _Point(x, *objective(x))
        with onp.errstate(over="ignore", invalid="ignore"):
            return there.value, float(p @ there.g)

    if expected is None:
        first = min(1.0, 1 / abs(here.g).sum())
    else:
        first = 1.0 if direction.newton else expected / slope
    rounding = 4 * float(onp.finfo(objective.dtype).eps)
    step = strong_wolfe(
        phi,
        (here.value, slope),
        first,
        c2=c2,
        rounding=rounding,
        interpolate=interpolate,
    )
    if step is None:
        return None
    return seen[step.alpha], step.alpha * slope
