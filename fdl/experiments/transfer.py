"""Transfer: what was learned on one task, used on another.

A small convolutional network learns to read the digits 0 to 4, or to tell ten
kinds of clothes. Then its layers begin a network for the digits 5 to 9, of
which a few are labelled: all but the last, and are trained on ("tuned"); its
convolutions, and stay as they are ("frozen"); or all but the last, and stay as
they are ("frozen_all"). Beside them stand a network that begins at random, and
one whose convolutions are random and stay so.

Letters: none.

Differences from the lectures: they only draw the idea.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.experiments.subsets import by_shots, few, of_classes
from fdl.records import Record

__all__ = ["DATA", "SHOTS", "VARIANTS", "WAYS", "Config", "run", "take_over"]

DATA = ("mnist", "fashion-mnist")
VARIANTS: dict[str, dict[str, Any]] = {
    "transfer_fashion": {"source": "fashion"}
}
CONVOLUTIONS, ALL = ("features",), ("features", "classifier")


class Way(NamedTuple):
    """How a network for the second task begins."""

    taken: tuple[str, ...]
    """The parts that come from another network; the rest is random."""
    trained: bool = True
    """Whether that other network has learned the first task."""
    frozen: bool = False
    """Whether these parts stay as they are."""


WAYS = {
    "random": Way(()),
    "tuned": Way(ALL),
    "frozen": Way(CONVOLUTIONS, frozen=True),
    "frozen_all": Way(ALL, frozen=True),
    "frozen_random": Way(CONVOLUTIONS, trained=False, frozen=True),
}
"""What each way takes over, and what of that stays as it is."""
SHOTS = (1, 5, 20, 100)
"""Labelled digits of each class."""


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("transfer")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.images, c.epochs, c.sizes)
    full 10000 3 4
    quick 5000 2 3

    What is learned first, and with how many labels it goes on:

    >>> quick.source, SHOTS[: quick.sizes]
    ('digits', (1, 5, 20))
    >>> configure("transfer", source="clothes")
    Traceback (most recent call last):
    ...
    ValueError: `source` (='clothes') must be "digits" or "fashion".
    """

    source: str = setting("digits", choices=("digits", "fashion"))
    """What is learned first: the digits 0 to 4, or Fashion-MNIST's classes."""
    images: int = setting(10_000, quick=5000, least=100)
    """Pictures of the first task."""
    epochs: int = setting(3, quick=2, least=1)
    """Passes over them."""
    sizes: int = setting(4, quick=3, least=1)
    """How many numbers of labels to try: 1, 5, 20, 100 of each class."""
    steps: int = setting(200, quick=100, least=1)
    """Steps of the second task."""
    batch_size: int = setting(50, least=1)
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


def take_over(
    net: Any, other: Any, parts: Sequence[str], *, freeze: bool = False
) -> None:
    """Give a network some layers of another.

    Parameters
    ----------
    net, other : HybridBlock
        Of the same layers there.
    parts : sequence of str
        Names of blocks, ``["features"]``.
    freeze : bool
        Whether training is to leave them alone.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> from fdl.vision import ConvNet
    >>> net, other = (
    ...     ConvNet((1, 28, 28), (8,), (16,), classes) for classes in (5, 10)
    ... )
    >>> other.initialize()
    >>> take_over(net, other, ["features"], freeze=True)
    >>> x = np.ones((2, 1, 28, 28))
    >>> bool((net.features(x) == other.features(x)).all())
    True
    >>> {p.grad_req for p in net.features.collect_params().values()}
    {'null'}
    """
    for name in parts:
        part = getattr(net, name)
        nn.set_parameters(part, nn.get_parameters(getattr(other, name)))
        if freeze:
            for parameter in part.collect_params().values():
                parameter.grad_req = "null"


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Learn the first task, then the second in each of ``WAYS``.

    The record's curves hold ``shots``, and for each of ``WAYS`` its
    ``NAME_error``, means over the seeds of the error on the test digits 5 to
    9, one for each number of labels, and ``NAME_spread``, their standard
    deviations. The metrics hold the same as ``NAME_error_SHOTS``, and the
    ``source_error`` on the first task's own test pictures.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit` for the first task; the second,
        which takes seconds, is done again.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train transfer``, or ``fdl train transfer
    --source fashion``.
    """
    from fdl import optim
    from fdl.vision import ConvNet

    def network(classes: int) -> Any:
        return ConvNet((1, 28, 28), (8, 16), (64,), classes)

    first, first_test = _first_task(config, offline)
    known, unseen = (
        of_classes(data.load("mnist", split, offline=offline), range(5, 10))
        for split in ("train", "test")
    )
    x_test = unseen.planes()
    shots = SHOTS[: config.sizes]
    errors: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    source_errors, seconds = [], 0.0
    for seed in range(config.seed, config.seed + config.seeds):
        teacher = network(len(first.classes))
        history = train.fit(
            teacher,
            _batches(first, config.batch_size, seed),
            loss=nn.cross_entropy,
            optimizer=optim.Adam(config.learning_rate),
            epochs=config.epochs,
            callbacks=callbacks,
            checkpoint=checkpoint and Path(checkpoint) / f"first-{seed}",
            resume=resume,
            device=device,
            seed=seed,
        )
        seconds += history.seconds
        source_errors.append(
            _error(teacher, first_test.planes(), first_test.labels)
        )
        stranger = network(5)
        stranger.initialize()
        for name, way in WAYS.items():
            errors[name].append([])
            for each in shots:
                net = network(5)
                take_over(
                    net,
                    teacher if way.trained else stranger,
                    way.taken,
                    freeze=way.frozen,
                )
                batches = _batches(
                    few(known, each, seed), config.batch_size, seed
                )
                history = train.fit(
                    net,
                    batches,
                    loss=nn.cross_entropy,
                    optimizer=optim.Adam(config.learning_rate),
                    epochs=-(-config.steps // len(batches)),
                    device=device,
                    seed=seed,
                )
                seconds += history.seconds
                errors[name][-1].append(_error(net, x_test, unseen.labels))
    curves, metrics = by_shots(shots, errors)
    metrics["source_error"] = float(onp.mean(source_errors))
    return compared(
        "transfer",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
        sources={known.source, first.source},
    )


def _first_task(config: Config, offline: bool) -> tuple[Any, Any]:
    """Return what the first network trains on, and its test pictures."""
    name = "mnist" if config.source == "digits" else "fashion-mnist"
    images, test = (
        data.load(name, split, offline=offline) for split in ("train", "test")
    )
    if config.source == "digits":
        images, test = (of_classes(part, range(5)) for part in (images, test))
    return images.take(min(config.images, len(images))), test


def _batches(
    images: data.Images, batch_size: int, seed: int
) -> data.Minibatches:
    return data.Minibatches(
        images.planes(), images.labels, batch_size, seed=seed
    )


def _error(net: Any, x: onp.ndarray, labels: onp.ndarray) -> float:
    return float((train.predict(net, x).argmax(axis=1) != labels).mean())
