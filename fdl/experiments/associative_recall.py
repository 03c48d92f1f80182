"""Associative recall: what came behind this?

Items are shown, then one of them again, and the one behind it is asked for. So
a network has to find an item by what it contains, and then to go on by one.

Letters: none.

Differences from the paper: the controller is one layer without a state of its
own; the update rule is Adam, with a rate that falls; and there are fewer
sequences.

Book: ch. 8, "NTM Memory Addressing Mechanisms"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import profiles
from fdl.experiments.memory_tasks import teach
from fdl.experiments.settings import check, setting
from fdl.memory import tasks
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "run"]

DATA: tuple[str, ...] = ()  # the sequences are made up
VARIANTS: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("associative_recall")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.most, c.slots)
    full 30 6 64
    quick 15 3 24

    A DNC in its place:

    >>> configure("associative_recall", network="dnc").network
    'dnc'
    >>> configure("associative_recall", most=1)
    Traceback (most recent call last):
    ...
    ValueError: `most` (=1) must be a whole number from 2 up.
    """

    epochs: int = setting(30, quick=15, least=1)
    """Times 100 minibatches."""
    batch_size: int = setting(16, least=1)
    """Sequences in each."""
    most: int = setting(6, quick=3, least=2)
    """How many items there are at most; 2 at least."""
    length: int = setting(3, quick=2, least=1)
    """Vectors in an item."""
    bits: int = setting(6, quick=4, least=1)
    """Of a vector."""
    network: str = setting("ntm", choices=("ntm", "dnc"))
    """Which network learns it."""
    controller: str = setting("feedforward", choices=("lstm", "feedforward"))
    """What steers the memory."""
    slots: int = setting(64, quick=24, least=1)
    """Of the memory."""
    word: int = setting(12, quick=10, least=1)
    """Numbers in a slot."""
    hidden: int = setting(64, least=1)
    """Units of the controller."""
    learning_rate: float = setting(0.003, above=0)
    """Adam's ε at first; it falls along a cosine."""
    clip: float = setting(1.0, above=0)
    """How long a step's gradient may be."""
    tested: int = setting(64, least=1)
    """Sequences of each size that measure the errors."""
    seed: int = setting(0, least=0)
    """Decides the sequences and the weights."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are."""

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
    """Train the network, then ask it for more than it was taught.

    The record's metrics hold ``error``, the share of wrong bits where it was
    taught, and ``worst``, that of the worst size there. The curves hold
    ``loss`` by epoch, and ``more``, the errors of more items, with their
    numbers in ``more_sizes``. The arrays hold one sequence as the network
    works on it.

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
    On the command line: ``fdl train associative_recall``, or ``fdl train
    associative_recall --network dnc``.
    """

    def task(count: int, items: int, seed: int) -> Any:
        return tasks.associative_recall(
            count, items, length=config.length, bits=config.bits, seed=seed
        )

    def make(rng: onp.random.Generator) -> tasks.Sequences:
        items = int(rng.integers(2, config.most + 1))
        return task(config.batch_size, items, int(rng.integers(2**31)))

    unseen = 2**31  # no seed of training
    sizes = range(2, 2 * config.most + 1)
    tests = {"more": {n: task(config.tested, n, unseen) for n in sizes}}
    taught = {"more": config.most}

    return teach(
        "associative_recall",
        config,
        make,
        tests,
        taught,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
    )
