"""A series of copies: a DNC frees its memory, and uses it again.

Its memory has fewer slots than the series has vectors, and its controller has
no state of its own. So it can only succeed if it frees a slot as soon as that
has been read, and allocates it to a later sequence.

Letters: none.

Differences from the book: it says nothing of how the network was trained;
these settings are ours.

Book: ch. 8, "Visualizing the DNC in Action"
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.memory_tasks import (
    EPOCH,
    Tasks,
    asked_loss,
    error_of,
    story,
)
from fdl.experiments.settings import check, setting
from fdl.memory import tasks
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "alternation", "run"]

DATA: tuple[str, ...] = ()  # the sequences are made up
VARIANTS: dict[str, dict[str, Any]] = {}
KEPT = (
    "memory",
    "usage",
    "allocation",
    "write_weights",
    "read_weights",
    "link",
    "free_gates",
    "allocation_gate",
    "write_gate",
    "read_modes",
)


@dataclass(frozen=True)
class Config:
    """The book's sizes, and our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("copy_series")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.series, c.length, c.slots, c.more_slots)
    full 4 5 10 20
    quick 2 3 4 8

    Fewer slots than the series has vectors, in both:

    >>> [c.slots < c.series * c.length for c in (Config(), quick)]
    [True, True]
    """

    epochs: int = setting(50, quick=15, least=1)
    """Times 100 minibatches."""
    batch_size: int = setting(16, least=1)
    """Series in each."""
    series: int = setting(4, quick=2, least=2)
    """Sequences in a series; 2 at least."""
    length: int = setting(5, quick=3, least=1)
    """Vectors in a sequence."""
    bits: int = setting(6, quick=4, least=1)
    """Of a vector."""
    slots: int = setting(10, quick=4, least=1)
    """Of the memory."""
    word: int = setting(10, quick=8, least=1)
    """Numbers in a slot."""
    hidden: int = setting(64, quick=32, least=1)
    """Units of the controller."""
    learning_rate: float = setting(0.002, quick=0.003, above=0)
    """Adam's ε at first; it falls along a cosine."""
    clip: float = setting(1.0, above=0)
    """How long a step's gradient may be."""
    more_slots: int = setting(20, quick=8, least=1)
    """Of the memory to which the trained controller moves."""
    tested: int = setting(256, quick=64, least=1)
    """Series to measure errors with."""
    seed: int = setting(0, least=0)
    """Decides the sequences and the weights."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

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
    """Train the network, and watch its gates.

    The record's metrics hold ``error``, the share of wrong bits;
    ``more_slots_error``, that of the same controller at a larger memory; and
    what :func:`alternation` finds. The curves hold ``loss`` by epoch. The
    arrays hold one series as the network works on it: ``x``, ``y``,
    ``scores``, and weights, usage, links and gates by their names.

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
    On the command line: ``fdl train copy_series``.
    """
    from fdl import memory, optim

    net = memory.DNC(
        config.bits,
        slots=config.slots,
        word=config.word,
        reads=1,
        controller="feedforward",
        hidden=config.hidden,
        inputs=config.bits + 1,
    )

    def make(rng: onp.random.Generator) -> tasks.Sequences:
        seed = int(rng.integers(2**31))
        return _series(config, config.batch_size, seed)

    rate = optim.schedules.Cosine(
        config.learning_rate, steps=EPOCH * config.epochs
    )
    history = train.fit(
        net,
        Tasks(make, EPOCH, config.seed),
        loss=asked_loss,
        optimizer=optim.Adam(config.learning_rate, lr_scheduler=rate),
        epochs=config.epochs,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
        clip=config.clip,
    )
    unseen = _series(config, config.tested, 2**31)
    metrics = {"error": error_of(net, [unseen], device)}
    arrays = story(net, unseen, KEPT, device)
    metrics |= alternation(arrays, config.length)
    net.slots = config.more_slots
    metrics["more_slots_error"] = error_of(net, [unseen], device)
    net.slots = config.slots
    return compared(
        "copy_series",
        config,
        metrics=metrics,
        curves={"loss": list(history["loss"])},
        seconds=history.seconds,
        net=net,
        arrays=arrays,
    )


def alternation(
    steps: Mapping[str, onp.ndarray], length: int
) -> dict[str, float]:
    """Return how gates and usage change between writing and reading.

    Parameters
    ----------
    steps : mapping
        Of one series: ``free_gates`` `(T, 1)`, ``allocation_gate`` and
        ``write_gate`` `(T, 1)`, ``usage``, ``write_weights`` `(T, N)` and
        ``read_weights`` `(T, 1, N)`.
    length : int
        Vectors in a sequence.

    Returns
    -------
    dict
        ``NAME_writing`` and ``NAME_reading``, means over the steps at which
        vectors come in, and at which they are asked for, of the gates
        ``free``, ``allocation`` and ``write``, and of ``freed``, how much
        usage a step frees; ``written_usage``, the usage of the slot that was
        written most at a step, at the next; and ``read_usage``, that of the
        slot that was read most just before a step at which something is
        asked for, at that step.

    Notes
    -----
    A step frees what the step before has read. And a controller without a
    state reads one step ahead: a vector is asked for when it has been read,
    the first of them at the mark. So its slot is freed at the very step at
    which it is asked for.

    Examples
    --------
    One vector is written, marked and read, from one slot, which that frees:

    >>> column = lambda *values: onp.array(values, float)[:, None]
    >>> steps = {
    ...     "free_gates": column(0, 0, 1),
    ...     "allocation_gate": column(1, 0, 0),
    ...     "write_gate": column(1, 0, 0),
    ...     "write_weights": column(1, 0, 0),
    ...     "usage": column(0, 1, 0),
    ...     "read_weights": column(0, 1, 0)[:, None],
    ... }
    >>> found = alternation(steps, length=1)
    >>> found["write_writing"], found["write_reading"]
    (1.0, 0.0)
    >>> found["freed_reading"], found["written_usage"], found["read_usage"]
    (1.0, 1.0, 0.0)
    """
    place = onp.arange(len(steps["usage"])) % (2 * length + 1)
    u, w = steps["usage"], steps["write_weights"]
    before = onp.zeros_like(u)  # nothing is in use before the first step
    before[1:] = u[:-1] + w[:-1] - u[:-1] * w[:-1]
    followed = {
        "free": steps["free_gates"][:, 0],
        "allocation": steps["allocation_gate"][:, 0],
        "write": steps["write_gate"][:, 0],
        "freed": (before - u).sum(axis=1),
    }
    found = {}
    during = {"writing": place < length, "reading": place > length}
    for name, values in followed.items():
        for when, there in during.items():
            found[f"{name}_{when}"] = float(values[there].mean())
    wrote, asked = (onp.flatnonzero(there) for there in during.values())
    slots = w[wrote].argmax(axis=1)
    found["written_usage"] = float(u[wrote + 1, slots].mean())
    slots = steps["read_weights"][asked - 1, 0].argmax(axis=1)
    found["read_usage"] = float(u[asked, slots].mean())
    return found


def _series(config: Config, count: int, seed: int) -> tasks.Sequences:
    return tasks.copy_series(
        count, config.series, config.length, bits=config.bits, seed=seed
    )
