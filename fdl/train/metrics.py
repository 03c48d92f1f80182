"""How good the outputs are, in numbers people use.

A metric gives one number per example; the mean over all examples is taken
here, so that a last batch of another size weighs what it should.

Letters: ``B`` batch, ``C`` classes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

import numpy as onp

from fdl.errors import ShapeError, must

__all__ = ["METRICS", "Mean", "Metric", "choose", "larger_is_better"]


@dataclass(frozen=True)
class Metric:
    """A named number per example.

    Examples
    --------
    >>> distance = Metric("distance", lambda output, y: abs(output - y))
    >>> distance(onp.array([1.0, 2.0]), onp.array([1.0, 4.0]))
    array([0., 2.])
    """

    name: str
    """What histories call it."""
    each: Callable[[Any, Any], Any]
    """Maps outputs and targets, NumPy arrays `(B, …)`, to `(B,)`."""
    larger: bool = False
    """Whether more is better."""

    def __call__(self, output: Any, y: Any) -> onp.ndarray:
        """Return one number per example, `(B,)` float64."""
        values = onp.asarray(self.each(output, y), dtype="float64")
        if values.shape != (len(y),):
            raise ShapeError(
                f"`{self.name}` must give one number for each of the "
                f"{len(y)} examples; got an array of shape {values.shape}."
            )
        return values


def _hits(output: onp.ndarray, y: onp.ndarray) -> onp.ndarray:
    """Share of right decisions in each example."""
    _classes(output, y)
    if y.shape == output.shape:  # targets are given as one-hot rows
        y = y.argmax(axis=-1)
    hits = output.argmax(axis=-1) == y
    return hits.reshape(len(y), -1).mean(axis=1)


def _misses(output: onp.ndarray, y: onp.ndarray) -> onp.ndarray:
    return 1.0 - _hits(output, y)


def _cross_entropy(output: onp.ndarray, y: onp.ndarray) -> onp.ndarray:
    """Return −ln softmax(output)[y] of each example; `output` are logits."""
    _classes(output, y)
    z = output.astype("float64")
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - onp.log(onp.exp(z).sum(axis=-1, keepdims=True))
    if y.shape == output.shape:
        picked = -(y * log_p).sum(axis=-1)
    else:
        labels = y.astype("int64")
        if labels.min() < 0 or labels.max() >= output.shape[-1]:
            raise must(
                "y",
                f"labels from {labels.min()} to {labels.max()}",
                f"hold labels from 0 to {output.shape[-1] - 1}",
            )
        picked = -onp.take_along_axis(log_p, labels[..., None], axis=-1)
    return picked.reshape(len(y), -1).mean(axis=1)


def _classes(output: onp.ndarray, y: onp.ndarray) -> None:
    fits = output.ndim >= 2 and y.shape in (output.shape, output.shape[:-1])
    if not fits or output.shape[-1] < 2:
        raise ShapeError(
            "`metrics` on classes must see scores (B, C) and labels (B,) or "
            f"(B, C), C from 2 up; got outputs {output.shape} and labels "
            f"{y.shape}."
        )


METRICS = {
    "accuracy": Metric("accuracy", _hits, larger=True),
    "error": Metric("error", _misses),
    "cross_entropy": Metric("cross_entropy", _cross_entropy),
}


def choose(
    metrics: Union[str, Metric, Iterable[Union[str, Metric]]],
) -> tuple[Metric, ...]:
    """Return the metrics that names and metric objects mean.

    Examples
    --------
    >>> [metric.name for metric in choose(["error", "accuracy"])]
    ['error', 'accuracy']
    """
    asked = (metrics,) if isinstance(metrics, (str, Metric)) else metrics
    chosen = []
    for one in asked:
        if isinstance(one, Metric):
            chosen.append(one)
        elif isinstance(one, str) and one in METRICS:
            chosen.append(METRICS[one])
        else:
            known = ", ".join(map(repr, METRICS))
            raise must("metrics", one, f"be {known}, or a train.Metric")
    names = [metric.name for metric in chosen]
    if len(set(names)) < len(names) or "loss" in names:
        raise must("metrics", names, "have names of their own, not 'loss'")
    return tuple(chosen)


def larger_is_better(name: str, metrics: Iterable[Metric] = ()) -> bool:
    """Say whether a curve of a history should rise.

    Examples
    --------
    >>> larger_is_better("validation_accuracy"), larger_is_better("loss")
    (True, False)
    """
    bare = name[len("validation_") :] if name.startswith("valid") else name
    known = {**METRICS, **{metric.name: metric for metric in metrics}}
    return bare in known and known[bare].larger


class Mean:
    """A mean over examples that arrive batch by batch.

    Examples
    --------
    >>> mean = Mean()
    >>> mean.add(1.0, 100)
    >>> mean.add(4.0, 50)
    >>> mean.value
    2.0
    """

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, mean: float, count: int) -> None:
        """Take in `count` examples whose mean is `mean`."""
        self._sum += float(mean) * count
        self._count += count

    @property
    def value(self) -> Optional[float]:
        """The mean so far, None before the first example."""
        return self._sum / self._count if self._count else None
