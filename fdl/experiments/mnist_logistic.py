"""Logistic regression on MNIST: one matrix, one bias, one softmax.

Letters: none.

Differences from the book: the loss takes logits (the book's takes
probabilities, and is NaN as soon as one of them is 0). The book's text says
that weights start uniform in [−1, 1]; 100 epochs from there end well below
its 91.9 %, and its index places the constant initializer on the page of this
network's listing, so zeros are the default and ``init="uniform"`` a variant.

Book: ch. 3, "Logging and Training the Logistic Regression Model"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import nn, profiles, train
from fdl.experiments.digits import Digits, keep
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "run"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {
    "mnist_logistic_1000": {"epochs": 1000},
    "mnist_logistic_uniform": {"init": "uniform"},
    "mnist_logistic_uniform_1000": {"init": "uniform", "epochs": 1000},
}


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_logistic")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.learning_rate)
    full 100 0.01
    quick 10 0.2

    The same in another seed, and what no one can have:

    >>> from dataclasses import replace
    >>> replace(quick, seed=1).epochs == quick.epochs
    True
    >>> replace(quick, batch_size=0)
    Traceback (most recent call last):
    ...
    ValueError: `batch_size` (=0) must be a whole number from 1 up.
    """

    epochs: int = setting(100, quick=10, least=1)
    """Passes over the training images."""
    batch_size: int = setting(100, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.01, quick=0.2, above=0)
    """Length of a step of stochastic gradient descent."""
    init: str = setting("zeros", choices=("zeros", "uniform", "he"))
    """How the weights start: at zero, uniform in [-1, 1], or by He's rule."""
    validation: int = setting(5000, least=1)
    """Training images held out (of a smaller sample, one in twelve)."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split and the order of the images."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train, and measure the test images once.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the offline sample:

    >>> from fdl.experiments import configure
    >>> config = configure("mnist_logistic", epochs=1, validation=100)
    >>> record = run(config, offline=True)
    >>> record.data, record.metrics["epochs"], len(record.curves["loss"])
    ({'mnist': 'sample'}, 1, 1)
    >>> 0.6 < record.metrics["test_accuracy"] < 1
    True
    """
    from fdl._mxnet import mx

    digits = Digits(config, offline)
    net = nn.FeedForward((784, 10), init=config.init)
    history = train.fit(
        net,
        digits.train,
        loss=nn.cross_entropy,
        optimizer=mx.optimizer.SGD(learning_rate=config.learning_rate),
        epochs=config.epochs,
        validation=digits.validation,
        metrics=["error"],
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    measured = train.evaluate(net, digits.test, ["accuracy"], device=device)
    return keep(
        "mnist_logistic", config, digits, net, history, measured["accuracy"]
    )
