"""What `fit` wants to know before it starts."""

from __future__ import annotations

import numbers
from typing import Any

from fdl._mxnet import gluon, mx
from fdl.errors import ShapeError, must

__all__ = ["batch", "batches", "loss", "network", "optimizer", "whole"]


def whole(argument: str, value: Any) -> int:
    """Return `value` if it is a whole number from 1 up."""
    integer = isinstance(value, numbers.Integral)
    if not integer or isinstance(value, bool) or value < 1:
        raise must(argument, value, "be a whole number from 1 up")
    return int(value)


def network(net: Any) -> None:
    """Refuse what is no network."""
    if not isinstance(net, gluon.Block):
        raise TypeError(f"`net` (={net!r}) must be a gluon Block.")


def loss(given: Any) -> None:
    """Refuse what is no loss."""
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
    """Return the optimizer that an instance or a Gluon name means."""
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


def batches(argument: str, given: Any) -> tuple[tuple[Any, ...], Any]:
    """Return the first batch, if there are batches in each epoch."""
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
        if first is given:
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
    """Return a batch as (inputs, targets), if its lengths agree."""
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise ShapeError(
            f"`{argument}` must hold pairs (x, y); got {type(pair).__name__} "
            f"as batch {number}."
        )
    x, y = pair
    inputs = tuple(x) if isinstance(x, (list, tuple)) else (x,)
    shapes: list[Any] = [getattr(a, "shape", None) for a in (*inputs, y)]
    if not inputs or not all(shapes):
        raise ShapeError(
            f"`{argument}` must hold arrays with a row per example; batch "
            f"{number} has shapes {shapes}."
        )
    lengths = {shape[0] for shape in shapes}
    if len(lengths) > 1 or lengths == {0}:
        raise ShapeError(
            f"`{argument}` must hold x and y of one length, from 1 up; batch "
            f"{number} has shapes {shapes}."
        )
    return inputs, y
