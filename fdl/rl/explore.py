"""Exploration: when to try what does not look best.

Letters: ``ε`` the share of actions taken by chance; ``A`` actions.

References: [1] Sutton and Barto 2018, "Reinforcement Learning", section 2.2

Differences from the book: ε falls in a straight line to its end and stays
there.

Book: ch. 9, "ε-Greedy"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import share, whole

__all__ = ["EpsilonGreedy", "epsilon_greedy"]


class EpsilonGreedy:
    """How ε falls while an agent learns.

    Called with a step, it gives ε::

        ε = start + min(step / steps, 1) (end − start)

    Parameters
    ----------
    start, end : float
        ε at first and at last, from 0 to 1.
    steps : int
        How long it falls.

    Examples
    --------
    >>> epsilon = EpsilonGreedy(1.0, 0.1, 100)
    >>> [epsilon(step) for step in (0, 50, 100, 1000)]
    [1.0, 0.55, 0.1, 0.1]
    """

    def __init__(self, start: float, end: float, steps: int) -> None:
        for name, value in (("start", start), ("end", end)):
            share(name, value)
        self.start, self.end = float(start), float(end)
        self.steps = whole("steps", steps)

    def __repr__(self) -> str:
        return f"EpsilonGreedy({self.start:g}, {self.end:g}, {self.steps})"

    def __eq__(self, other: object) -> bool:
        # so that settings that say the same are equal
        return isinstance(other, EpsilonGreedy) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.start, self.end, self.steps))

    def __call__(self, step: int) -> float:
        """Return ε at a step, counted from 0."""
        whole("step", step, 0)
        if step >= self.steps:
            return self.end
        return self.start + step / self.steps * (self.end - self.start)


def epsilon_greedy(
    values: Any, epsilon: float, rng: np.random.Generator
) -> int:
    """Return the best action, or with probability ε any, the best included.

    Parameters
    ----------
    values : array `(A,)`
        What each action is thought to be worth. Between equals chance decides.
    epsilon : float
        ε.
    rng : numpy.random.Generator
        Decides.

    Examples
    --------
    >>> epsilon_greedy([0.1, 0.7, 0.2], 0.0, np.random.default_rng(0))
    1
    """
    share("epsilon", epsilon)
    values = np.asarray(values)
    if values.ndim != 1 or not len(values):
        raise must("values", values, "have the shape (A,)")
    if np.isnan(values).any():
        raise must("values", values, "hold no NaN")
    if rng.random() < epsilon:
        return int(rng.integers(len(values)))
    best = np.flatnonzero(values == values.max())
    return int(best[rng.integers(len(best))])
