"""Deep stacks of dense layers on MNIST: plain, residual, highway.

The three differ in one line. With a way for the signal around each layer, a
stack of fifty learns what a plain one of fifty does not.

Letters: ``a`` activities of a layer, ``L`` layers.

Differences from the lecture: the weights of a residual layer start smaller by
√L. Begun by He's rule, each of them at least doubles the mean square of what
it is given, and 2⁵⁰ is 10¹⁵; the paper normalizes instead.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.errors import must
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "WAYS", "Config", "run", "stack"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {}
WAYS = ("plain", "residual", "highway")
"""The layers of which the networks are made."""


@dataclass(frozen=True)
class Config:
    """Our settings; the lecture gives the layers only.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_depth")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.layers, c.images, c.epochs)
    full 50 20000 3
    quick 30 10000 1

    What the networks are made of:

    >>> WAYS
    ('plain', 'residual', 'highway')
    """

    layers: int = setting(50, quick=30, least=1)
    """L, not counting the first layer and the output."""
    units: int = setting(50, least=1)
    """Units of each."""
    carry: float = setting(4.0)
    """The first bias of a highway layer's gate: it carries 98 %."""
    images: int = setting(20_000, quick=10_000, least=100)
    """Digits to learn from."""
    epochs: int = setting(3, quick=1, least=1)
    """Passes over them."""
    batch_size: int = setting(100, least=1)
    """Digits in a step."""
    learning_rate: float = setting(0.001, above=0)
    """Adam's ε."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to train: with seed, seed + 1, …"""
    seed: int = setting(0, least=0)
    """Decides the weights and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def stack(way: str, layers: int, units: int = 50, carry: float = 4.0) -> Any:
    """Return a network for digits, L layers deep in its middle.

    Parameters
    ----------
    way : {"plain", "residual", "highway"}
        What the layers in the middle are.
    layers : int
        L.
    units : int
        Of each layer.
    carry : float
        See :class:`fdl.nn.Highway`.

    Examples
    --------
    A highway layer has a gate beside each unit, and so twice the parameters:

    >>> for way in WAYS:
    ...     found = nn.summarize(stack(way, layers=20), (784,))
    ...     print(way, found.depth, found.parameters - 784 * 50 - 50 - 510)
    plain 22 51000
    residual 22 51000
    highway 22 102000
    """
    if way not in WAYS:
        raise must("way", way, f"be one of {', '.join(WAYS)}")
    from fdl._mxnet import gluon

    dense = gluon.nn.Dense
    net = gluon.nn.HybridSequential()
    net.add(
        dense(
            units, in_units=784, activation="relu", weight_initializer=nn.He()
        )
    )
    for _ in range(layers):
        if way == "highway":
            net.add(nn.Highway(units, carry=carry))
        elif way == "residual":
            net.add(nn.DeepLayer(units, residual=True, power=2 / layers))
        else:
            net.add(nn.DeepLayer(units, residual=False))
    net.add(dense(10, in_units=units, weight_initializer=nn.He()))
    return net


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train each stack, once for each seed.

    The record's metrics hold ``NAME_test_error`` and ``NAME_parameters``; its
    curves ``NAME_errors``, one test error for each seed, and
    ``NAME_loss``, the mean of the seeds' losses, epoch by epoch.

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
    On the command line: ``fdl train mnist_depth``, or ``fdl train
    mnist_depth --layers 50``.
    """
    from fdl import optim

    images, test = (
        data.load("mnist", split, offline=offline)
        for split in ("train", "test")
    )
    images = images.take(min(config.images, len(images)))
    x, x_test = images.flat(), test.flat()
    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    seconds = 0.0
    for way in WAYS:
        losses, errors = [], []
        for seed in range(config.seed, config.seed + config.seeds):
            net = stack(way, config.layers, config.units, config.carry)
            history = train.fit(
                net,
                data.Minibatches(
                    x, images.labels, config.batch_size, seed=seed
                ),
                loss=nn.cross_entropy,
                optimizer=optim.Adam(config.learning_rate),
                epochs=config.epochs,
                callbacks=callbacks,
                checkpoint=checkpoint and Path(checkpoint) / f"{way}-{seed}",
                resume=resume,
                device=device,
                seed=seed,
            )
            seconds += history.seconds
            losses.append(list(history["loss"]))
            wrong = train.predict(net, x_test).argmax(1) != test.labels
            errors.append(float(wrong.mean()))
        curves[f"{way}_errors"] = errors
        curves[f"{way}_loss"] = onp.mean(losses, axis=0).tolist()
        metrics[f"{way}_test_error"] = float(onp.mean(errors))
        found = nn.summarize(net, (784,))
        metrics[f"{way}_parameters"] = found.parameters
        metrics[f"{way}_depth"] = found.depth
    return compared(
        "mnist_depth",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
        sources=[images.source],
    )
