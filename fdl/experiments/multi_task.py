"""Two heads on one body: which digit, and is it odd?

Few pictures are labelled with their digit, many with its parity alone. One
network learns both at once, from all pictures: its body is trained by the
cheap labels as well. Beside it stand a network for each task alone, and one
with two heads that sees only the pictures with both labels.

Letters: none.

Differences from the lectures: they only give the sum of the losses.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.experiments.subsets import by_shots, few
from fdl.records import Record

__all__ = ["DATA", "SHOTS", "VARIANTS", "WAYS", "Config", "run", "two_heads"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {}
SHOTS = (5, 20, 100)
"""Labelled digits of each class."""
WAYS = {
    "digit": (1, 0, False),
    "parity": (0, 1, True),
    "both_few": (1, 1, False),
    "both": (1, 1, True),
}
"""The weights of the two losses, and whether all pictures are used."""


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("multi_task")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.images, c.sizes, c.steps)
    full 10000 3 400
    quick 4000 2 100

    As many labels as there are:

    >>> SHOTS[: Config().sizes], SHOTS[: quick.sizes]
    ((5, 20, 100), (5, 20))
    """

    images: int = setting(10_000, quick=4000, least=100)
    """Pictures of which the parity is known."""
    sizes: int = setting(3, quick=2, least=1)
    """How many numbers of labelled digits to try: 5, 20, 100 of each class."""
    steps: int = setting(400, quick=100, least=1)
    """Steps of each training."""
    batch_size: int = setting(100, least=1)
    """Pictures in a step."""
    learning_rate: float = setting(0.002, above=0)
    """Adam's ε."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to do it all: with seed, seed + 1, …"""
    seed: int = setting(0, least=0)
    """Decides the weights, the labelled digits and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def two_heads() -> Any:
    """Return two convolutions and a dense layer with two heads on them.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = two_heads()
    >>> net.initialize()
    >>> [scores.shape for scores in net(np.zeros((5, 1, 28, 28)))]
    [(5, 10), (5, 2)]
    """
    from fdl._mxnet import gluon

    layers, start = gluon.nn, {"weight_initializer": nn.He()}
    body = layers.HybridSequential()
    body.add(
        nn.ConvNorm(1, 8, 5, norm=False),
        layers.MaxPool2D(2),
        nn.ConvNorm(8, 16, 5, norm=False),
        layers.MaxPool2D(2),
        layers.Dense(64, in_units=784, activation="relu", **start),
    )
    heads = {"digit": 10, "parity": 2}
    return nn.Heads(
        body,
        {
            task: layers.Dense(outputs, in_units=64, **start)
            for task, outputs in heads.items()
        },
    )


def digit_loss(scores: Any, targets: Any) -> Any:
    """Return the cross-entropy where the digit is known, 0 elsewhere.

    Parameters
    ----------
    scores : array `(B, 10)`
        Of the digits.
    targets : array `(B, 3)`
        Digit, parity, and 1 where the digit is known.
    """
    return nn.cross_entropy(scores, targets[:, 0]) * targets[:, 2]


def parity_loss(scores: Any, targets: Any) -> Any:
    """Return the cross-entropy of the parity, for `targets` as above."""
    return nn.cross_entropy(scores, targets[:, 1])


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train all four ways with each number of labels.

    The record's curves hold ``shots``, and for each of ``WAYS`` its
    ``NAME_digit_error`` and ``NAME_parity_error``, means over the seeds of
    the errors on the test digits, one for each number of labels (those of a
    head that nobody trained are left out), and ``NAME_digit_spread``, their
    standard deviations. The metrics hold the errors as
    ``NAME_TASK_error_SHOTS``.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, device
        Handed on to :func:`fdl.train.fit`.
    checkpoint, resume
        Without meaning here: a network takes seconds.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train multi_task``.
    """
    from fdl import optim

    known, unseen = (
        data.load("mnist", split, offline=offline)
        for split in ("train", "test")
    )
    x_test = unseen.planes()
    truth = {"digit": unseen.labels, "parity": unseen.labels % 2}
    many = known.take(min(config.images, len(known)))
    shots = SHOTS[: config.sizes]
    errors: dict[str, list[list[float]]] = {}
    seconds = 0.0
    for seed in range(config.seed, config.seed + config.seeds):
        for name, (digit, parity, use_all) in WAYS.items():
            rows: dict[str, list[float]] = {}
            for each in shots:
                some = few(known, each, seed)
                x, targets = some.planes(), _targets(some, 1)
                if use_all:
                    # half of the pictures of a batch have both labels
                    again = -(-len(many) // len(some))
                    x = onp.concatenate([*[x] * again, many.planes()])
                    targets = onp.vstack(
                        [*[targets] * again, _targets(many, 0)]
                    )
                net = two_heads()
                batches = data.Minibatches(
                    x, targets, config.batch_size, seed=seed
                )
                history = train.fit(
                    net,
                    batches,
                    loss=nn.additive_loss(
                        [digit_loss, parity_loss], [digit, parity]
                    ),
                    optimizer=optim.Adam(config.learning_rate),
                    epochs=-(-config.steps // len(batches)),
                    callbacks=callbacks,
                    device=device,
                    seed=seed,
                )
                seconds += history.seconds
                outputs = train.predict(net, x_test)
                for task, weight, scores in zip(
                    truth, (digit, parity), outputs
                ):
                    if weight:
                        wrong = scores.argmax(axis=1) != truth[task]
                        rows.setdefault(task, []).append(float(wrong.mean()))
            for task, row in rows.items():
                errors.setdefault(f"{name}_{task}", []).append(row)
    curves, metrics = by_shots(shots, errors)
    return compared(
        "multi_task",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
        sources=[known.source],
    )


def _targets(images: data.Images, known: int) -> onp.ndarray:
    """Return digit (0 if it is not to be known), parity, and `known`."""
    digits = images.labels
    return onp.stack(
        [digits * known, digits % 2, onp.full_like(digits, known)], axis=1
    ).astype(onp.float32)
