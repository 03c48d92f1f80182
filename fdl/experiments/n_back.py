"""N-back: is this digit the one of three steps ago?

A network reads digits one by one, and says for each whether it has come three
steps before. So it must keep the last three in mind, in their order. A layer
of plain recurrent units and one of LSTM units learn it, from the same
sequences and at the same settings.

Letters: none.

Differences from the lecture: validation is by other sequences at every step,
and several seeds tell what is chance.

Book: ch. 7, "Long Short-Term Memory (LSTM) Units"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, profiles, train
from fdl.data.sequences import n_back
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["CELLS", "DATA", "VARIANTS", "Config", "run", "sequence_loss"]

DATA: tuple[str, ...] = ()  # the sequences are made up
VARIANTS: dict[str, dict[str, Any]] = {}
CELLS = ("rnn", "lstm")
"""The cells that are compared."""


@dataclass(frozen=True)
class Config:
    """The lecture's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("n_back")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.seeds)
    full 256 3
    quick 120 1

    One digit alone would always be the same again:

    >>> configure("n_back", k=1)
    Traceback (most recent call last):
    ...
    ValueError: `k` (=1) must be a whole number from 2 up.
    """

    epochs: int = setting(256, quick=120, least=1)
    """Steps, each on all sequences."""
    learning_rate: float = setting(0.01, above=0)
    """Adam's ε."""
    hidden: int = setting(64, least=1)
    """Units of the layer."""
    sequences: int = setting(512, least=1)
    """Sequences to learn from; as many others validate."""
    n: int = setting(3, least=1)
    """How far to look back."""
    k: int = setting(4, least=2)
    """How many different digits there are."""
    mean: float = setting(20.0, above=0)
    """Mean length of a sequence."""
    spread: float = setting(5.0, least=0)
    """Standard deviation of the lengths."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to train: with seed, seed + 1, …"""
    seed: int = setting(0, least=0)
    """Decides the sequences and the weights."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the lecture's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def sequence_loss(scores: Any, targets: Any) -> Any:
    """Return the mean cross-entropy over all real steps, one number.

    Parameters
    ----------
    scores : array `(B, T, 2)`
        Of "no" and "again".
    targets : array `(B, T, 2)`
        What is right, and 1 where a step is real.

    Examples
    --------
    Of an even choice −ln ½, whatever stands in the step that is not real:

    >>> from fdl._mxnet import np
    >>> scores = np.array([[[0.0, 0.0], [9.0, -9.0]]])
    >>> targets = np.array([[[1.0, 1.0], [1.0, 0.0]]])
    >>> sequence_loss(scores, targets).round(3)
    array(0.693)
    """
    from fdl import nn

    real = targets[:, :, 1]
    losses = nn.cross_entropy(scores, targets[:, :, 0])
    return (losses * real).sum() / real.sum()


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train both layers, once for each seed.

    The record's metrics hold ``rnn_accuracy`` and ``lstm_accuracy`` on the
    other sequences, means over the seeds, their ``NAME_least``, and
    ``never``, the accuracy of one that never says "again". The curves hold
    ``NAME_accuracies``, one for each seed, and ``NAME_loss_SEED``, step by
    step.

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
    Two steps on short sequences:

    >>> from fdl.experiments import configure
    >>> small = {"epochs": 2, "sequences": 8, "mean": 5.0, "spread": 0.0}
    >>> record = run(configure("n_back", hidden=4, **small))
    >>> sorted(record.metrics), len(record.curves["lstm_loss_0"])
    (['lstm_accuracy', 'lstm_least', 'never', 'rnn_accuracy', 'rnn_least'], 2)
    """
    from fdl import nn, optim

    cells = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell}
    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    never, seconds = [], 0.0
    for seed in range(config.seed, config.seed + config.seeds):
        (x, y), (new, wanted) = (
            _sequences(config, 2 * seed + part) for part in (0, 1)
        )
        real = wanted[:, :, 1] > 0
        never.append(float((wanted[:, :, 0] == 0)[real].mean()))
        for name in CELLS:
            net = _network(cells[name](config.hidden, inputs=config.k))
            history = train.fit(
                net,
                data.Minibatches(x, y, len(x), shuffle=False),
                loss=sequence_loss,
                optimizer=optim.Adam(config.learning_rate),
                epochs=config.epochs,
                callbacks=callbacks,
                checkpoint=checkpoint and Path(checkpoint) / f"{name}-{seed}",
                resume=resume,
                device=device,
                seed=seed,
            )
            seconds += history.seconds
            curves[f"{name}_loss_{seed}"] = list(history["loss"])
            said = train.predict(net, new, device=device).argmax(axis=-1)
            right = float((said == wanted[:, :, 0])[real].mean())
            curves.setdefault(f"{name}_accuracies", []).append(right)
    metrics["never"] = float(onp.mean(never))
    for name in CELLS:
        metrics[f"{name}_accuracy"] = float(
            onp.mean(curves[f"{name}_accuracies"])
        )
        metrics[f"{name}_least"] = min(curves[f"{name}_accuracies"])
    return compared(
        "n_back",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
    )


def _sequences(config: Config, seed: int) -> tuple[onp.ndarray, onp.ndarray]:
    """Return digits one-hot `(N, T, k)`, and targets with what is real."""
    digits, again, lengths = n_back(
        config.sequences,
        seed,
        n=config.n,
        k=config.k,
        mean=config.mean,
        spread=config.spread,
    )
    real = onp.arange(digits.shape[1]) < lengths[:, None]
    targets = onp.stack([again, real], axis=-1).astype(onp.float32)
    return onp.eye(config.k, dtype=onp.float32)[digits], targets


def _network(cell: Any) -> Any:
    from fdl import language

    return language.StepReader(cell, 2)
