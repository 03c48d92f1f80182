"""The convolutional network for MNIST: two convolutions, 1,024 units.

Letters: none.

Differences from the book: the outputs are linear, as the loss wants them. The
weights kept are those of the epoch that was best on the validation images,
since the book does not say how many epochs it took ("several").

Book: ch. 5, "Closing the Loop on MNIST with Convolutional Networks"
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
VARIANTS: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_convnet")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.learning_rate, c.schedule)
    full 25 0.0001 constant
    quick 1 0.002 cosine

    Dropout that leaves out all is refused:

    >>> configure("mnist_convnet", dropout=1.0)
    Traceback (most recent call last):
    ...
    ValueError: `dropout` (=1.0) must be a number from 0 up and below 1.
    """

    epochs: int = setting(25, quick=1, least=1)
    """Passes over the training images."""
    batch_size: int = setting(100, quick=50, least=1)
    """Images in a step."""
    learning_rate: float = setting(1e-4, quick=2e-3, above=0)
    """Adam's ε, at the start."""
    schedule: str = setting(
        "constant", quick="cosine", choices=("constant", "cosine")
    )
    """Whether ε stays, or falls to zero on half a cosine, which ends a short
    run better."""
    norm: bool = setting(False)
    """Whether to normalize every layer's logits over the batch."""
    dropout: float = setting(0.5, least=0, below=1)
    """Share of the 1,024 units that training leaves out."""
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
    """Train, go back to the best epoch, and measure the test images once.

    The record keeps the weights of the two convolutions only, since all of
    them would take more room than a record may.

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
    On the command line: ``fdl train mnist_convnet``, or ``fdl train
    mnist_convnet --norm true``.
    """
    from fdl import optim
    from fdl.vision import mnist_convnet

    digits = Digits(config, offline, planes=True)
    schedule = None
    if config.schedule == "cosine":
        steps = config.epochs * len(digits.train)
        schedule = optim.schedules.Cosine(config.learning_rate, steps)
    net = mnist_convnet(norm=config.norm, dropout=config.dropout)
    # it never stops the run, and goes back to the best epoch at its end
    best = train.EarlyStopping("validation_error", patience=config.epochs + 1)
    history = train.fit(
        net,
        digits.train,
        loss=nn.cross_entropy,
        optimizer=optim.Adam(config.learning_rate, lr_scheduler=schedule),
        epochs=config.epochs,
        validation=digits.validation,
        metrics=["error"],
        callbacks=[best, *callbacks],
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    measured = train.evaluate(net, digits.test, ["accuracy"], device=device)
    errors = history["validation_error"]
    return keep(
        "mnist_convnet",
        config,
        digits,
        net,
        history,
        measured["accuracy"],
        metrics={
            "best_epoch": best.best_epoch,
            "best_validation_error": min(errors),
        },
        only="features.",
    )
