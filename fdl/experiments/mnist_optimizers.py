"""All update rules on the network with two hidden layers.

First a sweep: each rule trains for a few epochs at each of several learning
rates, half a decade apart, and the rate with the lowest training cost is its
best. Then the race: each rule trains at its best rate for longer, once for
each seed. All runs of a seed start from the same weights and see the same
minibatches.

Letters: none.

Differences from the book: its script trains at one rate, and leaves Nesterov
and AdaDelta out.

Book: ch. 4, "The Philosophy Behind Optimizer Selection"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

from fdl import nn, profiles, train
from fdl.errors import TrainingDiverged
from fdl.experiments.comparison import compared
from fdl.experiments.digits import Digits
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "RULES", "VARIANTS", "Config", "run"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {}


class Rates(NamedTuple):
    """The learning rates of a rule."""

    best: float
    """The best of a full sweep, for runs without one."""
    sweep: tuple[float, ...]
    """Those of the sweep, rising."""


def _half_decades(first: int, best: float) -> Rates:
    # 1 and 3 stand for 1 and √10
    sweep = [m * 10.0**e for e in range(first, first + 4) for m in (1, 3)]
    return Rates(best, tuple(float(f"{rate:.1g}") for rate in sweep))


RULES = {
    "SGD": _half_decades(-3, 0.3),
    "Momentum": _half_decades(-4, 0.1),
    "Nesterov": _half_decades(-4, 0.1),
    "AdaGrad": _half_decades(-4, 0.03),
    "AdaDelta": _half_decades(-2, 1.0),
    "RMSProp": _half_decades(-5, 0.001),
    "Adam": _half_decades(-5, 0.003),
}
"""The rules of :mod:`fdl.optim`, with the rates that they are tried at."""


@dataclass(frozen=True)
class Config:
    """The full settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_optimizers")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.sweep, c.seeds)
    full 10 2 3
    quick 1 0 1

    The rules, and some of the rates that they are tried at:

    >>> len(RULES), RULES["SGD"].sweep[:3]
    (7, (0.001, 0.003, 0.01))
    """

    epochs: int = setting(10, quick=1, least=1)
    """Passes over the training images in the race."""
    sweep: int = setting(2, quick=0, least=0)
    """Passes at each rate of the sweep; 0 for no sweep, only the race."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to race: with seed, seed + 1, …"""
    batch_size: int = setting(100, least=1)
    """Images in a step."""
    validation: int = setting(5000, quick=40_000, least=1)
    """Training images held out (of a smaller sample, one in twelve)."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split and the order of the images."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

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
    """Sweep, then race; the test images are measured once for each racer.

    The record's curves hold, for each rule, the sweep as ``RULE_rates`` and
    ``RULE_sweep`` (training cost of the last epoch; rates at which the run
    diverged are left out), and the race as ``RULE_loss_SEED`` and
    ``RULE_validation_error_SEED``, a point an epoch. The metrics are
    ``RULE_rate`` and, as means over the seeds, ``RULE_loss`` and
    ``RULE_test_error``.

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
    On the command line: ``fdl train mnist_optimizers``.
    """
    from fdl import optim

    def fit(
        stage: str, digits: Digits, seed: int, name: str, rate: float, n: int
    ) -> Any:
        net = nn.FeedForward((784, 256, 256, 10))
        folder = f"{stage}-{name}-{rate}-{seed}"
        place = checkpoint and Path(checkpoint) / folder
        history = train.fit(
            net,
            digits.train,
            loss=nn.cross_entropy,
            optimizer=getattr(optim, name)(rate),
            epochs=n,
            validation=digits.validation,
            metrics=["error"],
            callbacks=callbacks,
            checkpoint=place,
            resume=resume,
            device=device,
            seed=seed,
        )
        return net, history

    curves: dict[str, list[float]] = {}
    metrics: dict[str, float] = {}
    seconds = 0.0
    digits = Digits(config, offline)
    for name, rates in RULES.items():
        metrics[f"{name}_rate"] = rates.best
        if not config.sweep:
            continue
        tried: dict[float, float] = {}
        for rate in rates.sweep:
            try:
                net, done = fit(
                    "sweep", digits, config.seed, name, rate, config.sweep
                )
                tried[rate] = done["loss"][-1]
                seconds += done.seconds
            except TrainingDiverged:
                continue
        if not tried:
            raise TrainingDiverged(
                f"{name} must get through the sweep at one rate at least; it "
                f"diverged at each of {', '.join(map(str, rates.sweep))}."
            )
        curves[f"{name}_rates"] = list(tried)
        curves[f"{name}_sweep"] = list(tried.values())
        metrics[f"{name}_rate"] = min(tried, key=lambda rate: tried[rate])
    for seed in range(config.seed, config.seed + config.seeds):
        digits = Digits(dataclasses.replace(config, seed=seed), offline)
        for name in RULES:
            rate = metrics[f"{name}_rate"]
            net, done = fit("race", digits, seed, name, rate, config.epochs)
            seconds += done.seconds
            for key in ("loss", "validation_error"):
                curves[f"{name}_{key}_{seed}"] = list(done[key])
            found = train.evaluate(net, digits.test, ["error"], device=device)
            for key, value in (
                ("loss", done["loss"][-1]),
                ("test_error", found["error"]),
            ):
                before = metrics.get(f"{name}_{key}", 0.0)
                metrics[f"{name}_{key}"] = before + value / config.seeds
    return compared(
        "mnist_optimizers",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
        sources=[digits.source],
    )
