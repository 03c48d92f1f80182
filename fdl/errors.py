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
    """An array has the wrong rank or the wrong sizes.

    Examples
    --------
    >>> from fdl.scratch import Neuron
    >>> Neuron([1.0, 2.0])([1.0, 2.0, 3.0])
    Traceback (most recent call last):
    ...
    fdl.errors.ShapeError: `x` (=array of shape (3,)) must have the shape (2,).
    """


class DataError(RuntimeError):
    """A data set cannot be had, or what was had cannot be read.

    Examples
    --------
    >>> from fdl import records
    >>> records.read("mnist", "nowhere")
    Traceback (most recent call last):
    ...
    fdl.errors.DataError: There is no record 'mnist' (no file
    nowhere/mnist.json); there is: none at all.
    """


class ChecksumError(DataError):
    """A file's bytes are not the ones that the catalog promises.

    Examples
    --------
    >>> from pathlib import Path
    >>> from fdl import records
    >>> record = records.Record("demo", "demo", {}, arrays={"w": [1.0, 2.0]})
    >>> path = record.save("records")
    >>> _ = path.with_suffix(".npz").write_bytes(b"other bytes")
    >>> records.read("demo", "records")
    Traceback (most recent call last):
    ...
    fdl.errors.ChecksumError: records/demo.npz must have the sha256 ...
    """


class DeviceError(ValueError):
    """A device was asked for that this machine does not have.

    Examples
    --------
    >>> from fdl import device
    >>> device.parse("tpu")
    Traceback (most recent call last):
    ...
    fdl.errors.DeviceError: `device` (='tpu') must be 'cpu', 'gpu', or one of
    them with a number, such as 'gpu:1'.
    """


class NotFittedError(RuntimeError):
    """Something was used before it was trained.

    Examples
    --------
    >>> from fdl import nn, train
    >>> train.predict(nn.FeedForward((2, 1), prefix="net_"), [[0.0, 0.0]])
    Traceback (most recent call last):
    ...
    fdl.errors.NotFittedError: `net` must have values; its parameter
    net_output_weight was never initialized, trained or loaded.
    """


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written, or none of those found can be read.

    Examples
    --------
    >>> from fdl import nn, train
    >>> train.load_parameters(nn.FeedForward((2, 1)), "nowhere")
    Traceback (most recent call last):
    ...
    fdl.errors.CheckpointError: nowhere holds no whole checkpoint.
    """


class TrainingDiverged(RuntimeError):
    """The loss or a parameter is no longer a number worth training on.

    Examples
    --------
    >>> from fdl.scratch import FeedForward
    >>> net = FeedForward((1, 1))
    >>> try:
    ...     net.fit([[1e9]], [[0.0]], epochs=99, batch_size=1, learning_rate=1)
    ... except TrainingDiverged as error:
    ...     print(error)
    Training diverged at step ...: the loss or a weight is no longer finite;
    `learning_rate` (=1) must be smaller.
    """


class Diverged(RuntimeError):
    """A search or an update rule ran into numbers that are not finite.

    :class:`fdl.scratch.Diverged` is one of these, of a network's training.

    Parameters
    ----------
    message : str
        What happened, and at which step.
    path : numpy.ndarray, ``(k, d)``, optional
        The points up to there, all of them finite, the first one first.
    step : int, optional
        The number of the step; 0 is the starting point.

    Examples
    --------
    >>> from fdl.optim import SGD, minimize
    >>> try:
    ...     minimize(lambda x: x[0] ** 2, [1.0], SGD(1e200), steps=9)
    ... except Diverged as error:
    ...     print(error.step, error.path.ravel())
    1 [ 1.e+000 -2.e+200]
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
