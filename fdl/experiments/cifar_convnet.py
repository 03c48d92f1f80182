"""The convolutional network for CIFAR-10, with batch normalization or without.

Letters: none.

Differences from the book: the validation images are held out of the training
images; the outputs are linear, as the loss wants them. How long the book
trained is not said; over 80,000 minibatches for one of its two networks.

Book: ch. 5, "Building a Convolutional Network for CIFAR-10"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import nn, profiles, train
from fdl.experiments.cifar import Cifar
from fdl.experiments.digits import keep
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "BOOK", "Config", "run"]

DATA = ("cifar10",)
BOOK = 80_000
"""Minibatches, at the least, of the book's longer run."""
VARIANTS: dict[str, dict[str, Any]] = {
    "cifar_convnet_plain": {
        "norm": False,
        "learning_rate": 0.001,
        "dropout": 0.5,
    },
}


@dataclass(frozen=True)
class Config:
    """The book's settings, but for the length of the run.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("cifar_convnet")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.images)
    full 40 50000
    quick 2 20000

    Without normalization it wants a smaller rate:

    >>> VARIANTS["cifar_convnet_plain"]
    {'norm': False, 'learning_rate': 0.001, 'dropout': 0.5}
    """

    epochs: int = setting(40, quick=2, least=1)
    """Passes over the training images. Of 45,000, 40 passes are 14,040
    minibatches: where the book's normalized network crosses 90 %, and a sixth
    of what its other one takes."""
    batch_size: int = setting(128, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.01, above=0)
    """Adam's ε: ten times that of the network without normalization."""
    norm: bool = setting(True)
    """Whether to normalize every layer's logits over the batch."""
    dropout: float = setting(0.0, least=0, below=1)
    """Share of the dense layers' units that training leaves out."""
    images: int = setting(50_000, quick=20_000, least=100)
    """Images for training and validation."""
    validation: int = setting(5000, least=1)
    """Images of these held out (of a smaller sample, one in twelve)."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split, the order and the distortions."""
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

    The record's curve ``minibatches`` says how many each epoch's
    ``validation_error`` comes after, its metric ``share_of_book`` which part
    of the book's longer run this was.

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
    On the command line: ``fdl train cifar_convnet``, or ``fdl train
    cifar_convnet --norm false``.
    """
    from fdl import optim
    from fdl.vision import cifar_convnet

    pictures = Cifar(config, offline)
    net = cifar_convnet(norm=config.norm, dropout=config.dropout)
    history = train.fit(
        net,
        pictures.train,
        loss=nn.cross_entropy,
        optimizer=optim.Adam(config.learning_rate),
        epochs=config.epochs,
        validation=pictures.validation,
        metrics=["error"],
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    measured = train.evaluate(net, pictures.test, ["accuracy"], device=device)
    each = len(pictures.train)
    return keep(
        "cifar_convnet",
        config,
        pictures,
        net,
        history,
        measured["accuracy"],
        metrics={
            "minibatches": history.steps,
            "share_of_book": history.steps / BOOK,
        },
        curves={
            "minibatches": [each * (e + 1) for e in range(history.epochs)]
        },
    )
