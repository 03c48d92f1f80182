"""Repeat copy: shown once, asked for several times.

To learn it, a network has to count, and to go back to where it began. Then
it is asked for longer sequences, and for more repetitions, than it was taught.

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
    >>> quick = configure("repeat_copy")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.longest, c.most)
    full 40 6 6
    quick 12 3 3

    A DNC in its place:

    >>> configure("repeat_copy", network="dnc").network
    'dnc'
    >>> configure("repeat_copy", network="lstm")
    Traceback (most recent call last):
    ...
    ValueError: `network` (='lstm') must be "ntm" or "dnc".
    """

    epochs: int = setting(40, quick=12, least=1)
    """Times 100 minibatches."""
    batch_size: int = setting(16, least=1)
    """Sequences in each."""
    longest: int = setting(6, quick=3, least=1)
    """How many vectors a sequence has at most; 1 at least."""
    most: int = setting(6, quick=3, least=1)
    """How often it is asked for at most; once at least."""
    bits: int = setting(8, quick=4, least=1)
    """Of a vector."""
    network: str = setting("ntm", choices=("ntm", "dnc"))
    """Which network learns it."""
    controller: str = setting("feedforward", choices=("lstm", "feedforward"))
    """What steers the memory."""
    slots: int = setting(32, quick=16, least=1)
    """Of the memory."""
    word: int = setting(16, quick=10, least=1)
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
    taught; ``worst``, that of the worst size there; and ``ended``, the share
    of sequences that end when they should. The curves hold ``loss`` by epoch;
    ``longer`` and ``oftener``, the errors of longer sequences and of more
    repetitions, each with its ``_sizes`` and its ``_ended``. The arrays hold
    one sequence as the network works on it.

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
    On the command line: ``fdl train repeat_copy``.
    """

    def task(count: int, length: int, often: int, seed: int) -> Any:
        return tasks.repeat_copy(
            count, length, often, bits=config.bits, seed=seed
        )

    def make(rng: onp.random.Generator) -> tasks.Sequences:
        length = int(rng.integers(1, config.longest + 1))
        often = int(rng.integers(1, config.most + 1))
        return task(config.batch_size, length, often, int(rng.integers(2**31)))

    count, unseen = config.tested, 2**31  # no seed of training
    lengths = range(1, 2 * config.longest + 1)
    repeats = range(1, 2 * config.most + 1)
    tests = {
        "longer": {n: task(count, n, config.most, unseen) for n in lengths},
        "oftener": {
            n: task(count, config.longest, n, unseen) for n in repeats
        },
    }
    taught = {"longer": config.longest, "oftener": config.most}

    return teach(
        "repeat_copy",
        config,
        make,
        tests,
        taught,
        also={"ended": tasks.right_ends},
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
    )
