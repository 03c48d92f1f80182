"""Dependency trees: greedy against a beam, local against global training.

Letters: none.

Differences from the book: it describes the parser and leaves its sizes to
others; ours are smaller. The treebank is the tenth of the Penn Treebank that
NLTK hands out; tags are given, not guessed; arcs have no labels.

Book: ch. 7, "Dependency Parsing and SyntaxNet"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import data, nn, profiles, train
from fdl.errors import must
from fdl.experiments.comparison import compared
from fdl.experiments.digits import thin
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "GARDEN", "VARIANTS", "Config", "parser_of", "run"]

DATA = ("dependency-treebank", "glove")
VARIANTS: dict[str, dict[str, Any]] = {}
GARDEN = "The old man the boats .".split()
"""A sentence that leads up the garden path: "man" is its verb."""


@dataclass(frozen=True)
class Config:
    """Our settings; the book names none.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("dependency_parser")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.hidden, c.beam)
    full 15 300 8
    quick 3 100 4

    A beam of one would be greed:

    >>> configure("dependency_parser", beam=1)
    Traceback (most recent call last):
    ...
    ValueError: `beam` (=1) must be a whole number from 2 up.
    """

    epochs: int = setting(15, quick=3, least=1)
    """Passes over the configurations, training locally."""
    batch_size: int = setting(256, least=1)
    """Configurations in a step."""
    learning_rate: float = setting(0.003, quick=0.005, above=0)
    """Adam's rate; it falls to 0."""
    hidden: int = setting(300, quick=100, least=1)
    """Hidden units."""
    beam: int = setting(8, quick=4, least=2)
    """Width of the beam."""
    global_epochs: int = setting(3, quick=1, least=1)
    """Passes over the sentences, training globally."""
    global_sentences: int = setting(4000, quick=800, least=1)
    """How many of them at most."""
    global_rate: float = setting(0.0001, above=0)
    """Adam's rate then."""
    seed: int = setting(0, least=0)
    """Decides the weights and the order."""
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
    """Train locally, parse, train on globally, and parse again.

    The record's metrics hold the unlabelled attachment score on the test part
    of greedy and of beam parsing after local training (``local_greedy``,
    ``local_beam``), the same of the locally trained network's plain outputs
    added up (``summed_beam``), and after global training
    (``global_greedy``, ``global_beam``); each is that of all words, and, with
    ``_words`` behind it, of words without punctuation. ``rescued`` and
    ``spoiled`` count sentences whose whole tree only the beam, or only
    greed, finds after local training; ``rescued_first`` is the number of the
    first such sentence, −1 if there is none. ``early`` is the share of early
    updates in the last global pass. The curves are those of both trainings;
    the arrays are the network's parameters after each.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`, for the local training.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train dependency_parser``, or ``fdl train
    dependency_parser --beam 8``.
    """
    from fdl._mxnet import mx
    from fdl.language import attachment, fit_globally, normal_loss
    from fdl.optim.schedules import Polynomial

    began = time.perf_counter()
    text, valid, test, parser = _untrained(config, offline)
    batches = parser.batches(text, config.batch_size, seed=config.seed)
    steps = config.epochs * len(batches)
    rate = config.learning_rate
    history = train.fit(
        parser.net,
        batches,
        loss=normal_loss,
        optimizer=mx.optimizer.Adam(
            learning_rate=rate, lr_scheduler=Polynomial(rate, steps)
        ),
        epochs=config.epochs,
        validation=parser.batches(valid, 1024, shuffle=False),
        metrics=["error"],
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    metrics: dict[str, float] = {}

    def measure(name: str, width: int) -> list[list[int]]:
        found = parser.parse(test, width)
        metrics[name] = attachment(found, test)
        metrics[f"{name}_words"] = attachment(found, test, punctuation=False)
        return found

    greedy = measure("local_greedy", 1)
    beam = measure("local_beam", config.beam)
    metrics |= _compared(greedy, beam, test)
    locally = nn.get_parameters(parser.net)
    parser.locally = False
    measure("summed_beam", config.beam)
    globally = fit_globally(
        parser,
        text[: config.global_sentences],
        width=config.beam,
        epochs=config.global_epochs,
        learning_rate=config.global_rate,
        seed=config.seed,
    )
    measure("global_greedy", 1)
    measure("global_beam", config.beam)
    return compared(
        "dependency_parser",
        config,
        metrics={
            **metrics,
            "action_error": history["validation_error"][-1],
            "early": globally[-1].early,
            "sentences": len(text),
            "test_sentences": len(test),
            "epochs": history.epochs,
        },
        curves={
            "batch_loss": thin(history.batch_loss),
            **{name: list(curve) for name, curve in history.items()},
            "global_loss": [epoch.loss for epoch in globally],
            "early": [epoch.early for epoch in globally],
        },
        seconds=time.perf_counter() - began,
        net=parser.net,
        sources=(text.source, parser.table.vectors.source),
        complete=history.epochs == config.epochs,
        arrays={
            f"{name}.{key}": array
            for name, arrays in (
                ("local", locally),
                ("global", nn.get_parameters(parser.net)),
            )
            for key, array in arrays.items()
        },
    )


def _untrained(config: Config, offline: bool) -> tuple[Any, Any, Any, Any]:
    """Return the treebank's three parts and the parser, not trained yet."""
    from fdl.language import Parser

    text, valid, test = (
        data.load("dependency-treebank", part, offline=offline)
        for part in ("train", "valid", "test")
    )
    more = [data.Parsed(tuple(GARDEN), (), ())]
    vectors = data.load("glove", offline=offline)
    every = [*text, *valid, *test, *more]
    parser = Parser(vectors, text.tags, every, hidden=config.hidden)
    return text, valid, test, parser


def parser_of(
    record: Record, which: str = "local", offline: bool = False
) -> Any:
    """Return a parser that a record keeps, to parse with.

    Parameters
    ----------
    record : Record
        Of this experiment.
    which : {"local", "global"}
        After which training.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    >>> parser_of(Record("none", "none", {}), which="both")
    Traceback (most recent call last):
    ...
    ValueError: `which` (='both') must be "local" or "global".
    """
    if which not in ("local", "global"):
        raise must("which", which, 'be "local" or "global"')
    parser = _untrained(Config(**record.config), offline)[-1]
    start = f"{which}."
    kept = {
        key[len(start) :]: array
        for key, array in record.arrays.items()
        if key.startswith(start)
    }
    nn.set_parameters(parser.net, kept)
    parser.locally = which == "local"
    return parser


def _compared(
    greedy: Sequence[Sequence[int]],
    beam: Sequence[Sequence[int]],
    test: Any,
) -> dict[str, float]:
    """Return where the beam finds the whole tree and greed does not."""
    pairs = [
        (list(one) == list(s.heads), list(other) == list(s.heads))
        for one, other, s in zip(greedy, beam, test)
    ]
    rescued = [k for k, pair in enumerate(pairs) if pair == (False, True)]
    return {
        "greedy_whole": sum(one for one, _ in pairs),
        "beam_whole": sum(other for _, other in pairs),
        "rescued": len(rescued),
        "spoiled": pairs.count((True, False)),
        "rescued_first": rescued[0] if rescued else -1,
    }
