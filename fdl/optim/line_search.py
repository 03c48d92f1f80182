"""How far to go along a line: a search for the strong Wolfe conditions.

Along a descent direction d from x, with φ(α) = f(x + α d), a step α will do
if it lowers the error enough and lands where the slope has become small:

::

    φ(α) ≤ φ(0) + c₁ α φ′(0)
    |φ′(α)| ≤ c₂ |φ′(0)|

with 0 < c₁ < c₂ < 1. The search keeps an interval whose left end is good but
steep and whose right end, if there is one yet, is too far: the error is too
high there, or rises. Such an interval always holds steps that will do [1].

The next guess is the zero of the straight line through the slopes at the two
ends, which is exact where f is quadratic; and since at least one such guess
is made, so is the whole search. Where values are dear, ``interpolate=False``
takes the first step that will do.

Letters: α step, φ the error along the line, φ′ its slope.

References: [1] Nocedal and Wright 2006, Numerical Optimization, ch. 3.
[2] Hager and Zhang 2005, SIAM J. Optim. 16: near a minimum the difference of
two errors drowns in rounding, that of their slopes does not.

Differences from the references: the guesses come from slopes alone, and a
rise of the error within its rounding counts as none.

Book: ch. 4, "A Brief View of Second-Order Methods"
"""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

import numpy as onp

from fdl.errors import must
from fdl.optim import _checks as checks

__all__ = ["Step", "strong_wolfe"]

EXPANSIONS = 30
TRIALS = 60


class Step(NamedTuple):
    """A point on the line.

    Examples
    --------
    >>> step = strong_wolfe(lambda a: ((a - 3) ** 2, 2 * (a - 3)), (9.0, -6.0))
    >>> step.alpha, step.value, step.slope  # at the bottom of (α − 3)²
    (3.0, 0.0, 0.0)
    """

    alpha: float
    """α, how far along the direction."""
    value: float
    """φ(α)."""
    slope: float
    """φ′(α)."""


def strong_wolfe(
    phi: Callable[[float], tuple[float, float]],
    start: tuple[float, float],
    first: float = 1.0,
    *,
    c1: float = 1e-4,
    c2: float = 0.9,
    rounding: float = 2.0**-50,
    interpolate: bool = True,
) -> Optional[Step]:
    """Find a step that satisfies the strong Wolfe conditions.

    Parameters
    ----------
    phi : callable
        From α to φ(α) and φ′(α).
    start : (float, float)
        φ(0) and φ′(0), the latter negative.
    first : float, default 1.0
        The first α to try.
    c1, c2 : float
        The conditions' constants, ``0 < c1 < c2 < 1``.
    rounding : float
        The relative error of φ, below which it cannot be told to rise.
    interpolate : bool, default True
        Whether to make one guess from the slopes even where `first` will do.

    Returns
    -------
    Step or None
        None if no step lowers the error, as is so at a minimum. If f has a
        kink on the line, the step may leave the slope steep.

    Raises
    ------
    OverflowError
        The error falls without end along the line.

    Examples
    --------
    >>> strong_wolfe(lambda a: ((a - 3) ** 2, 2 * (a - 3)), (9.0, -6.0))
    Step(alpha=3.0, value=0.0, slope=0.0)
    """
    value, slope = start
    if not (onp.isfinite(start).all() and slope < 0):
        raise must("start", start, "be finite, with a negative slope")
    if not 0 < c1 < c2 < 1:
        raise must("c1", c1, f"be positive and below `c2` (={c2!r}) < 1")
    alpha = checks.positive("first", first)
    slack = rounding * abs(value)
    left, right = Step(0.0, value, slope), None
    guessed = not interpolate
    for trial in range(TRIALS):
        here = Step(alpha, *phi(alpha))
        if here.value == -onp.inf:
            raise _falling(here)
        if not onp.isfinite(here[1:]).all():
            right = here
        elif here.value > value + c1 * alpha * slope + slack:
            right = here
        elif abs(here.slope) <= c2 * abs(slope) and (
            guessed or abs(here.slope) <= 1e-10 * abs(slope)
        ):
            return here
        elif here.slope >= 0:
            right = here
        else:
            before, left = left, here
        if right is not None:
            alpha = _between(left, right, halve=trial % 3 == 2)
            guessed = True
            if not left.alpha < alpha < right.alpha:
                break  # the interval has shrunk to nothing
        elif trial == EXPANSIONS:
            raise _falling(here)
        else:
            alpha = _zero(before, left)
            near = left.alpha < alpha <= 10 * left.alpha
            guessed = near or not interpolate
            if not near:
                alpha = 10 * left.alpha
    return left if left.alpha > 0 else None


def _falling(here: Step) -> OverflowError:
    return OverflowError(
        f"f falls without end, to {here.value:g} at {here.alpha:g} times the "
        "direction"
    )


def _zero(a: Step, b: Step) -> float:
    """Where the line through two slopes crosses zero; NaN if nowhere."""
    bend = b.slope - a.slope
    if not (onp.isfinite(bend) and bend > 0):
        return onp.nan
    return a.alpha - a.slope * ((b.alpha - a.alpha) / bend)


def _between(left: Step, right: Step, halve: bool) -> float:
    alpha = _zero(left, right)
    # now and then the interval is halved, lest one end stay for ever
    if halve or not left.alpha < alpha < right.alpha:
        return left.alpha + (right.alpha - left.alpha) / 2
    return alpha
