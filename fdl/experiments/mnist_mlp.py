"""A network with two hidden layers on MNIST: 784-256-256-10, ReLU.

Letters: none.

Differences from the book: the outputs are linear, as its loss wants them. The
``layer`` of its listing puts a ReLU on them too, which ``output="relu"`` does.

Book: ch. 3, "Building a Multilayer Model for MNIST in TensorFlow"
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
    "mnist_mlp_uniform": {"init": "uniform"},
    # ten times the rate for a tenth of the epochs, to see the spread of seeds
    **{
        f"mnist_mlp_seed{seed}": {
            "epochs": 30,
            "learning_rate": 0.1,
            "seed": seed,
        }
        for seed in range(3)
    },
    "mnist_mlp_relu": {"epochs": 30, "learning_rate": 0.1, "output": "relu"},
}


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_mlp")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.learning_rate)
    full 300 0.01
    quick 10 0.5

    The other records change this:

    >>> VARIANTS["mnist_mlp_uniform"], VARIANTS["mnist_mlp_relu"]
    ({'init': 'uniform'}, {'epochs': 30, 'learning_rate': 0.1, 'output':
    'relu'})
    """

    epochs: int = setting(300, quick=10, least=1)
    """Passes over the training images."""
    batch_size: int = setting(100, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.01, quick=0.5, above=0)
    """Length of a step of stochastic gradient descent."""
    init: str = setting("he", choices=("he", "uniform"))
    """How the weights start: by He's rule, or uniform in [-1, 1]."""
    output: str = setting("linear", choices=("linear", "relu"))
    """What stands between the last layer and the loss."""
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
    On the command line: ``fdl train mnist_mlp``, or
    ``fdl train mnist_mlp --init uniform``.
    """
    from fdl._mxnet import mx

    digits = Digits(config, offline)
    sizes = (784, 256, 256, 10)
    net = nn.FeedForward(sizes, init=config.init, output=config.output)
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
    accuracy = measured["accuracy"]
    return keep("mnist_mlp", config, digits, net, history, accuracy)
