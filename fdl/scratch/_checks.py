"""What the modules of this package ask of their arguments."""

from __future__ import annotations

import math
import numbers
from typing import Any, Optional, Union

import numpy as np

from fdl.errors import ShapeError, must


def floats(argument: str, value: Any) -> np.ndarray:
    """Return `value` as a float64 array, neither empty nor non-finite."""
    try:
        if np.iscomplexobj(value):  # NumPy would drop the imaginary part
            raise TypeError
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise must(argument, value, "be an array of numbers") from None
    if array.size == 0:
        raise ShapeError(
            f"`{argument}` (=array of shape {array.shape}) must not be empty."
        )
    finite = np.isfinite(array)
    if not finite.all():
        where = np.unravel_index(np.argmin(finite), array.shape)
        place = f" at {tuple(int(i) for i in where)}" if where else ""
        raise ValueError(
            f"`{argument}` (={array[where]}{place}) must be finite everywhere."
        )
    return array


def numbered(value: Any) -> np.ndarray:
    """Return what numbers something as NumPy's array, also if MXNet holds it.

    Those of its floats that are whole become integers, since its arrays are
    float32 unless one asks for more.
    """
    if not hasattr(value, "asnumpy"):
        return np.asarray(value)
    host: np.ndarray = value.asnumpy()
    if host.dtype.kind == "f" and (host == np.rint(host)).all():
        return host.astype(np.int64)
    return host


def shaped(
    argument: str, array: np.ndarray, *shape: Union[int, str]
) -> np.ndarray:
    """Return `array` if it has this shape; a letter stands for any size."""
    if array.ndim != len(shape) or any(
        isinstance(wanted, int) and size != wanted
        for size, wanted in zip(array.shape, shape)
    ):
        wanted = ", ".join(str(size) for size in shape)
        comma = "," * (len(shape) == 1)
        raise ShapeError(
            f"`{argument}` (=array of shape {array.shape}) must have the "
            f"shape ({wanted}{comma})."
        )
    return array


def rows(argument: str, value: Any, width: int) -> tuple[np.ndarray, bool]:
    """Return `value` as `(B, width)`, and whether it came as one row."""
    array = floats(argument, value)
    if array.ndim == 1:
        return shaped(argument, array, width)[np.newaxis], True
    return shaped(argument, array, "B", width), False


def whole(
    argument: str, value: Any, least: int = 1, most: Optional[int] = None
) -> int:
    """Return `value` if it is a whole number from `least` to `most`."""
    if (
        not isinstance(value, numbers.Integral)
        or isinstance(value, bool)
        or value < least
        or (most is not None and int(value) > most)
    ):
        end = "up" if most is None else f"to {most}"
        raise must(argument, value, f"be a whole number from {least} {end}")
    return int(value)


def positive(argument: str, value: Any, most: Optional[float] = None) -> float:
    """Return `value` if it is a number above zero, and at most `most`."""
    if (
        not _is_number(value)
        or value <= 0
        or (most is not None and value > most)
    ):
        limit = "" if most is None else f" and at most {most:g}"
        raise must(argument, value, f"be a number above 0{limit}")
    return float(value)


def not_negative(argument: str, value: Any) -> float:
    """Return `value` if it is a number from zero up."""
    if not _is_number(value) or value < 0:
        raise must(argument, value, "be a number from 0 up")
    return float(value)


def share(argument: str, value: Any) -> float:
    """Return `value` if it is a number from 0 to 1."""
    if not _is_number(value) or not 0 <= value <= 1:
        raise must(argument, value, "be a number from 0 to 1")
    return float(value)


def choice(argument: str, value: Any, names: Any) -> str:
    """Return `value` if it is one of `names`."""
    if not isinstance(value, str) or value not in names:
        raise must(argument, value, f"be one of {', '.join(names)}")
    return value


def _is_number(value: Any) -> bool:
    return (
        isinstance(value, numbers.Real)
        and not isinstance(value, bool)
        and math.isfinite(value)
    )
