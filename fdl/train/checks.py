"""What `fit` wants to know before it starts."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as onp

from fdl._mxnet import gluon, mx
from fdl.errors import ShapeError, must
from fdl.scratch._checks import whole

__all__ = [
    "batch",
    "batches",
    "curve",
    "inputs",
    "loss",
    "network",
    "optimizer",
    "path",
    "rows",
    "whole",
]


def path(argument: str, value: Any) -> Path:
    """Return `value` as a path, if it can be one.

    Examples
    --------
    >>> path("folder", "runs/first").name
    'first'
    >>> path("folder", 1)
    Traceback (most recent call last):
    ...
    TypeError: `folder` (=1) must be the path of a folder.
    """
    try:
        return Path(value)
    except TypeError:
        raise TypeError(
            f"`{argument}` (={value!r}) must be the path of a folder."
        ) from None


def network(net: Any) -> None:
    """Refuse what is no network.

    Examples
    --------
    >>> network("lenet")
    Traceback (most recent call last):
    ...
    TypeError: `net` (='lenet') must be a gluon Block.
    """
    if not isinstance(net, gluon.Block):
        raise TypeError(f"`net` (={net!r}) must be a gluon Block.")


def loss(given: Any) -> None:
    """Refuse what is no loss.

    Examples
    --------
    >>> loss(gluon.loss.L2Loss())
    >>> loss(gluon.loss.L2Loss)
    Traceback (most recent call last):
    ...
    TypeError: `loss` (=<class 'mxnet.gluon.loss.L2Loss'>) must be an object
    and not a class; write L2Loss().
    """
    if isinstance(given, type):
        raise TypeError(
            f"`loss` (={given!r}) must be an object and not a class; write "
            f"{given.__name__}()."
        )
    if not callable(given):
        raise TypeError(
            f"`loss` (={given!r}) must be callable, as loss(output, y)."
        )


def optimizer(given: Any) -> Any:
    """Return the optimizer that an instance or a Gluon name means.

    Examples
    --------
    >>> type(optimizer("adam")).__name__
    'Adam'
    >>> optimizer(mx.optimizer.Adam)
    Traceback (most recent call last):
    ...
    TypeError: `optimizer` (=<class 'mxnet.optimizer.optimizer.Adam'>) must be
    an mx.optimizer.Optimizer or the name of one.
    """
    if isinstance(given, mx.optimizer.Optimizer):
        return given
    if isinstance(given, str):
        known = mx.optimizer.Optimizer.opt_registry
        if given.lower() in known:
            return mx.optimizer.create(given)
        raise must("optimizer", given, "be one of " + ", ".join(sorted(known)))
    raise TypeError(
        f"`optimizer` (={given!r}) must be an mx.optimizer.Optimizer or the "
        "name of one."
    )


def curve(argument: str, name: Any, run: Any) -> None:
    """Refuse the name of a curve that a run will not have.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> run = SimpleNamespace(curves=("loss", "error"), validation=None)
    >>> curve("monitor", "error", run)
    >>> curve("monitor", "eror", run)
    Traceback (most recent call last):
    ...
    ValueError: `monitor` (='eror') must be a curve of the run, 'loss',
    'error'.
    """
    if name in run.curves:
        return
    names = ", ".join(map(repr, run.curves))
    hint = ""
    if str(name).startswith("validation_") and run.validation is None:
        hint = "; give `validation` to fit"
    raise must(argument, name, f"be a curve of the run, {names}{hint}")


def inputs(net: Any, argument: str, x: Sequence[Any]) -> None:
    """Refuse more or fewer inputs than the network takes.

    Examples
    --------
    >>> from fdl import nn
    >>> net, x = nn.FeedForward((2, 3)), onp.zeros((4, 2))
    >>> inputs(net, "x", [x])
    >>> inputs(net, "x", [x, x])
    Traceback (most recent call last):
    ...
    TypeError: `x` (=x of 2 arrays) must have as many inputs as the network, a
    FeedForward, takes: too many positional arguments.
    """
    hybrid = type(net).forward is gluon.HybridBlock.forward
    function = net.hybrid_forward if hybrid else net.forward
    given = [None, *x] if hybrid else x  # a hybrid block's first is F
    named = dict.fromkeys(net._reg_params) if hybrid else {}
    try:
        inspect.signature(function).bind(*given, **named)
    except TypeError as error:
        count = "one array" if len(x) == 1 else f"{len(x)} arrays"
        raise TypeError(
            f"`{argument}` (=x of {count}) must have as many inputs as the "
            f"network, a {type(net).__name__}, takes: {error}."
        ) from None


def rows(argument: str, x: Any) -> tuple[Any, ...]:
    """Return inputs as a tuple of arrays that have a row per example.

    Examples
    --------
    >>> [x.shape for x in rows("x", (onp.zeros((5, 2)), onp.zeros(5)))]
    [(5, 2), (5,)]
    >>> rows("x", (onp.zeros((5, 2)), onp.zeros(4)))
    Traceback (most recent call last):
    ...
    fdl.errors.ShapeError: `x` must be an array with a row per example, or a
    tuple of arrays of one length; got the shapes [(5, 2), (4,)].
    """
    given = x if isinstance(x, tuple) else (x,)
    try:
        arrays = tuple(
            a if hasattr(a, "shape") else onp.asarray(a) for a in given
        )
    except ValueError as error:  # lists of unequal lengths
        raise must(argument, x, f"be an array: {error}") from None
    shapes = [tuple(a.shape) for a in arrays]
    if not all(shapes) or len({shape[0] for shape in shapes}) != 1:
        raise ShapeError(
            f"`{argument}` must be an array with a row per example, or a "
            f"tuple of arrays of one length; got the shapes {shapes}."
        )
    if not shapes[0][0]:
        raise must(argument, shapes[0], "have at least one row")
    _numbers(argument, "", arrays)
    return arrays


def _numbers(argument: str, place: str, arrays: Sequence[Any]) -> None:
    """Refuse text, objects, dates and complex numbers."""
    for array in arrays:
        kind = getattr(getattr(array, "dtype", None), "kind", "f")
        if kind not in "biuf":
            raise TypeError(
                f"`{argument}` must hold real numbers; got the type "
                f"{array.dtype}{place}."
            )


def batches(argument: str, given: Any) -> tuple[tuple[Any, ...], Any]:
    """Return the first batch, if there are batches in each epoch.

    Examples
    --------
    >>> pairs = [(onp.zeros((5, 2)), onp.zeros(5)) for _ in range(3)]
    >>> x, y = batches("batches", pairs)
    >>> len(x), y.shape  # one input, and the targets of the first batch
    (1, (5,))
    >>> batches("batches", [])
    Traceback (most recent call last):
    ...
    ValueError: `batches` (=[]) must hold at least one batch.
    """
    if hasattr(given, "epoch"):
        first = iter(given.epoch(0))
    else:
        try:
            first = iter(given)
        except TypeError:
            raise TypeError(
                f"`{argument}` (={given!r}) must be data.Minibatches or an "
                "iterable of pairs (x, y)."
            ) from None
        if first is given or iter(given) is first:
            raise TypeError(
                f"`{argument}` (={given!r}) must give its batches once per "
                "epoch; a generator is used up after one. Make it a list."
            )
    try:
        pair = next(first)
    except StopIteration:
        raise must(argument, given, "hold at least one batch") from None
    return batch(argument, pair, 1)


def batch(
    argument: str, pair: Any, number: int
) -> tuple[tuple[Any, ...], Any]:
    """Return a batch as (inputs, targets), if its lengths agree.

    Examples
    --------
    >>> batch("batches", (onp.zeros((5, 2)), onp.zeros(4)), 1)
    Traceback (most recent call last):
    ...
    fdl.errors.ShapeError: `batches` must hold x and y of one length, from 1
    up; batch 1 has shapes [(5, 2), (4,)].
    """
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise ShapeError(
            f"`{argument}` must hold pairs (x, y); got {type(pair).__name__} "
            f"as batch {number}."
        )
    x, y = pair
    inputs = tuple(x) if isinstance(x, (list, tuple)) else (x,)
    shapes: list[Any] = [getattr(a, "shape", None) for a in (*inputs, y)]
    if not inputs or not all(shapes):
        kinds = " and ".join(type(side).__name__ for side in (x, y))
        raise ShapeError(
            f"`{argument}` must hold arrays with a row per example; x and y "
            f"of batch {number} are {kinds}"
            + (f", of shapes {shapes}." if len(shapes) < 9 else ".")
        )
    lengths = {shape[0] for shape in shapes}
    if len(lengths) > 1 or lengths == {0}:
        raise ShapeError(
            f"`{argument}` must hold x and y of one length, from 1 up; batch "
            f"{number} has shapes {shapes}."
        )
    _numbers(argument, f" in batch {number}", (*inputs, y))
    return inputs, y
