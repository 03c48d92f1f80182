"""Skip-gram with noise-contrastive estimation on a text.

Letters: none.

Differences from the book: the text is the Penn Treebank's, since the book's,
an encyclopedia of 17 million words, is not to be had in small; biases start at
the noise's log-probabilities.

Book: ch. 6, "Implementing the Skip-Gram Architecture"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import device as devices
from fdl import profiles, seeding
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.experiments.words import Corpus, scores
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "probes", "run"]

DATA = ("ptb",)
VARIANTS: dict[str, dict[str, Any]] = {
    # on a text of a twentieth the length
    "skip_gram_rate": {"learning_rate": 0.5},
    # many pairs a step, and a rate for each row: what the quick profile does
    "skip_gram_adagrad": {
        "rule": "adagrad",
        "batch_size": 1024,
    },
}


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("skip_gram")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.batch_size, c.rule)
    full 5 32 sgd
    quick 2 1024 adagrad

    One of the other records changes this:

    >>> VARIANTS["skip_gram_rate"]
    {'learning_rate': 0.5}
    """

    epochs: int = setting(5, quick=2, least=1)
    """Passes over the text."""
    batch_size: int = setting(32, quick=1024, least=1)
    """Pairs in a step."""
    rule: str = setting("sgd", quick="adagrad", choices=("sgd", "adagrad"))
    """Gradient descent; or AdaGrad with one rate for each word."""
    learning_rate: float = setting(0.1, above=0)
    """ε, of the mean over a step's pairs."""
    words: int = setting(10_000, least=20)
    """Words of the vocabulary."""
    dimensions: int = setting(128, least=1)
    """Numbers of an embedding."""
    window: int = setting(5, least=1)
    """How far neighbours are, on each side."""
    skips: int = setting(4, least=1)
    """How many neighbours of each word to take."""
    negatives: int = setting(64, least=1)
    """Noise words."""
    probes: int = setting(20, least=1)
    """Words whose neighbours are looked at."""
    among: int = setting(500, least=1)
    """They are drawn from so many of the commonest."""
    neighbours: int = setting(8, least=1)
    """How many neighbours to look at."""
    seed: int = setting(0, least=0)
    """Decides first values, pairs, noise and probes."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def probes(config: Config) -> list[int]:
    """Return the numbers of the words to be looked at, without one twice.

    Examples
    --------
    >>> found = probes(Config(probes=5, among=10))
    >>> found == sorted({*found}), len(found), max(found) < 10
    (True, 5, True)
    """
    among = min(config.among, config.words)
    rng = seeding.generator(config.seed, "probes")
    return sorted(
        rng.choice(among, min(config.probes, among), replace=False).tolist()
    )


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Learn embeddings, and ask what they know.

    The record's metrics hold those of :func:`fdl.experiments.words.scores`,
    ``untrained_class_accuracy``, ``pair_loss`` of the last pass,
    ``words_per_second`` and ``read``, the words read in all. Its curves hold
    ``pair_loss`` by pass, and ``seen`` and ``recent_loss`` every 65,536
    words. Its arrays are the embeddings ``inputs`` and the numbers of the
    ``probes`` and of their ``neighbours``, one row a probe; word 0 is the
    text's commonest.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume
        Without meaning here.
    device
        Where the parameters live; learning runs on the host.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train skip_gram``.
    """
    from fdl.representation import Word2Vec

    corpus = Corpus("ptb", config.words, offline)
    net = Word2Vec(
        corpus.vocabulary,
        config.dimensions,
        negatives=min(config.negatives, len(corpus.vocabulary)),
        window=config.window,
        skips=config.skips,
    )
    seeding.seed_all(config.seed)
    net.initialize(ctx=devices.resolve(device))
    untrained = scores(net.vectors)["class_accuracy"]
    seen: list[float] = []
    recent: list[float] = []

    def watch(words: int, loss: float) -> None:
        seen.append(words)
        recent.append(loss)

    began = time.perf_counter()
    losses = net.learn(
        corpus.numbers,
        config.epochs,
        batch_size=config.batch_size,
        rule=config.rule,
        learning_rate=config.learning_rate,
        seed=config.seed,
        watch=watch,
    )
    seconds = time.perf_counter() - began
    vectors = net.vectors
    asked = [k for k in probes(config) if k < len(vectors)]
    near = [
        [
            corpus.vocabulary.index(word)
            for word, _ in vectors.nearest(
                corpus.vocabulary.words[k], config.neighbours
            )
        ]
        for k in asked
    ]
    return compared(
        "skip_gram",
        config,
        metrics={
            **scores(vectors),
            "untrained_class_accuracy": untrained,
            "pair_loss": losses[-1],
            "read": seen[-1],
            "words_per_second": seen[-1] / seconds,
        },
        curves={"pair_loss": losses, "seen": seen, "recent_loss": recent},
        seconds=seconds,
        net=net,
        sources=[corpus.source],
        arrays={
            "inputs": vectors.vectors,
            "probes": onp.array(asked, onp.float32),
            "neighbours": onp.array(near, onp.float32),
        },
    )
