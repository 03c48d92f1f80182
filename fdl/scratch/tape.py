"""What the memories of :mod:`fdl.scratch` share: a tape of all steps.

Letters: ``B`` batch; ``T`` time; ``N`` memory slots; ``W`` word size; ``R``
read heads.

Book: ch. 8, "The DNC Controller Network"
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

import numpy as np

from fdl.scratch._checks import whole
from fdl.scratch.similarity import softmax_backward, softmax_inplace

__all__ = ["Part", "Tape", "sigmoid_inplace", "softplus_inplace"]


class Part(NamedTuple):
    """A part of what a controller asks of its memory.

    Attributes
    ----------
    name : str
        What it is.
    size : tuple of int
        Its shape.
    rule : str
        What makes it valid: ``"sigmoid"``, ``"softplus"``, ``"oneplus"`` or
        ``"softmax"``; nothing, if any number is.

    Examples
    --------
    >>> Part("free_gates", (2,), "sigmoid").size
    (2,)
    """

    name: str
    size: tuple[int, ...]
    rule: str = ""


def sigmoid_inplace(z: np.ndarray) -> None:
    """Turn z into 1 / (1 + e⁻ᶻ), which is (1 + tanh(z/2)) / 2.

    Examples
    --------
    >>> z = np.array([-1000.0, 0.0, 1000.0])
    >>> sigmoid_inplace(z)
    >>> z
    array([0. , 0.5, 1. ])
    """
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


def softplus_inplace(z: np.ndarray) -> None:
    """Turn z into ln(1 + eᶻ).

    Examples
    --------
    >>> z = np.array([-1000.0, 0.0, 1000.0])
    >>> softplus_inplace(z)
    >>> z.round(3).tolist()
    [0.0, 0.693, 1000.0]
    """
    np.logaddexp(0, z, out=z, dtype=z.dtype)


def oneplus_inplace(z: np.ndarray) -> None:
    """Turn z into 1 + ln(1 + eᶻ)."""
    softplus_inplace(z)
    z += 1


MAKE: dict[str, Callable[[np.ndarray], Any]] = {
    "sigmoid": sigmoid_inplace,
    "softplus": softplus_inplace,
    "oneplus": oneplus_inplace,
    "softmax": softmax_inplace,
}
# slopes, given the value and not z
SLOPES: dict[str, Callable[[np.ndarray], Any]] = {
    "": np.ones_like,
    "softmax": np.ones_like,  # has a derivative of its own
    "sigmoid": lambda y: y * (1 - y),
    "softplus": lambda y: -np.expm1(-y),
    "oneplus": lambda y: -np.expm1(1 - y),
}


class Tape:
    """The arrays in which a memory notes what it computes.

    Parameters
    ----------
    slots, word, reads : int
        N, W and R.

    Examples
    --------
    >>> class Switch(Tape):
    ...     def parts(self):
    ...         key = Part("key", (self.word,))
    ...         return [key, Part("gate", (1,), "sigmoid")]
    >>> tape = Switch(slots=4, word=3, reads=1)
    >>> tape.begin(steps=2, batch=1, dtype=float)
    >>> tape.asked.shape, tape.key.shape, tape.gate.shape
    ((2, 1, 4), (2, 1, 3), (2, 1, 1))
    >>> tape.asked[0] = 0
    >>> tape.make_valid(0)
    >>> tape.asked[0]  # the gate is half open, the key stays as it was
    array([[0. , 0. , 0. , 0.5]])
    """

    # what a step computes, in this order, by the names of its arrays
    story: tuple[str, ...] = ()

    if TYPE_CHECKING:  # the parts go by their names, d_ before them or not

        def __getattr__(self, name: str) -> np.ndarray: ...

    def __init__(self, slots: int, word: int, reads: int) -> None:
        self.slots = whole("slots", slots)
        self.word = whole("word", word)
        self.reads = whole("reads", reads)

    def parts(self) -> list[Part]:
        """Return what is asked for, in its order."""
        raise NotImplementedError

    @property
    def numbers(self) -> int:
        """How many numbers are asked for at each step."""
        return sum(int(np.prod(part.size)) for part in self.parts())

    def begin(self, steps: int, batch: int, dtype: Any) -> None:
        """Lay out a tape of so many steps."""
        self.steps, self.batch, self.dtype = steps, batch, np.dtype(dtype)
        self.asked = self.during(self.numbers)
        self._name("", self.asked)
        # neighbours with the same rule are one array
        self._runs: list[tuple[str, np.ndarray]] = []
        first = 0
        for rule, group in itertools.groupby(self.parts(), lambda p: p.rule):
            parts = list(group)
            size = sum(map(_numbers, parts))
            run = self.asked[:, :, first : first + size]
            if rule == "softmax":
                run = run.reshape(steps, batch, -1, parts[0].size[-1])
            self._runs.append((rule, run))
            first += size

    def begin_back(self) -> None:
        """Lay out ∂E/∂asked, and find the slopes of all steps at once."""
        self.d_asked = np.empty_like(self.asked)
        self._name("d_", self.d_asked)
        slopes = [
            SLOPES[rule](run).reshape(self.steps, self.batch, -1)
            for rule, run in self._runs
        ]
        self.slopes = np.concatenate(slopes, axis=2)

    def make_valid(self, t: int) -> None:
        """Make gates, strengths and modes of the numbers of step t."""
        for rule, run in self._runs:
            if rule:
                MAKE[rule](run[t])

    def make_valid_back(self, t: int) -> np.ndarray:
        """Return ∂E/∂ the numbers, from ∂E/∂ what became of them."""
        d_asked = self.d_asked[t]
        d_asked *= self.slopes[t]
        for part in self.parts():
            if part.rule == "softmax":
                d = getattr(self, f"d_{part.name}")[t]
                d[...] = softmax_backward(d, getattr(self, part.name)[t])
        return d_asked

    def after(self, *size: int) -> np.ndarray:
        """Return an array of what steps leave; entry 0 is zeros."""
        shape = (self.steps + 1, self.batch, *size)
        array = np.empty(shape, self.dtype)
        array[0] = 0
        return array

    def during(self, *size: int, dtype: Optional[Any] = None) -> np.ndarray:
        """Return an array of what steps use."""
        shape = (self.steps, self.batch, *size)
        return np.empty(shape, dtype or self.dtype)

    def of_steps(self, name: str) -> np.ndarray:
        """Return what is kept by this name, without what was at first."""
        array = getattr(self, name)
        return array[1:] if len(array) > self.steps else array

    def nothing(self, array: np.ndarray) -> np.ndarray:
        """Return zeros, the derivative of what no later step sees."""
        return np.zeros_like(array[0])

    def _name(self, prefix: str, array: np.ndarray) -> None:
        """Let parts of an array go by their names."""
        first = 0
        for part in self.parts():
            last = first + _numbers(part)
            shape = (*array.shape[:2], *part.size)
            view = array[:, :, first:last].reshape(shape)
            setattr(self, prefix + part.name, view)
            first = last


def _numbers(part: Part) -> int:
    return int(np.prod(part.size))
