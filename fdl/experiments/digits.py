"""What the experiments on handwritten digits share: data and record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from fdl import data
from fdl.experiments.comparison import compared
from fdl.experiments.validation import held_out
from fdl.records import Record

__all__ = ["Digits", "keep", "thin"]

CURVE = 1000  # points that a record keeps of a curve over steps


class Digits:
    """MNIST in three parts, as rows of 784 numbers in [0, 1].

    Parameters
    ----------
    config : object
        Has ``batch_size``, ``validation`` and ``seed``.
    offline : bool
        Use no network; see :func:`fdl.data.load`.
    planes : bool
        Give images `(1, 28, 28)` and not rows.

    Attributes
    ----------
    train, validation, test : Minibatches
        The validation images are held out of the training images; the test
        images are measured once, when training is over.
    source : Source
        Where the images came from.

    Raises
    ------
    ValueError
        If ``config.validation`` leaves no image to train on. Of the offline
        sample, one in twelve is held out then, with one notice on stderr.

    Examples
    --------
    From the offline sample:

    >>> from types import SimpleNamespace
    >>> config = SimpleNamespace(batch_size=50, validation=200, seed=0)
    >>> digits = Digits(config, offline=True)
    >>> x, y = next(iter(digits.train))
    >>> x.shape, y.shape, len(digits.validation.x), digits.source.kind
    ((50, 784), (50,), 200, 'sample')
    """

    def __init__(
        self, config: Any, offline: bool = False, planes: bool = False
    ) -> None:
        self._planes = planes
        images = data.load("mnist", "train", offline=offline)
        test = data.load("mnist", "test", offline=offline)
        held = held_out(config.validation, images)
        rest, apart = images.split(held, seed=config.seed)
        self.source = images.source
        self.train = data.Minibatches(
            self._numbers(rest),
            rest.labels,
            config.batch_size,
            seed=config.seed,
        )
        self.validation = self._in_order(apart)
        self.test = self._in_order(test)

    def _numbers(self, images: data.Images) -> Any:
        return images.planes() if self._planes else images.flat()

    def _in_order(self, images: data.Images) -> data.Minibatches:
        return data.Minibatches(
            self._numbers(images), images.labels, 1000, shuffle=False
        )


def keep(
    name: str,
    config: Any,
    digits: Any,
    net: Any,
    history: Any,
    test_accuracy: float,
    *,
    metrics: Optional[Mapping[str, float]] = None,
    curves: Optional[Mapping[str, list[float]]] = None,
    only: str = "",
) -> Record:
    """Return the record of a finished run.

    Parameters
    ----------
    name : str
        The experiment, and the record.
    config : object
        Its settings, ``seed`` and ``profile`` among them.
    digits : Digits
        What it was trained on; only its ``source`` is asked for.
    net : Block
        What was trained; its parameters become the record's arrays.
    history : fdl.train.History
        What ``fit`` returned.
    test_accuracy : float
        Measured once, at the end.
    metrics, curves : mapping, optional
        What to add to those that every run has.
    only : str
        Keep the parameters whose names start so, where all are too many.

    Examples
    --------
    >>> import numpy as np
    >>> from types import SimpleNamespace
    >>> from fdl import nn, optim, train
    >>> from fdl.experiments.mnist_logistic import Config
    >>> net, x = nn.FeedForward((2, 3)), np.ones((6, 2), "float32")
    >>> batches = data.Minibatches(x, np.zeros(6, int), 3)
    >>> history = train.fit(
    ...     net,
    ...     batches,
    ...     loss=nn.cross_entropy,
    ...     optimizer=optim.SGD(0.1),
    ...     epochs=1,
    ...     validation=batches,
    ...     metrics=["error"],
    ... )
    >>> source = data.Source("ones", "derived", "made up")
    >>> made = SimpleNamespace(source=source)
    >>> record = keep("demo", Config(epochs=1), made, net, history, 0.75)
    >>> record.metrics["test_error"], record.data, record.complete
    (0.25, {'ones': 'derived'}, True)
    >>> sorted(record.arrays), len(record.curves["batch_loss"])
    (['output.bias', 'output.weight'], 2)
    """
    parameters = net._collect_params_with_prefix()
    place = next(iter(parameters.values())).list_ctx()[0]
    return compared(
        name,
        config,
        metrics={
            "test_accuracy": test_accuracy,
            "test_error": 1 - test_accuracy,
            "validation_error": history["validation_error"][-1],
            "epochs": history.epochs,
            **(metrics or {}),
        },
        curves={
            "batch_loss": thin(history.batch_loss),
            **{name: list(curve) for name, curve in history.items()},
            **(curves or {}),
        },
        seconds=history.seconds,
        net=net,
        sources=[digits.source],
        complete=history.epochs == config.epochs,
        arrays={
            key: parameter.data(place).asnumpy()
            for key, parameter in parameters.items()
            if key.startswith(only)
        },
    )


def thin(values: list[float]) -> list[float]:
    """Return every k-th value, at most CURVE of them.

    Examples
    --------
    >>> short = thin([float(k) for k in range(2500)])
    >>> len(short), short[:4]
    (834, [0.0, 3.0, 6.0, 9.0])
    """
    return list(values[:: max(1, -(-len(values) // CURVE))])
