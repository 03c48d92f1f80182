"""Errors that ``fdl`` raises on purpose, and the one form they speak in.

Each message is a single sentence that names the argument, the value that was
given and the rule it broke, so that nobody has to read a traceback to learn
what to change.
"""

from __future__ import annotations

from typing import Any, Optional

__all__ = [
    "CheckpointError",
    "ChecksumError",
    "DataError",
    "DeviceError",
    "Diverged",
    "NotFittedError",
    "ShapeError",
    "TrainingDiverged",
    "must",
    "refuse_text",
]


class ShapeError(ValueError):
    """An array has the wrong rank or the wrong sizes."""


class DataError(RuntimeError):
    """A data set cannot be had, or what was had cannot be read."""


class ChecksumError(DataError):
    """A file's bytes are not the ones that the catalog promises."""


class DeviceError(ValueError):
    """A device was asked for that this machine does not have."""


class NotFittedError(RuntimeError):
    """Something was used before it was trained."""


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written, or none of those found can be read."""


class TrainingDiverged(RuntimeError):
    """The loss or a parameter is no longer a number worth training on."""


class Diverged(RuntimeError):
    """A search or an update rule ran into numbers that are not finite.

    Parameters
    ----------
    message : str
        What happened, and at which step.
    path : numpy.ndarray, ``(k, d)``, optional
        The points up to there, all of them finite, the first one first.
    step : int, optional
        The number of the step; 0 is the starting point.
    """

    def __init__(
        self, message: str, path: Any = None, step: Optional[int] = None
    ) -> None:
        super().__init__(message)
        self.path = path
        self.step = step


def must(argument: str, value: Any, rule: str) -> ValueError:
    """Return the ``ValueError`` that says which rule an argument broke.

    Parameters
    ----------
    argument : str
        The argument's name, as the caller wrote it.
    value : object
        What was given; shown by ``repr``, on one line, shortened to 80
        characters.
    rule : str
        What follows "must", for example ``"be positive"``.

    Examples
    --------
    >>> must("epochs", -1, "be a whole number from 1 up")
    ValueError('`epochs` (=-1) must be a whole number from 1 up.')
    """
    shown = " ".join(line.strip() for line in repr(value).splitlines())
    if len(shown) > 80:
        shown = shown[:77] + "..."
    return ValueError(f"`{argument}` (={shown}) must {rule}.")


def refuse_text(argument: str, value: Any, rule: str) -> None:
    """Raise if `value` is one string: its letters are no list of strings.

    Examples
    --------
    >>> refuse_text("words", ["the", "dog"], "be a list of words")
    >>> refuse_text("words", "the dog", "be a list of words")
    Traceback (most recent call last):
    ...
    ValueError: `words` (='the dog') must be a list of words.
    """
    if isinstance(value, (str, bytes)):
        raise must(argument, value, rule)
