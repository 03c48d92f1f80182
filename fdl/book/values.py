"""The values that claims hold and how a page writes them."""

from __future__ import annotations

import math
import re
from typing import Any

from fdl.errors import must

__all__ = ["check_key", "check_text", "finite", "plain", "value", "words"]


def check_key(key: str) -> None:
    """Raise unless `key` can name a card and its anchor.

    Examples
    --------
    >>> check_key("exam-weights")
    >>> check_key("Exam weights")
    Traceback (most recent call last):
    ...
    ValueError: `key` (='Exam weights') must be lower-case words joined by
    hyphens.
    """
    if not isinstance(key, str) or not re.fullmatch(
        r"[a-z0-9]+(-[a-z0-9]+)*", key
    ):
        raise must("key", key, "be lower-case words joined by hyphens")


def check_text(**arguments: Any) -> None:
    """Raise unless every argument is text.

    Examples
    --------
    >>> check_text(label="Weights", unit=1)
    Traceback (most recent call last):
    ...
    ValueError: `unit` (=1) must be text.
    """
    for name, given in arguments.items():
        if not isinstance(given, str):
            raise must(name, given, "be text")


def finite(x: Any) -> bool:
    """Whether no number in a plain value is infinite or NaN.

    Examples
    --------
    >>> finite([1, "words", True]), finite([1, float("nan")])
    (True, False)
    """
    if isinstance(x, list):
        return all(map(finite, x))
    return not isinstance(x, float) or math.isfinite(x)


def plain(x: Any, argument: str = "measured") -> Any:
    """Return `x` as numbers, text, truth values or lists of them.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.float32(0.5)), plain(np.arange(3)), plain((1, True))
    (0.5, [0, 1, 2], [1, True])
    """
    if hasattr(x, "asnumpy"):
        x = x.asnumpy()
    if hasattr(x, "tolist"):
        x = x.tolist()
    if isinstance(x, (list, tuple)):
        return [plain(item, argument) for item in x]
    if isinstance(x, (bool, int, float, str)):
        return x
    raise TypeError(
        f"`{argument}` (={x!r}) must be a number, an array, text or a truth "
        f"value; got {type(x).__name__}."
    )


def value(x: Any, unit: str = "") -> str:
    """Return a value as a reader likes it: 4 digits, thousands apart.

    With the unit ``"%"`` a number is a share of one: 0.919 is 91.9 %.

    Examples
    --------
    >>> value(24790), value(0.91937), value(0.982, "%"), value([4, 9.0, 25])
    ('24,790', '0.9194', '98.2 %', '[4, 9, 25]')
    """
    if unit == "%":
        x = _hundredfold(x)
    if isinstance(x, list):
        shown = "[" + ", ".join(value(item) for item in x) + "]"
    elif isinstance(x, bool):
        shown = "yes" if x else "no"
    elif isinstance(x, int):
        shown = f"{x:,}"
    elif isinstance(x, float):
        shown = _number(x)
    else:
        shown = str(x)
    return f"{shown} {unit}" if unit else shown


def _hundredfold(x: Any) -> Any:
    if isinstance(x, list):
        return [_hundredfold(item) for item in x]
    if isinstance(x, (bool, str)):
        return x
    return float(f"{100 * x:.12g}")  # 0.57 is 57, not 56.99999999999999


def _number(x: float) -> str:
    if not math.isfinite(x):
        return "not a number" if math.isnan(x) else f"{x}"
    if x == 0:
        return "0"
    if abs(x) >= 1e7 or abs(x) < 1e-4:
        mantissa, exponent = f"{x:.3e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".")
        return f"{mantissa} × 10^{int(exponent)}"
    digits = max(0, 3 - math.floor(math.log10(abs(x))))
    shown = f"{x:,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def words(text: str) -> str:
    """Return a Markdown title as plain words.

    Examples
    --------
    >>> words("The `fit` loop, *slowly* {#fit}")
    'The fit loop, slowly'
    """
    text = re.sub(r"\{#[^}]*\}\s*$|\{[\w:]+\}(?=`)", "", text)
    return re.sub(r"[`*]|(?<!\w)_|_(?!\w)", "", text).strip()
