"""Letter by letter, in the manner of Shakespeare.

A network learns which letter comes next in a million letters of plays, and
then writes some itself, with more and with less daring. How much it has
learned is told in the loss of a letter, beside tables that know only which
letter follows which.

Letters: none.

Differences from the lecture: it shows what a network has written, and says
nothing of its size or its loss; these are ours.

Book: ch. 7, "Recurrent Neural Networks"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, profiles, train
from fdl.errors import must
from fdl.experiments.comparison import compared
from fdl.experiments.digits import thin
from fdl.experiments.settings import check, setting
from fdl.records import Record
from fdl.scratch._checks import whole

__all__ = [
    "DATA",
    "TEMPERATURES",
    "VARIANTS",
    "Config",
    "run",
    "table_loss",
    "written",
]

DATA = ("shakespeare",)
VARIANTS: dict[str, dict[str, Any]] = {}
TEMPERATURES = (0.3, 0.7, 1.0, 1.5)
"""The temperatures at which it writes."""


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("shakespeare")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.hidden, c.layers)
    full 8 256 2
    quick 1 96 1

    It writes at each of these temperatures:

    >>> TEMPERATURES, quick.written
    ((0.3, 0.7, 1.0, 1.5), 300)
    """

    epochs: int = setting(8, quick=1, least=1)
    """Passes over the text."""
    batch_size: int = setting(32, least=1)
    """Pieces in a step."""
    length: int = setting(100, quick=50, least=2)
    """Letters of a piece."""
    hidden: int = setting(256, quick=96, least=1)
    """Units of each layer."""
    layers: int = setting(2, quick=1, least=1)
    """LSTMs on top of each other."""
    learning_rate: float = setting(0.002, quick=0.01, above=0)
    """Adam's ε."""
    clip: float = setting(5.0, above=0)
    """How long a step's gradient may be."""
    drop: float = setting(0.2, quick=0.0, least=0, below=1)
    """Share of each layer's outputs that is dropped."""
    written: int = setting(600, quick=300, least=1)
    """Letters to write at each temperature."""
    seed: int = setting(0, least=0)
    """Decides the weights, the pieces, and what is written."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def table_loss(
    known: onp.ndarray, unseen: onp.ndarray, letters: int, order: int
) -> float:
    """Return the loss of a letter by a table of what follows what.

    Parameters
    ----------
    known, unseen : arrays `(n,)`
        Numbers of letters: to count, and to be told.
    letters : int
        How many different ones there are.
    order : int
        How many letters to look back; each continuation counts one time more
        than it came.

    Examples
    --------
    What follows what tells all about a text in which letters take turns;
    without looking back it is an even choice, ln 2 = 0.69:

    >>> numbers = onp.arange(2000) % 2
    >>> [round(table_loss(numbers, numbers, 2, order), 2) for order in (0, 1)]
    [0.69, 0.0]
    """
    whole("letters", letters)
    whole("order", order, 0)
    if len(unseen) <= order:
        raise must("unseen", unseen, f"hold more than {order} letters")

    def code(numbers: onp.ndarray) -> tuple[onp.ndarray, onp.ndarray]:
        before = onp.zeros(len(numbers) - order, onp.int64)
        for back in range(order):
            before = before * letters + numbers[back : back - order]
        return before, numbers[order:]

    counts = onp.ones((letters**order, letters))
    onp.add.at(counts, code(known), 1)
    p = counts / counts.sum(axis=1, keepdims=True)
    return float(-onp.log(p[code(unseen)]).mean())


def written(record: Record) -> dict[float, str]:
    """Return what a record's network wrote at each temperature.

    Examples
    --------
    >>> codes = onp.array([[ord(letter) for letter in "thou"]] * 4)
    >>> record = Record("demo", "shakespeare", {}, arrays={"written": codes})
    >>> written(record)
    {0.3: 'thou', 0.7: 'thou', 1.0: 'thou', 1.5: 'thou'}
    """
    return {
        temperature: "".join(chr(int(code)) for code in row)
        for temperature, row in zip(TEMPERATURES, record.arrays["written"])
    }


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train on nine tenths of the text, test on the last, and write.

    The record's metrics hold ``test_loss`` of a letter, in nats, and
    ``table_0_loss``, ``table_1_loss`` and ``table_2_loss`` of tables that
    look back so many letters. Its array ``written`` has a row of letters'
    codes for each of ``TEMPERATURES``; see :func:`written`.

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
    On the command line: ``fdl train shakespeare``, or ``fdl train
    shakespeare --written 1000``.
    """
    from fdl import language, optim

    source = data.load("shakespeare", offline=offline)
    text = "".join(source.pieces())
    letters = language.Letters(text)
    numbers = letters.encode(text)
    cut = len(numbers) * 9 // 10
    known, unseen = numbers[:cut], numbers[cut:]
    net = language.CharRNN(
        len(letters),
        hidden=config.hidden,
        layers=config.layers,
        drop=config.drop,
    )
    history = train.fit(
        net,
        language.Pieces(known, config.length, config.batch_size, config.seed),
        loss=language.letter_loss,
        optimizer=optim.Adam(config.learning_rate),
        epochs=config.epochs,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
        clip=config.clip,
    )
    tests = language.Pieces(unseen, 2 * config.length, 16)
    found = train.evaluate(
        net, tests, (), device=device, loss=language.letter_loss
    )
    metrics = {"test_loss": found["loss"], "letters": float(len(letters))}
    for order in range(3):
        loss = table_loss(known, unseen, len(letters), order)
        metrics[f"table_{order}_loss"] = loss
    start = numbers[:1]
    rows = [
        letters.decode(net.write(start, config.written, t, config.seed))
        for t in TEMPERATURES
    ]
    return compared(
        "shakespeare",
        config,
        metrics=metrics,
        curves={
            "batch_loss": thin(history.batch_loss),
            "loss": list(history["loss"]),
        },
        seconds=history.seconds,
        net=net,
        sources=[source.source],
        complete=history.epochs == config.epochs,
        arrays={
            "written": onp.array(
                [[ord(letter) for letter in row] for row in rows], onp.float32
            )
        },
    )
