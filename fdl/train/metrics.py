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
from fdl.train import labels

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
    class_axis: Optional[int] = None
    """On which axis of the outputs the classes are that targets number; such
    targets are checked."""

    def __post_init__(self) -> None:
        name = self.name
        if not isinstance(name, str) or not name:
            raise must("name", name, "be text")
        if name == "loss" or name.startswith("validation_"):
            rule = "not be 'loss' nor start with 'validation_', as curves do"
            raise must("name", name, rule)
        if not callable(self.each):
            raise must("each", self.each, "be a function of output and y")

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
    y = _classes(output, y)
    if y.shape == output.shape:  # targets are given as one-hot rows
        y = _largest(y)
    best = _largest(output)
    hits = onp.where(onp.isnan(best + y), onp.nan, best == y)
    return hits.reshape(len(y), -1).mean(axis=1)


def _largest(scores: onp.ndarray) -> onp.ndarray:
    """Return where the largest is; NaN, which argmax takes for it, if any."""
    broken = onp.isnan(scores.max(axis=-1))
    return onp.where(broken, onp.nan, scores.argmax(axis=-1))


def _misses(output: onp.ndarray, y: onp.ndarray) -> onp.ndarray:
    return 1.0 - _hits(output, y)


def _cross_entropy(output: onp.ndarray, y: onp.ndarray) -> onp.ndarray:
    """Return −ln softmax(output)[y] of each example; `output` are logits."""
    y = _classes(output, y)
    z = output.astype("float64")
    z = z - z.max(axis=-1, keepdims=True)
    log_p = z - onp.log(onp.exp(z).sum(axis=-1, keepdims=True))
    if y.shape == output.shape:
        picked = -(y * log_p).sum(axis=-1)
    else:
        label = y.astype("int64")[..., None]
        picked = -onp.take_along_axis(log_p, label, axis=-1)
    return picked.reshape(len(y), -1).mean(axis=1)


def _classes(output: Any, y: onp.ndarray) -> onp.ndarray:
    """Return targets that fit the outputs; labels are without a last 1."""
    shape: tuple[int, ...] = getattr(output, "shape", ())
    if y.shape == (*shape[:-1], 1):
        y = y[..., 0]
    if len(shape) < 2 or shape[-1] < 2 or y.shape not in (shape, shape[:-1]):
        seen = shape or [one.shape for one in output]
        raise ShapeError(
            "`metrics` on classes must see scores (B, C) and labels (B,) or "
            f"(B, C), C from 2 up; got outputs {seen} and labels {y.shape}."
        )
    wrong = labels.stray(y, shape[-1]) if y.shape != shape else None
    if wrong is not None:
        last = shape[-1] - 1
        rule = f"hold labels that are whole numbers from 0 to {last}"
        raise must("y", wrong, rule)
    return y


METRICS = {
    "accuracy": Metric("accuracy", _hits, larger=True, class_axis=-1),
    "error": Metric("error", _misses, class_axis=-1),
    "cross_entropy": Metric("cross_entropy", _cross_entropy, class_axis=-1),
}


def choose(
    metrics: Union[None, str, Metric, Iterable[Union[str, Metric]]],
) -> tuple[Metric, ...]:
    """Return the metrics that names and metric objects mean.

    Examples
    --------
    >>> [metric.name for metric in choose(["error", "accuracy"])]
    ['error', 'accuracy']
    """
    asked = (metrics,) if isinstance(metrics, (str, Metric)) else metrics
    if not isinstance(asked, (Iterable, type(None))):
        raise must("metrics", metrics, "be a sequence of names and Metrics")
    chosen = []
    for one in asked or ():
        if isinstance(one, Metric):
            chosen.append(one)
        elif isinstance(one, str) and one in METRICS:
            chosen.append(METRICS[one])
        else:
            known = ", ".join(map(repr, METRICS))
            raise must("metrics", one, f"be {known}, or a train.Metric")
    names = [metric.name for metric in chosen]
    if len(set(names)) < len(names):
        raise must("metrics", names, "have names of their own")
    return tuple(chosen)


def larger_is_better(name: str, metrics: Iterable[Metric] = ()) -> bool:
    """Say whether a curve of a history should rise.

    Parameters
    ----------
    name : str
        The curve: of a metric or a loss, perhaps with ``validation_`` before.
    metrics : iterable of Metric
        Those of your own.

    Examples
    --------
    >>> larger_is_better("validation_accuracy"), larger_is_better("loss")
    (True, False)
    """
    bare = name
    if name.startswith("validation_"):
        bare = name[len("validation_") :]
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
