"""The copy task: a neural Turing machine learns to repeat what it was shown.

It learns on short sequences, and is then asked for longer ones. An LSTM with
as many parameters learns the same beside it.

Letters: none.

Differences from the paper: the controller is one layer without a state of its
own, so that everything that is copied has to pass through the memory; the
update rule is Adam; and there are fewer sequences.

Book: ch. 8, "NTM Memory Addressing Mechanisms"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import profiles, train
from fdl.experiments.comparison import compared, parameters_of
from fdl.experiments.memory_tasks import (
    EPOCH,
    Tasks,
    asked_loss,
    error_of,
    lstm_of_size,
    story,
)
from fdl.experiments.settings import check, setting
from fdl.memory import tasks
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "run"]

DATA: tuple[str, ...] = ()  # the sequences are made up
VARIANTS: dict[str, dict[str, Any]] = {}
KEPT = ("value", "write_weights", "reads", "read_weights")


@dataclass(frozen=True)
class Config:
    """The paper's settings, where it is not for the differences above.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("copy_task")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.longest, c.slots, c.farthest)
    full 20 128 120
    quick 10 40 40

    A memory of one slot has nothing to choose from:

    >>> configure("copy_task", slots=1)
    Traceback (most recent call last):
    ...
    ValueError: `slots` (=1) must be a whole number from 2 up.
    """

    epochs: int = setting(40, quick=16, least=1)
    """Times 100 minibatches."""
    batch_size: int = setting(16, least=1)
    """Sequences in each."""
    longest: int = setting(20, quick=10, least=1)
    """How many vectors a sequence has at most; 1 at least."""
    bits: int = setting(8, least=1)
    """Of a vector."""
    slots: int = setting(128, quick=40, least=2)
    """Of the memory."""
    word: int = setting(20, quick=10, least=1)
    """Numbers in a slot."""
    hidden: int = setting(100, quick=64, least=1)
    """Units of the controller."""
    learning_rate: float = setting(0.003, above=0)
    """Adam's ε at first; it falls along a cosine."""
    lstm_learning_rate: float = setting(0.003, above=0)
    """The same for the LSTM."""
    clip: float = setting(1.0, above=0)
    """How long a step's gradient may be."""
    farthest: int = setting(120, quick=40, least=1)
    """The longest sequence that is asked for afterwards."""
    tested: int = setting(64, quick=32, least=1)
    """Sequences of each length then."""
    seed: int = setting(0, least=0)
    """Decides the sequences and the weights."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the paper's or the quick profile's."""

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
    """Train both networks, and ask both for longer sequences.

    The record's metrics hold ``ntm_error`` and ``lstm_error``, the share of
    wrong bits at the lengths that they were trained on, and how many
    ``parameters`` each has. The curves hold both by ``lengths``, as
    ``ntm_errors`` and ``lstm_errors``, and ``NAME_loss`` by epoch. The arrays
    hold one sequence as the NTM works on it: ``x``, ``y``, ``scores`` and
    what :func:`fdl.experiments.memory_tasks.story` tells.

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
    On the command line: ``fdl train copy_task``, or ``fdl train copy_task
    --longest 5``.
    """
    from fdl import memory, optim

    ntm = memory.NTM(
        config.bits,
        slots=config.slots,
        word=config.word,
        reads=1,
        controller="feedforward",
        hidden=config.hidden,
        inputs=config.bits + 1,
    )
    size = parameters_of(ntm)
    lstm = lstm_of_size(size, config.bits + 1, config.bits)

    def make(rng: onp.random.Generator) -> tasks.Sequences:
        length = int(rng.integers(1, config.longest + 1))
        seed = int(rng.integers(2**31))
        return tasks.copy(
            config.batch_size, length, bits=config.bits, seed=seed
        )

    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    seconds = 0.0
    rates = {"ntm": config.learning_rate, "lstm": config.lstm_learning_rate}
    for name, net in (("ntm", ntm), ("lstm", lstm)):
        rate = optim.schedules.Cosine(rates[name], steps=EPOCH * config.epochs)
        history = train.fit(
            net,
            Tasks(make, EPOCH, config.seed),
            loss=asked_loss,
            optimizer=optim.Adam(rates[name], lr_scheduler=rate),
            epochs=config.epochs,
            callbacks=callbacks,
            checkpoint=checkpoint and Path(checkpoint) / name,
            resume=resume,
            device=device,
            seed=config.seed,
            clip=config.clip,
        )
        seconds += history.seconds
        curves[f"{name}_loss"] = list(history["loss"])
        lengths = _lengths(config)
        errors = [
            error_of(
                net,
                [
                    tasks.copy(
                        config.tested,
                        length,
                        bits=config.bits,
                        seed=2**31 + length,  # no seed of training
                    )
                ],
                device,
            )
            for length in lengths
        ]
        curves["lengths"] = [float(length) for length in lengths]
        curves[f"{name}_errors"] = errors
        trained = [
            error
            for length, error in zip(lengths, errors)
            if length <= config.longest
        ]
        metrics[f"{name}_error"] = float(onp.mean(trained))
        metrics[f"{name}_worst"] = max(trained)
    metrics["ntm_parameters"] = float(size)
    metrics["lstm_parameters"] = float(parameters_of(lstm))
    shown = tasks.copy(1, config.longest, bits=config.bits, seed=2**31)
    return compared(
        "copy_task",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=ntm,
        arrays=story(ntm, shown, KEPT, device),
    )


def _lengths(config: Config) -> list[int]:
    """Return all trained lengths, and some up to the farthest."""
    far = onp.linspace(config.longest, config.farthest, 11).round()
    more = {int(length) for length in far if length > config.longest}
    return [*range(1, config.longest + 1), *sorted(more)]
