"""What the experiments on handwritten digits share: data and record."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Optional

from fdl import data, records
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
    """
    here = records.environment()
    parameters = net._collect_params_with_prefix()
    devices = next(iter(parameters.values())).list_ctx()
    return Record(
        name=name,
        experiment=name,
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
        config=dataclasses.asdict(config),
        seed=config.seed,
        profile=config.profile,
        data={digits.source.name: digits.source.kind},
        versions=here["versions"],
        hardware={**here["hardware"], "device": ", ".join(map(str, devices))},
        seconds=history.seconds,
        date=records.today(),
        complete=history.epochs == config.epochs,
        arrays={
            key: parameter.data(devices[0]).asnumpy()
            for key, parameter in parameters.items()
            if key.startswith(only)
        },
    )


def thin(values: list[float]) -> list[float]:
    """Return every k-th value, at most CURVE of them."""
    return list(values[:: max(1, -(-len(values) // CURVE))])
