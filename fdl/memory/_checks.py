"""What the functions of addressing ask of their arguments."""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import mx, np
from fdl.errors import ShapeError, must

__all__ = ["numbers", "shapes", "within"]

# how far beyond its limits rounding, or a numeric gradient, may take a gate
SLACK = 1e-4


def shapes(**arguments: tuple[Any, str]) -> None:
    """Raise unless these are arrays of floats, and have these shapes.

    Each argument is ``name=(array, letters)``, one letter an axis: the same
    letter stands for the same size everywhere. Symbols pass.
    """
    sizes: dict[str, tuple[int, str]] = {}
    for name, (array, letters) in arguments.items():
        if isinstance(array, mx.symbol.Symbol):
            return
        if not isinstance(array, np.ndarray):
            kind = f"{type(array).__module__}.{type(array).__name__}"
            kind = kind.removeprefix("builtins.")
            raise TypeError(f"`{name}` (=a {kind}) must be an array of mx.np.")
        given = onp.dtype(array.dtype)
        if given.kind != "f":
            raise TypeError(f"`{name}` (=of {given}) must hold floats.")
        found = tuple(array.shape)
        text = f"`{name}` (=of shape {found}) must be ({', '.join(letters)})"
        if len(found) != len(letters):
            raise ShapeError(f"{text}.")
        for letter, size in zip(letters, found):
            if size < 1:
                raise ShapeError(f"{text}, and none of them 0.")
            if letter.isdecimal():
                wanted, rule = int(letter), ""
            else:
                wanted, whose = sizes.setdefault(letter, (size, name))
                rule = f", where {letter} = {wanted} in `{whose}`"
            if size != wanted:
                raise ShapeError(f"{text}{rule}.")


def numbers(array: Any, size: int) -> None:
    """Raise unless there are so many numbers from a controller `(B, n)`."""
    shapes(numbers=(array, "BI"))
    if not isinstance(array, mx.symbol.Symbol) and array.shape[1] != size:
        text = f"`numbers` (=of shape {tuple(array.shape)}) must be"
        raise ShapeError(f"{text} (B, {size}) for these sizes.")


def within(least: float, most: float, **arguments: Any) -> None:
    """Raise unless all numbers lie between two limits. Symbols pass."""
    for name, array in arguments.items():
        if isinstance(array, mx.symbol.Symbol):
            return
        host = onp.asarray(array.asnumpy())
        # written so that NaN is refused too
        good = (host >= least - SLACK) & (host <= most + SLACK)
        if not good.all():
            rule = f"hold numbers from {least:g} up"
            if most < onp.inf:
                rule = f"hold numbers from {least:g} to {most:g}"
            raise must(name, host[~good][0].item(), rule)
