"""A modulation of two bits, learned on a noisy channel, against QPSK.

Letters: none.

Differences from the lectures: they only name it; the settings are ours.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import nn, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "run"]

DATA = ()
VARIANTS: dict[str, dict[str, Any]] = {}
DECIBELS = tuple(range(9))  # where errors are counted


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("awgn_channel")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.words)
    full 20 5000000
    quick 6 200000

    Too few words to count errors in are refused:

    >>> configure("awgn_channel", words=10)
    Traceback (most recent call last):
    ...
    ValueError: `words` (=10) must be a whole number from 1000 up.
    """

    bits: int = setting(2, least=1)
    """Bits in a word."""
    uses: int = setting(2, least=1)
    """Numbers that are sent for it."""
    decibels: float = setting(4.0)
    """Eb/N₀ while training."""
    epochs: int = setting(20, quick=6, least=1)
    """Hundreds of minibatches."""
    batch_size: int = setting(500, least=1)
    """Words in a step."""
    learning_rate: float = setting(0.005, above=0)
    """Adam's ε at the start; it falls to zero on half a cosine."""
    words: int = setting(5_000_000, quick=200_000, least=1000)
    """Words that are sent to count errors, at each Eb/N₀."""
    seed: int = setting(0, least=0)
    """Decides the weights, the words and the noise."""
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
    """Train at one Eb/N₀, and count errors at many.

    The curves hold ``decibels``, ``rate``, the ends ``low`` and ``high`` of
    its 95 % interval, and ``theory``, QPSK's. The metric ``worst_ratio`` is
    the largest of rate / theory, ``least_ratio`` the smallest. The array
    ``points`` holds what is sent for each word, in the order of their
    numbers.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Without meaning: there are no data.

    Examples
    --------
    Words enough to try it, and not to say how well it does:

    >>> from fdl.experiments import configure
    >>> record = run(configure("awgn_channel", epochs=1, words=1000))
    >>> record.arrays["points"].shape  # for 2 bits, of 2 numbers each
    (4, 2)
    >>> len(record.curves["rate"]) == len(record.curves["decibels"])
    True
    """
    from fdl import optim
    from fdl.representation import Bits, Channel, error_rate, qpsk_error

    began = time.perf_counter()
    net = Channel(config.bits, config.uses, decibels=config.decibels)
    batches = Bits(config.bits, config.batch_size, 100, seed=config.seed)
    rate = optim.schedules.Cosine(
        config.learning_rate, config.epochs * len(batches)
    )
    history = train.fit(
        net,
        batches,
        loss=nn.binary_cross_entropy,
        optimizer=optim.Adam(config.learning_rate, lr_scheduler=rate),
        epochs=config.epochs,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    rows = [
        (*error_rate(net, d, config.words, config.seed + d), qpsk_error(d))
        for d in DECIBELS
    ]
    errors, low, high, theory = onp.array(rows).T
    return compared(
        "awgn_channel",
        config,
        metrics={
            "worst_ratio": (errors / theory).max(),
            "least_ratio": (errors / theory).min(),
            "epochs": history.epochs,
        },
        curves={
            "loss": list(history["loss"]),
            "decibels": [float(d) for d in DECIBELS],
            "rate": errors.tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
            "theory": theory.tolist(),
        },
        seconds=time.perf_counter() - began,
        net=net,
        arrays={"points": net.points()},
        complete=history.epochs == config.epochs,
    )
