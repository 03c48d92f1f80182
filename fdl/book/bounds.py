"""The bounds of claims: what passes them, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fdl.book.values import finite, value
from fdl.errors import must

__all__ = ["looser", "rule"]


def rule(
    kind: str, bound: Any, book: Any, unit: str, argument: str = ""
) -> tuple[Callable[[Any], bool], str]:
    """Return the test of a measured value, and the same in words.

    Parameters
    ----------
    kind : {"within", "at_least", "at_most", ""}
        Without a kind the two must be equal.
    bound : number or [low, high]
        What ``plain`` made of the bound that was given.
    book : object
        The book's value, plain likewise.
    unit : str
        For the words.
    argument : str
        Where the bound was given, if not under its kind's name.

    Examples
    --------
    >>> met, words = rule("within", 0.005, 0.919, "%")
    >>> words, met(0.92), met(0.93)
    ('within 0.5 percentage points of it', True, False)
    >>> met, words = rule("", None, [4, 9], "")
    >>> words, met([4, 9]), met(4)
    ('equal to it', True, False)
    """
    argument = argument or kind
    if kind == "":
        return lambda x: _equal(x, book), "equal to it"
    if kind == "within" and isinstance(bound, list):
        if (
            len(bound) != 2
            or not all(map(_bound, bound))
            or bound[0] > bound[1]
        ):
            raise must(
                argument, bound, "be a number or (low, high), both finite"
            )
        low, high = bound
        return (
            lambda x: _every(x, lambda v, _: low <= v <= high),
            f"from {value(low, unit)} to {value(high, unit)}",
        )
    if not _bound(bound):
        raise must(argument, bound, "be a finite number")
    if kind == "within":
        if not _numeric(book):
            raise must(
                argument, bound, "be (low, high) if the book has no number"
            )
        if bound < 0:
            raise must(argument, bound, "not be negative")
        # a hair of room, so that 0.92 is within 0.001 of 0.919
        room = bound * (1 + 1e-9)
        return (
            lambda x: (
                _shaped(x, book)
                and _every(x, lambda v, b: abs(v - b) <= room, book)
            ),
            f"within {_tolerance(bound, unit)} of it",
        )
    if kind == "at_least":
        return (
            lambda x: _every(x, lambda v, _: v >= bound),
            f"at least {value(bound, unit)}",
        )
    return (
        lambda x: _every(x, lambda v, _: v <= bound),
        f"at most {value(bound, unit)}",
    )


def looser(kind: str, quick: Any, bound: Any, book: Any) -> bool:
    """Say whether all that `bound` lets pass, `quick` does too.

    Examples
    --------
    >>> looser("at_least", 0.8, 0.9, None), looser("within", 1, 2, 0.5)
    (True, False)
    >>> looser("within", [0.0, 1.0], 0.1, 0.5)
    True
    """
    if kind == "at_least":
        return bool(quick <= bound)
    if kind == "at_most":
        return bool(quick >= bound)
    if book is None or isinstance(book, (list, str)):
        book = 0  # only like compares with like then
    (low, high), (lower, higher) = (
        b if isinstance(b, list) else [book - b, book + b]
        for b in (bound, quick)
    )
    return bool(lower <= low and higher >= high)


def _tolerance(bound: float, unit: str) -> str:
    shown = value(bound, unit)
    return shown.replace(" %", " percentage points")


def _numeric(x: Any) -> bool:
    if isinstance(x, list):
        return all(_numeric(item) for item in x)
    return isinstance(x, (int, float)) and not isinstance(x, bool)


def _equal(x: Any, y: Any) -> bool:
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(map(_equal, x, y))
    if isinstance(x, bool) != isinstance(y, bool):
        return False
    return bool(x == y)


def _shaped(x: Any, y: Any) -> bool:
    if isinstance(x, list) or isinstance(y, list):
        return (
            isinstance(x, list)
            and isinstance(y, list)
            and len(x) == len(y)
            and all(map(_shaped, x, y))
        )
    return True


def _every(x: Any, test: Callable[[Any, Any], bool], book: Any = None) -> bool:
    """Whether all numbers in `x` pass; text never does."""
    if isinstance(x, list):
        others = book if isinstance(book, list) else [book] * len(x)
        return bool(x) and all(_every(a, test, b) for a, b in zip(x, others))
    return _numeric(x) and test(x, book)


def _bound(x: Any) -> bool:
    return _numeric(x) and not isinstance(x, list) and finite(x)
