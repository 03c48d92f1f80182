"""What layers and networks ask of their arguments and inputs."""

from __future__ import annotations

import math
import numbers
from typing import Any, NamedTuple, Union

import numpy as onp

from fdl._mxnet import gluon, mx, np
from fdl.errors import ShapeError, must
from fdl.scratch._checks import positive, whole

__all__ = [
    "Batch",
    "Checked",
    "check_number",
    "check_positive",
    "check_share",
    "check_whole",
    "is_whole",
]


def is_whole(value: Any, least: int = 1) -> bool:
    """Return whether `value` is a whole number from `least` up."""
    whole = isinstance(value, numbers.Integral)
    return whole and not isinstance(value, bool) and value >= least


def check_whole(least: int = 1, **arguments: Any) -> None:
    """Raise unless each argument is a whole number from `least` up."""
    for name, value in arguments.items():
        whole(name, value, least)


def check_share(**arguments: Any) -> None:
    """Raise unless each argument is a share that leaves something."""
    for name, value in arguments.items():
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not real or not 0 <= value < 1:
            raise must(name, value, "be a number from 0 up and below 1")


def check_number(**arguments: Any) -> None:
    """Raise unless each argument is a finite number."""
    for name, value in arguments.items():
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not real or not math.isfinite(value):
            raise must(name, value, "be a finite number")


def check_positive(**arguments: Any) -> None:
    """Raise unless each argument is a number above zero."""
    for name, value in arguments.items():
        positive(name, value)


class Batch(NamedTuple):
    """A batch of floats, as a block takes it.

    Attributes
    ----------
    what : str
        What it is of, in plural: ``"images"``.
    shape : tuple of int or str
        Its sizes, behind that of the batch; a letter stands for any.
    least : int
        How large a size that a letter stands for must be.
    """

    what: str
    shape: tuple[Union[int, str], ...]
    least: int = 1

    def __str__(self) -> str:
        sizes = ", ".join(map(str, ("B", *self.shape)))
        text = f"{self.what} of shape ({sizes})"
        free = [n for n in self.shape[1:] if isinstance(n, str)]
        if self.least > 1 and free:
            text += f" with {' and '.join(free)} from {self.least} up"
        return text

    def check(self, x: Any, dtype: Any) -> None:
        """Raise unless x is such a batch, of this type.

        A symbol stands for an array that was checked before. An array of
        NumPy's may be of any float type, since ``fit`` converts it.
        """
        if isinstance(x, mx.symbol.Symbol):
            return
        if not hasattr(x, "shape"):
            raise TypeError(f"`x` (=a {type(x).__name__}) must be an array.")
        sizes = tuple(x.shape)
        # of no rows at all MXNet complains too, but later and obscurely
        fits = len(sizes) == 1 + len(self.shape) and sizes[0] > 0
        if not fits or not all(
            size == n if isinstance(n, int) else size >= self.least
            for n, size in zip(self.shape, sizes[1:])
        ):
            raise ShapeError(f"`x` (=of shape {sizes}) must be {self}.")
        ours = isinstance(x, np.ndarray)
        given, wanted = onp.dtype(x.dtype), onp.dtype(dtype)
        if given.kind != "f" or (ours and given != wanted):
            rule = wanted.name if ours else "some float type"
            raise TypeError(f"`x` (=of type {given.name}) must be of {rule}.")


class Checked(gluon.HybridBlock):
    """A block that looks at its input before it computes.

    Attributes
    ----------
    takes : Batch
        What it takes. ``fit`` calls :meth:`check_input` before it begins.
    """

    takes: Batch

    def forward(self, x: Any, *args: Any) -> Any:
        """Check x, then compute what ``hybrid_forward`` returns."""
        self.check_input(x)
        return super().forward(x, *args)

    def check_input(self, x: Any) -> None:
        """Raise unless x is a batch of what this block takes."""
        self.takes.check(x, _dtype(self) or "float32")


def _dtype(block: gluon.Block) -> Any:
    """Return the type of the first parameter; None if there is none.

    Gluon's ``collect_params`` takes milliseconds in a deep network.
    """
    for parameter in block.params.values():
        return parameter.dtype
    return next(filter(None, map(_dtype, block._children.values())), None)
