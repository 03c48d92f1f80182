"""Learning rates that change from step to step.

A schedule is a function from the number of the update, counted from 1 as
MXNet counts, to the rate. It remembers nothing, so that it can be drawn and a
run that is resumed needs no more than the number. Any rule takes one:
``SGD(lr_scheduler=schedules.Cosine(0.1, steps=1000))``.

Letters: ε_0 the first rate, t updates done before this one.

Book: ch. 4, "Learning Rate Adaptation"
"""

from __future__ import annotations

import math
from typing import ClassVar

from fdl._mxnet import mx
from fdl.optim import _checks as checks

__all__ = [
    "Constant",
    "Cosine",
    "Exponential",
    "Polynomial",
    "Schedule",
    "Step",
]


class Schedule(mx.lr_scheduler.LRScheduler):
    """What the schedules share; one of your own writes ``rate``.

    Parameters
    ----------
    learning_rate : float
        ε_0, positive.

    Examples
    --------
    >>> class Harmonic(Schedule):
    ...     def rate(self, t):
    ...         return self.base_lr / (1 + t)
    >>> schedule = Harmonic(0.6)
    >>> [round(schedule(n), 6) for n in (1, 2, 3)]
    [0.6, 0.3, 0.2]
    """

    settings: ClassVar[tuple[str, ...]] = ()

    def __init__(self, learning_rate: float) -> None:
        rate = checks.positive("learning_rate", learning_rate)
        super().__init__(base_lr=rate)

    def __call__(self, num_update: int) -> float:
        """Return the rate of update number `num_update`, from 1 up."""
        return self.rate(max(num_update - 1, 0))

    def rate(self, t: int) -> float:
        """Return the rate after `t` updates."""
        raise NotImplementedError

    def __repr__(self) -> str:
        shown = [f"learning_rate={self.base_lr!r}"]
        shown += [f"{name}={getattr(self, name)!r}" for name in self.settings]
        return f"{type(self).__name__}({', '.join(shown)})"


class Constant(Schedule):
    """The same rate for ever: ε_t = ε_0.

    Examples
    --------
    >>> Constant(0.1)(1000)
    0.1
    """

    def rate(self, t: int) -> float:
        """Return the rate after `t` updates."""
        return self.base_lr


class Step(Schedule):
    """A drop after every so many updates: ε_t = ε_0 γ^⌊t / n⌋.

    Parameters
    ----------
    learning_rate : float
        ε_0, positive.
    every : int
        n, how many updates share a rate, from 1 up.
    factor : float, default 0.5
        γ, what is left of the rate at each drop, positive.

    Examples
    --------
    >>> schedule = Step(0.8, every=10)
    >>> schedule(10), schedule(11), schedule(21)
    (0.8, 0.4, 0.2)
    """

    settings = ("every", "factor")

    def __init__(
        self, learning_rate: float, every: int, factor: float = 0.5
    ) -> None:
        super().__init__(learning_rate)
        self.every = checks.count("every", every, least=1)
        self.factor = checks.positive("factor", factor)

    def rate(self, t: int) -> float:
        """Return the rate after `t` updates."""
        return self.base_lr * self.factor ** (t // self.every)


class Exponential(Step):
    """The same decay, evenly spread: ε_t = ε_0 γ^(t / n).

    Parameters
    ----------
    learning_rate : float
        ε_0, positive.
    every : int
        n, in how many updates the rate falls by the factor, from 1 up.
    factor : float, default 0.5
        γ, positive.

    Examples
    --------
    >>> Exponential(0.8, every=10)(11)
    0.4
    """

    def rate(self, t: int) -> float:
        """Return the rate after `t` updates."""
        return self.base_lr * self.factor ** (t / self.every)


class Polynomial(Schedule):
    """Down to a last rate: ε_t = ε_T + (ε_0 − ε_T) (1 − t / T)^p.

    Parameters
    ----------
    learning_rate : float
        ε_0, positive.
    steps : int
        T, after how many updates the last rate is reached, from 1 up. It
        stays there.
    end : float, default 0.0
        ε_T, from 0 up.
    power : float, default 1.0
        p, positive; 1 is a straight line.

    Examples
    --------
    >>> schedule = Polynomial(0.8, steps=4)
    >>> [schedule(n) for n in (1, 2, 3, 4, 5, 6)]
    [0.8, 0.6..., 0.4, 0.2, 0.0, 0.0]
    """

    settings = ("steps", "end", "power")

    def __init__(
        self,
        learning_rate: float,
        steps: int,
        end: float = 0.0,
        power: float = 1.0,
    ) -> None:
        super().__init__(learning_rate)
        self.steps = checks.count("steps", steps, least=1)
        self.end = checks.number("end", end, least=0.0)
        self.power = checks.positive("power", power)

    def rate(self, t: int) -> float:
        """Return the rate after `t` updates."""
        left = 1 - min(t / self.steps, 1.0)
        return self.end + (self.base_lr - self.end) * left**self.power


class Cosine(Schedule):
    """Half a cosine: ε_t = ε_T + ½ (ε_0 − ε_T) (1 + cos π t / T).

    Parameters
    ----------
    learning_rate : float
        ε_0, positive.
    steps : int
        T, after how many updates the last rate is reached, from 1 up. It
        stays there.
    end : float, default 0.0
        ε_T, from 0 up.

    Examples
    --------
    >>> schedule = Cosine(0.8, steps=10)
    >>> [round(schedule(n), 6) for n in (1, 6, 11, 99)]
    [0.8, 0.4, 0.0, 0.0]
    """

    settings = ("steps", "end")

    def __init__(
        self, learning_rate: float, steps: int, end: float = 0.0
    ) -> None:
        super().__init__(learning_rate)
        self.steps = checks.count("steps", steps, least=1)
        self.end = checks.number("end", end, least=0.0)

    def rate(self, t: int) -> float:
        """Return the rate after `t` updates."""
        share = (1 + math.cos(math.pi * min(t / self.steps, 1.0))) / 2
        return self.end + (self.base_lr - self.end) * share
