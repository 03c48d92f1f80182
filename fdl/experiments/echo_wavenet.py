"""A WaveNet on signals with a late echo, against a stack without dilation.

Both networks are the same but for their dilations, so they have equally many
parameters and cost the same. One sees 64 steps back, the other 7; the echo
comes after 40. A linear prediction from the last 64 values says how much of
the echo can be had without bending.

Letters: none.

Differences from the paper: the signal is made up and the loss is the squared
error, so that the best possible one is known: the variance of the noise.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.data.signals import echoes
from fdl.errors import must
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record
from fdl.scratch._checks import whole

__all__ = ["DATA", "VARIANTS", "Config", "linear_error", "run"]

DATA: tuple[str, ...] = ()  # the signals are made up
VARIANTS: dict[str, dict[str, Any]] = {}
NOISE = 0.1


@dataclass(frozen=True)
class Config:
    """Our settings; the paper's networks are a thousand times larger.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("echo_wavenet")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.seeds)
    full 40 3
    quick 20 1

    What the first value looks back on must be shorter than a signal:

    >>> configure("echo_wavenet", layers=9, steps=500)
    Traceback (most recent call last):
    ...
    ValueError: `layers` (=9) must be few enough to see less than 499 steps.
    """

    epochs: int = setting(40, quick=20, least=1)
    """Passes over the signals."""
    batch_size: int = setting(5, least=1)
    """Signals in a step."""
    learning_rate: float = setting(0.003, above=0)
    """Adam's ε."""
    signals: int = setting(60, least=1)
    """Signals to learn from; a third as many test."""
    steps: int = setting(500, least=100)
    """Length of each."""
    layers: int = setting(6, least=1)
    """Layers of each network; dilations double, or stay 1."""
    channels: int = setting(8, least=1)
    """Channels inside."""
    delay: int = setting(40, least=1)
    """When the echo comes."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to train: with seed, seed + 1, …"""
    seed: int = setting(0, least=0)
    """Decides the signals, the weights and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)
        # what the first value that is judged looks back on
        if 2**self.layers >= self.steps - 1:
            rule = f"be few enough to see less than {self.steps - 1} steps"
            raise must("layers", self.layers, rule)


def linear_error(x: onp.ndarray, unseen: onp.ndarray, window: int) -> float:
    """Return the squared error of the best linear prediction on new signals.

    Parameters
    ----------
    x, unseen : arrays `(N, T)`
        Signals to fit to, signals to test on.
    window : int
        From how many values before it each value is predicted.

    Examples
    --------
    A sine's value follows from the two before it, not from one:

    >>> x = onp.sin(onp.arange(100) / 5)[None]
    >>> linear_error(x, x, window=2) < 1e-20 < linear_error(x, x, window=1)
    True
    """
    whole("window", window)

    def rows(signals: onp.ndarray) -> onp.ndarray:
        view = onp.lib.stride_tricks.sliding_window_view
        return view(signals, window + 1, axis=1).reshape(-1, window + 1)

    fitted, new = rows(x), rows(unseen)
    w = onp.linalg.lstsq(fitted[:, :-1], fitted[:, -1], rcond=None)[0]
    return float(((new[:, :-1] @ w - new[:, -1]) ** 2).mean())


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train both networks, once for each seed, and test on new signals.

    The record's metrics hold ``dilated_error`` and ``plain_error``, means
    over the seeds, ``linear_error`` and the ``floor``, and ``parameters``,
    ``dilated_sees``, ``plain_sees``; its curves ``NAME_errors``, one for each
    seed, and ``NAME_loss_SEED``, epoch by epoch.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Without meaning here, as nothing is loaded.

    Examples
    --------
    Signals enough to try it:

    >>> from fdl.experiments import configure
    >>> small = {"epochs": 1, "signals": 6, "steps": 100, "layers": 3}
    >>> record = run(configure("echo_wavenet", delay=6, **small))
    >>> record.metrics["dilated_sees"], record.metrics["plain_sees"]
    (8, 4)
    """
    from fdl import optim

    dilations = {
        "dilated": [2**layer for layer in range(config.layers)],
        "plain": [1] * config.layers,
    }
    window = 2**config.layers  # what the dilated network sees
    metrics: dict[str, float] = {"floor": NOISE**2}
    curves: dict[str, list[float]] = {}
    linear, seconds = [], 0.0

    def loss(prediction: Any, target: Any) -> Any:
        # the first predictions could not see far enough
        error = (prediction - target)[:, 0, window:]
        return (error**2).mean(axis=1)

    for seed in range(config.seed, config.seed + config.seeds):
        known, unseen = (
            echoes(
                count,
                config.steps,
                [seed, part],
                delay=config.delay,
                noise=NOISE,
            )
            for part, count in enumerate(
                (config.signals, max(1, config.signals // 3))
            )
        )
        linear.append(linear_error(known, unseen, window))
        for name, steps in dilations.items():
            net = nn.WaveNet(
                channels=config.channels,
                skips=2 * config.channels,
                dilations=steps,
            )
            history = train.fit(
                net,
                _next(known, config.batch_size, seed),
                loss=loss,
                optimizer=optim.Adam(config.learning_rate),
                epochs=config.epochs,
                callbacks=callbacks,
                checkpoint=checkpoint and Path(checkpoint) / f"{name}-{seed}",
                resume=resume,
                device=device,
                seed=seed,
            )
            seconds += history.seconds
            tested = train.evaluate(
                net, _next(unseen, 20), (), device=device, loss=loss
            )
            curves.setdefault(f"{name}_errors", []).append(tested["loss"])
            curves[f"{name}_loss_{seed}"] = list(history["loss"])
            found = nn.summarize(net, (1, config.steps))
            metrics["parameters"] = found.parameters
            for field in found.fields or ():
                metrics[f"{name}_sees"] = field.size
    metrics["linear_error"] = float(onp.mean(linear))
    for name in dilations:
        metrics[f"{name}_error"] = float(onp.mean(curves[f"{name}_errors"]))
    return compared(
        "echo_wavenet",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
    )


def _next(
    signals: onp.ndarray, batch_size: int, seed: Optional[int] = None
) -> data.Minibatches:
    """Return signals, and as targets the same a step later."""
    return data.Minibatches(
        signals[:, None, :-1],
        signals[:, None, 1:],
        batch_size,
        shuffle=seed is not None,
        seed=seed or 0,
    )
