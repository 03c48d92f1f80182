"""What this package asks of numbers and vectors that come from outside."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as onp

from fdl.errors import ShapeError, must
from fdl.scratch._checks import whole

__all__ = ["count", "fraction", "number", "positive", "vector"]


def number(name: str, value: Any, least: float = -math.inf) -> float:
    """Return a finite number of at least `least` as a ``float``."""
    if (
        isinstance(value, (bool, onp.bool_))
        or not isinstance(value, numbers.Real)
        or not math.isfinite(value)
        or value < least
    ):
        rule = "be a finite number"
        if least > -math.inf:
            rule += f" from {least:g} up"
        raise must(name, value, rule)
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return a finite number above zero as a ``float``."""
    try:
        found = number(name, value, least=0.0)
    except ValueError:
        raise must(name, value, "be positive and finite") from None
    if found == 0:
        raise must(name, value, "be positive")
    return found


def fraction(name: str, value: Any) -> float:
    """Return a number ``0 <= value < 1`` as a ``float``."""
    rule = "be at least 0 and below 1"
    try:
        found = number(name, value, least=0.0)
    except ValueError:
        raise must(name, value, rule) from None
    if found >= 1:
        raise must(name, value, rule)
    return found


def count(name: str, value: Any, least: int = 0) -> int:
    """Return a whole number of at least `least` as an ``int``."""
    return whole(name, value, least)


def vector(name: str, value: Any) -> onp.ndarray:
    """Return a vector of finite numbers; float64 unless it was float32."""
    try:
        array = onp.array(value)
        if array.dtype.kind not in "iuf":
            raise TypeError
    except (TypeError, ValueError):
        raise must(name, value, "be a vector of real numbers") from None
    if array.ndim != 1 or array.size == 0:
        raise ShapeError(
            f"`{name}` must be a vector with at least one entry; "
            f"got an array of shape {array.shape}."
        )
    if not onp.isfinite(array).all():
        raise must(name, value, "hold finite numbers only")
    return array if array.dtype == onp.float32 else array.astype(onp.float64)
