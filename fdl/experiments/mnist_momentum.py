"""The momentum race: how many steps to a given cost, with and without.

The network is that of :mod:`fdl.experiments.mnist_mlp`. For each seed it is
trained twice from the same weights on the same minibatches, once by plain
gradient descent and once with momentum, until the cost has come down to a
given one. The cost of a step is the mean cost of a window of minibatches
around it, because that of a single minibatch jumps up and down.

Letters: none.

Differences from the book: its curve has one point an epoch, the cost of that
epoch's last minibatch, and its steps were read off the picture. (Runs go on
for a while after they have arrived, to show how far such a reading can be
off.) Its network
has a ReLU on the outputs, which ``output="relu"`` does.

Book: ch. 4, "Momentum-Based Optimization"
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import nn, profiles, train
from fdl.errors import must
from fdl.experiments.comparison import compared
from fdl.experiments.digits import Digits
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "arrival", "run"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {
    "mnist_momentum_relu": {"output": "relu"},
}
EVERY = 50  # steps that share a point of a recorded curve


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_momentum")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.steps, c.learning_rate, c.window, c.seeds)
    full 40000 0.01 550 3
    quick 4000 0.05 150 2

    The other record changes this:

    >>> VARIANTS
    {'mnist_momentum_relu': {'output': 'relu'}}
    """

    steps: int = setting(40_000, quick=4_000, least=1)
    """Steps after which a run that has not arrived is given up."""
    batch_size: int = setting(100, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.01, quick=0.05, above=0)
    """Length of a step, the same with and without momentum."""
    momentum: float = setting(0.9, least=0)
    """Share of the velocity that is kept."""
    cost: float = setting(0.1, above=0)
    """Where the race ends."""
    window: int = setting(550, quick=150, least=1)
    """Minibatches whose mean is the cost of the step in their middle."""
    seeds: int = setting(3, quick=2, least=1)
    """How often to race: with seed, seed + 1, …"""
    after: int = setting(10_000, quick=0, least=0)
    """Steps that a run goes on after it has arrived, to show its noise."""
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


def arrival(costs: Sequence[float], cost: float, window: int) -> Optional[int]:
    """Return the step at which a noisy curve has come down to a cost.

    It is the middle of the first `window` steps in a row whose mean is below
    `cost`, or None if there are none.

    Parameters
    ----------
    costs : sequence of float
        The cost of the minibatch of step 1, 2, …
    cost : float
        The one to reach.
    window : int
        How many minibatches to average, from 1 up.

    Examples
    --------
    >>> arrival([5.0, 3.0, 1.0, 2.0, 0.0, 0.0], cost=2.0, window=3)
    4
    >>> arrival([5.0, 3.0], cost=2.0, window=1) is None
    True
    """
    if window < 1:
        raise must("window", window, "be at least 1")
    sums = onp.cumsum([0.0, *costs])
    means = (sums[window:] - sums[:-window]) / window
    below = onp.flatnonzero(means < cost)
    return int(below[0]) + (window + 1) // 2 if below.size else None


class _Finish:
    """Ends a run some time after it has arrived, or when its time is over."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def on_batch_end(self, run: Any) -> None:
        c = self.config
        if run.step >= c.steps:
            run.stop(f"{c.steps} steps are over")
        elif run.step % EVERY == 0:
            before = run.history.batch_loss[: max(0, run.step - c.after)]
            if arrival(before, c.cost, c.window):
                run.stop(f"the cost is below {c.cost}")


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Race, once for each seed.

    The record's curves hold, for each racer, ``NAME_steps`` and
    ``NAME_arrived`` (one entry a seed; the steps of a run that did not arrive
    are all it took), and two views of the cost: ``NAME_cost_SEED``, each point
    the mean of 50 minibatches, and ``NAME_last_SEED``, each point the last
    minibatch of an epoch, as in the book's picture.

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
    On the command line: ``fdl train mnist_momentum``.
    """
    from fdl import optim

    rate = config.learning_rate
    racers = {
        "plain": optim.SGD(rate),
        "momentum": optim.Momentum(rate, momentum=config.momentum),
    }
    curves: dict[str, list[float]] = {}
    for name in racers:
        curves[f"{name}_steps"], curves[f"{name}_arrived"] = [], []
    seconds = 0.0
    for seed in range(config.seed, config.seed + config.seeds):
        digits = Digits(dataclasses.replace(config, seed=seed), offline)
        for name, rule in racers.items():
            net = nn.FeedForward((784, 256, 256, 10), output=config.output)
            place = checkpoint and Path(checkpoint) / f"{name}-{seed}"
            history = train.fit(
                net,
                digits.train,
                loss=nn.cross_entropy,
                optimizer=rule,
                epochs=-(-config.steps // len(digits.train)),
                callbacks=[*callbacks, _Finish(config)],
                checkpoint=place,
                resume=resume,
                device=device,
                seed=seed,
            )
            seconds += history.seconds
            costs = history.batch_loss
            step = arrival(costs, config.cost, config.window)
            curves[f"{name}_steps"].append(step or len(costs))
            curves[f"{name}_arrived"].append(int(step is not None))
            curves[f"{name}_cost_{seed}"] = [
                sum(costs[i : i + EVERY]) / EVERY
                for i in range(0, len(costs) - EVERY + 1, EVERY)
            ]
            epoch = len(digits.train)
            curves[f"{name}_last_{seed}"] = list(costs[epoch - 1 :: epoch])
    return compared(
        "mnist_momentum",
        config,
        metrics=_metrics(curves),
        curves=curves,
        seconds=seconds,
        net=net,
        sources=[digits.source],
    )


def _metrics(curves: dict[str, list[float]]) -> dict[str, float]:
    """Return how many arrived, and where all did, after how many steps."""
    found: dict[str, float] = {}
    for name in ("plain", "momentum"):
        arrived = curves[f"{name}_arrived"]
        found[f"{name}_arrived"] = int(sum(arrived))
        if all(arrived):
            steps = curves[f"{name}_steps"]
            found[f"{name}_steps"] = sum(steps) / len(steps)
    if "plain_steps" in found and "momentum_steps" in found:
        found["ratio"] = found["plain_steps"] / found["momentum_steps"]
    return found
