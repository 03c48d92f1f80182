"""A trained network at work: its outputs, and how good they are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Optional

import numpy as onp

from fdl import device as devices_
from fdl._mxnet import autograd, npx
from fdl.errors import NotFittedError, ShapeError, must
from fdl.train import checks, faults
from fdl.train.metrics import Mean, Metric, choose
from fdl.train.objective import Objective
from fdl.train.parameters import place
from fdl.train.parts import gather, split

__all__ = ["evaluate", "predict"]


def predict(
    net: Any, x: Any, *, batch_size: int = 1000, device: Any = None
) -> Any:
    """Return the network's outputs for all rows of `x`.

    Parameters
    ----------
    net : gluon.Block
        Its parameters must have values.
    x : array or tuple of arrays
        `(N, …)` each, without NaN; float64 is taken as float32. A network of
        several inputs takes a tuple.
    batch_size : int
        Rows at a time.
    device : None, str, Context or list of Context
        Where to compute; None means where the parameters are.

    Returns
    -------
    ndarray
        `(N, …)`, NumPy. A tuple where the network returns several.

    Examples
    --------
    >>> from fdl import nn
    >>> net = nn.FeedForward((2, 8, 3))
    >>> net.initialize()
    >>> predict(net, onp.zeros((5, 2))).tolist()[0]
    [0.0, 0.0, 0.0]
    """
    checks.network(net)
    checks.whole("batch_size", batch_size)
    inputs = checks.rows("x", x)
    checks.inputs(net, "x", inputs)
    faults.refuse_nan("x", 0, inputs)
    contexts = _settle(net, device)
    found: list[Any] = []
    late: list[Any] = []
    try:
        with autograd.pause():
            for start in range(0, len(inputs[0]), batch_size):
                chunk = tuple(a[start : start + batch_size] for a in inputs)
                no_targets = onp.zeros(len(chunk[0]), dtype="int8")
                parts = split(chunk, no_targets, contexts)
                if late:
                    found.append(gather(late))
                late = [net(*part.x) for part in parts]
                _refuse_lost_rows(late, parts, inputs)
        found.append(gather(late))
    except faults.FAILURES as error:
        faults.retell(error, "x", 0, inputs, None, net, contexts[0])
    if isinstance(found[0], tuple):
        return tuple(onp.concatenate(one) for one in zip(*found))
    return onp.concatenate(found)


def evaluate(
    net: Any,
    batches: Any,
    metrics: Any,
    device: Any = None,
    *,
    loss: Any = None,
) -> dict[str, float]:
    """Return means of metrics over all examples.

    Parameters
    ----------
    net : gluon.Block
        Its parameters must have values.
    batches : Minibatches or iterable of (x, y)
        The data; of batches with epochs, epoch 0. Neither NaN in x nor labels
        that are none are taken.
    metrics : names or Metric objects
        As in :func:`fdl.train.fit`.
    device : None, str, Context or list of Context
        Where to compute; None means where the parameters are.
    loss : callable, optional
        Adds its mean, under ``"loss"``.

    Returns
    -------
    dict
        Name to mean, over examples and not over batches.

    Raises
    ------
    TrainingDiverged
        The loss of a batch is not finite, or a metric is NaN.

    Examples
    --------
    >>> from fdl import data, nn
    >>> net = nn.FeedForward((2, 2), init="zeros")
    >>> net.initialize()
    >>> batches = data.Minibatches(onp.zeros((4, 2)), [0, 0, 0, 1], 2)
    >>> evaluate(net, batches, ["error"])  # equal scores count for class 0
    {'error': 0.25}
    """
    chosen = choose(metrics)
    if not chosen and loss is None:
        raise must("metrics", metrics, "name at least one, or `loss` be given")
    checks.network(net)
    checks.inputs(net, "batches", checks.batches("batches", batches)[0])
    contexts = _settle(net, device)
    return measure(net, "batches", batches, chosen, contexts, loss)


class Pair(NamedTuple):
    """One minibatch on the host."""

    x: tuple[Any, ...]
    y: Any


def draw(argument: str, batches: Any, epoch: int) -> Iterator[Pair]:
    """Yield an epoch's batches, each checked."""
    source = batches.epoch(epoch) if hasattr(batches, "epoch") else batches
    for number, batch in enumerate(source, 1):
        yield Pair(*checks.batch(argument, batch, number))


def measure(
    net: Any,
    argument: str,
    batches: Any,
    metrics: Sequence[Metric],
    contexts: Sequence[Any],
    loss: Optional[Any] = None,
) -> dict[str, float]:
    """Do what `evaluate` does, on arguments that are known to be right."""
    objective = Objective(net, loss, metrics, contexts)
    means = {metric.name: Mean() for metric in metrics}
    total = Mean()
    late = None
    npx.waitall()  # running statistics of normalization are written late
    with autograd.pause():
        for number, (x, y) in enumerate(draw(argument, batches, 0), 1):
            faults.refuse_nan(argument, number, x)
            batch = objective(argument, number, x, y)
            if late is not None:
                _take(late, metrics, means, total, loss)
            late = batch
    if late is None:
        raise must(argument, batches, "hold at least one batch")
    _take(late, metrics, means, total, loss)
    found = {"loss": total.value} if loss is not None else {}
    found.update({name: mean.value for name, mean in means.items()})
    return found  # type: ignore[return-value]


def _take(
    batch: Any,
    metrics: Sequence[Metric],
    means: dict[str, Mean],
    total: Mean,
    loss: Any,
) -> None:
    if loss is not None:
        if not math.isfinite(batch.loss):
            raise faults.not_finite(batch, "loss", batch.loss)
        total.add(batch.loss, batch.size)
    add(batch, metrics, means)


def add(batch: Any, metrics: Sequence[Metric], means: dict[str, Mean]) -> None:
    """Take a batch's metrics into their means."""
    if metrics:
        output, y = batch.output, onp.asarray(_host(batch.y))
        for metric in metrics:
            value = float(metric(output, y).mean())
            if math.isnan(value):
                raise faults.not_finite(batch, metric.name, value)
            means[metric.name].add(value, batch.size)


def _refuse_lost_rows(outputs: list[Any], parts: Any, x: Any) -> None:
    """Raise if an output has not one row for each row of the inputs."""
    for output, part in zip(outputs, parts):
        several = isinstance(output, (list, tuple))
        if not several and output.shape[:1] != (part.size,):
            raise ShapeError(
                "`x` must be a batch, one example in each row; of "
                f"{part.size} rows, {faults.shapes(x)}, the network makes "
                f"{output.shape}."
            )


def _host(array: Any) -> Any:
    return array.asnumpy() if hasattr(array, "asnumpy") else array


def _settle(net: Any, device: Any) -> list[Any]:
    """Return the devices to compute on, with the parameters there."""
    parameters = list(net.collect_params().values())
    for parameter in parameters:
        if parameter._data is None and not parameter._deferred_init:
            raise NotFittedError(
                f"`net` must have values; its parameter {parameter.name} was "
                "never initialized, trained or loaded."
            )
    if device is not None or not parameters:
        contexts = devices_.resolve(device)
        place(parameters, contexts)
        return contexts
    return list(parameters[0].list_ctx())
