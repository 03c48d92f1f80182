"""What the functions of addressing ask of their arguments."""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl._mxnet import mx
from fdl.errors import ShapeError, must

__all__ = ["shapes", "within"]

# how far beyond its limits rounding, or a numeric gradient, may take a gate
SLACK = 1e-4


def shapes(**arguments: tuple[Any, str]) -> None:
    """Raise unless arrays have these shapes.

    Each argument is ``name=(array, letters)``, one letter an axis: the same
    letter stands for the same size everywhere. Symbols pass.
    """
    sizes: dict[str, tuple[int, str]] = {}
    for name, (array, letters) in arguments.items():
        if isinstance(array, mx.symbol.Symbol):
            return
        if not hasattr(array, "shape"):
            kind = type(array).__name__
            raise TypeError(f"`{name}` (=a {kind}) must be an array.")
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
