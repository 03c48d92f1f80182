"""Greedy pre-training without labels, then fine-tuning with a few.

Each layer first learns, as the middle of a small autoencoder, to restore the
outputs of the layer below from damaged copies; no label is needed for that.
The layers are stacked, a last one is put on top, and all of it is trained on a
few labelled digits. Beside it stand the same network from a random start, and
a linear classifier on the codes (and on the pixels) of the same few digits.

Letters: none.

Differences from the lectures: they only name the protocol; the classifier on
the codes is a ridge regression and not a support vector machine.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

import dataclasses
import time
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

__all__ = [
    "DATA",
    "SHOTS",
    "VARIANTS",
    "Config",
    "fine_tune",
    "greedy",
    "network",
    "ridge",
    "run",
]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {
    "pretraining_he": {"init": "he"},
    "pretraining_relu": {"init": "he", "activation": "relu"},
}
SIZES = (784, 256, 128, 64, 64)
SHOTS = (5, 20, 100)
"""Labelled digits of each class."""
WAYS = ("random", "tuned", "codes", "pixels")


@dataclass(frozen=True)
class Config:
    """Our settings: those of the years in which it was invented.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("pretraining")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.images, c.epochs, c.sizes, c.seeds)
    full 10000 12 3 3
    quick 6000 2 2 1

    What came after those years:

    >>> VARIANTS["pretraining_relu"]
    {'init': 'he', 'activation': 'relu'}
    """

    activation: str = setting("sigmoid", choices=("sigmoid", "relu"))
    """The units."""
    init: str = setting("uniform", choices=("uniform", "he"))
    """How weights start: uniform in ±1/√n, the habit of that time, or by He's
    rule."""
    images: int = setting(10_000, quick=6000, least=100)
    """Digits without labels."""
    epochs: int = setting(12, quick=2, least=1)
    """Passes over them, for each layer."""
    damage: float = setting(0.3, least=0, below=1)
    """Share of the values that an autoencoder has to restore."""
    sizes: int = setting(3, quick=2, least=1)
    """How many numbers of labels to try: 5, 20, 100 of each class."""
    steps: int = setting(400, quick=300, least=1)
    """Steps of the training with labels."""
    batch_size: int = setting(50, least=1)
    """Digits in a step."""
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


def network(config: Config, sizes: Sequence[int]) -> Any:
    """Return dense layers, a nonlinearity behind each but the last.

    Examples
    --------
    >>> net = network(Config(), (4, 3, 2))
    >>> [(layer.weight.shape, layer.act is not None) for layer in net]
    [((3, 4), True), ((2, 3), False)]
    """
    from fdl._mxnet import gluon, mx

    start = nn.He()
    if config.init == "uniform":
        # ±√(1 / n_in)
        start = mx.init.Xavier("uniform", "in", magnitude=1)
    net = gluon.nn.HybridSequential()
    for n_in, n_out in zip(sizes, sizes[1:]):
        kind = None if len(net) == len(sizes) - 2 else config.activation
        net.add(
            gluon.nn.Dense(
                n_out,
                in_units=n_in,
                activation=kind,
                weight_initializer=start,
            )
        )
    return net


def greedy(x: onp.ndarray, config: Config, **options: Any) -> list[Any]:
    """Return layers that were trained one after the other, without labels.

    Parameters
    ----------
    x : array `(N, n_0)`
        Inputs.
    config, options
        The settings, and what is handed on to :func:`fdl.train.fit`.

    Examples
    --------
    Each layer of 784-256-128-64-64, fitted to what the one below makes of it:

    >>> x = onp.random.default_rng(0).random((50, 784), "float32")
    >>> layers = greedy(x, Config(epochs=1), seed=0)
    >>> [layer.weight.shape for layer in layers]
    [(256, 784), (128, 256), (64, 128), (64, 64)]
    """
    from fdl import optim
    from fdl._mxnet import gluon

    layers, h = [], x
    for n_in, n_out in zip(SIZES, SIZES[1:]):
        pair = network(config, (n_in, n_out, n_in))  # there, and back
        code = pair[0]
        restorer = gluon.nn.HybridSequential()
        restorer.add(gluon.nn.Dropout(config.damage), pair)
        train.fit(
            restorer,
            data.Minibatches(h, h, config.batch_size, seed=config.seed),
            loss=lambda y, target: ((y - target) ** 2).sum(axis=1),
            optimizer=optim.Adam(config.learning_rate / 2),
            epochs=config.epochs,
            **options,
        )
        layers.append(code)
        h = train.predict(code, h)
    return layers


def fine_tune(
    layers: Sequence[Any],
    labelled: data.Images,
    config: Config,
    **options: Any,
) -> Any:
    """Return a network trained on few labels, its lowest layers not anew.

    Parameters
    ----------
    layers : sequence of block
        The lowest ones, as they were trained; the others begin at random.
    labelled : Images
        The few digits.
    config, options
        As for :func:`greedy`.

    Examples
    --------
    Two digits, whose labels are soon known by heart:

    >>> pixels = onp.zeros((2, 28, 28), "uint8")
    >>> pixels[1] = 255
    >>> some = data.Images(pixels, onp.array([3, 7]), tuple("0123456789"))
    >>> config = Config(steps=20, init="he", activation="relu")
    >>> net = fine_tune((), some, config)
    >>> train.predict(net, some.flat()).argmax(axis=1)
    array([3, 7])
    """
    from fdl import optim
    from fdl._mxnet import mx

    mx.random.seed(config.seed)
    net = network(config, (*SIZES, 10))
    for layer, trained in zip(net, layers):
        nn.set_parameters(layer, nn.get_parameters(trained))
    batches = data.Minibatches(
        labelled.flat(), labelled.labels, config.batch_size, seed=config.seed
    )
    train.fit(
        net,
        batches,
        loss=nn.cross_entropy,
        optimizer=optim.Adam(config.learning_rate),
        epochs=-(-config.steps // len(batches)),
        seed=config.seed,
        **options,
    )
    return net


def ridge(x: onp.ndarray, labels: onp.ndarray, penalty: float = 1.0) -> Any:
    """Return a linear classifier: scores `(N, K)` of x `(N, n)`.

    ::

        W = argmin ‖X W − T‖² / N + penalty ‖W‖²      T one-hot

    Parameters
    ----------
    x : array `(N, n)`
        Features; they are centred and divided by their deviation, one number.
    labels : array `(N,)`
        From 0 up.
    penalty : float
        How much large weights cost.

    Examples
    --------
    >>> x = onp.array([[0.0], [1.0], [9.0], [10.0]])
    >>> classify = ridge(x, onp.array([0, 0, 1, 1]), penalty=0.01)
    >>> classify(onp.array([[2.0], [7.0]])).argmax(axis=1)
    array([0, 1])
    """
    mean = x.mean(axis=0)
    size = (x - mean).std() + 1e-9

    def features(x: onp.ndarray) -> onp.ndarray:
        z = (x - mean) / size
        return onp.hstack([z, onp.ones((len(z), 1))])

    X, T = features(x), onp.eye(labels.max() + 1)[labels]
    # (XᵀX / N + penalty I) W = XᵀT / N
    inner = onp.dot(X.T, X) / len(X) + penalty * onp.eye(X.shape[1])
    W = onp.linalg.solve(inner, onp.dot(X.T, T) / len(X))
    return lambda new: onp.dot(features(new), W)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Pre-train, then learn from few labels in all four ways.

    The record's curves hold ``shots``, and for each of "random", "tuned",
    "codes" and "pixels" its ``NAME_error``, means over the seeds of the error
    on the test digits, one for each number of labels, and ``NAME_spread``,
    their standard deviations. The metrics hold the errors as
    ``NAME_error_SHOTS``.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, device
        Handed on to :func:`fdl.train.fit`.
    checkpoint, resume
        Without meaning here: a seed takes minutes.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train pretraining``.
    """
    known, unseen = (
        data.load("mnist", split, offline=offline)
        for split in ("train", "test")
    )
    x_test, truth = unseen.flat(), unseen.labels
    unlabelled = known.take(min(config.images, len(known))).flat()
    shots = SHOTS[: config.sizes]
    errors: dict[str, list[list[float]]] = {name: [] for name in WAYS}
    began = time.perf_counter()
    for seed in range(config.seed, config.seed + config.seeds):
        layers = greedy(
            unlabelled,
            dataclasses.replace(config, seed=seed),
            seed=seed,
            device=device,
        )
        codes = x_test
        for layer in layers:
            codes = train.predict(layer, codes)
        for rows in errors.values():
            rows.append([])
        for each in shots:
            some = few(known, each, seed)
            x = some.flat()
            for name in ("random", "tuned"):
                net = fine_tune(
                    layers if name == "tuned" else (),
                    some,
                    dataclasses.replace(config, seed=seed),
                    callbacks=callbacks,
                    device=device,
                )
                scores = train.predict(net, x_test)
                errors[name][-1].append(
                    float((scores.argmax(1) != truth).mean())
                )
            h = x
            for layer in layers:
                h = train.predict(layer, h)
            for name, here, there in (
                ("codes", h, codes),
                ("pixels", x, x_test),
            ):
                scores = ridge(here, some.labels)(there)
                errors[name][-1].append(
                    float((scores.argmax(1) != truth).mean())
                )
    curves, metrics = by_shots(shots, errors)
    return compared(
        "pretraining",
        config,
        metrics=metrics,
        curves=curves,
        seconds=time.perf_counter() - began,
        net=net,
        sources=[known.source],
    )
