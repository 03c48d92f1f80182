"""The MNIST network of the IDSIA deep-learning lecture: 784-100-100-10.

Letters: none.

Differences from the lecture: the validation images are drawn at random
instead of being the last 5,000 of the training file.

Book: ch. 3, "The same network, begun badly"
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
    "mnist_lecture_he": {"init": "he"},
}


@dataclass(frozen=True)
class Config:
    """The lecture's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_lecture")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs)
    full 16
    quick 4

    The other way to start the weights:

    >>> VARIANTS["mnist_lecture_he"]
    {'init': 'he'}
    >>> configure("mnist_lecture", init="zeros")
    Traceback (most recent call last):
    ...
    ValueError: `init` (='zeros') must be "truncated" or "he".
    """

    epochs: int = setting(16, quick=4, least=1)
    """Passes over the training images."""
    batch_size: int = setting(64, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.001, above=0)
    """The rate of Adam."""
    init: str = setting("truncated", choices=("truncated", "he"))
    """How the weights start: truncated normal of deviation 1, or He's rule."""
    validation: int = setting(5000, least=1)
    """Training images held out (of a smaller sample, one in twelve)."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split and the order of the images."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the lecture's or the quick profile's."""

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

    The record's metrics hold the accuracy on all test images, on the first
    half of them (as many as the lecture draws) and on the other half.

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
    On the command line: ``fdl train mnist_lecture``, or ``fdl train
    mnist_lecture --init he``.
    """
    from fdl._mxnet import mx

    digits = Digits(config, offline)
    net = nn.FeedForward((784, 100, 100, 10), init=config.init)
    history = train.fit(
        net,
        digits.train,
        loss=nn.cross_entropy,
        optimizer=mx.optimizer.Adam(learning_rate=config.learning_rate),
        epochs=config.epochs,
        validation=digits.validation,
        metrics=["error"],
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    scores = train.predict(net, digits.test.x, device=device)
    right = scores.argmax(axis=1) == digits.test.y
    record = keep(
        "mnist_lecture", config, digits, net, history, float(right.mean())
    )
    half = len(right) // 2
    record.metrics["first_half_accuracy"] = float(right[:half].mean())
    record.metrics["other_half_accuracy"] = float(right[half:].mean())
    return record
