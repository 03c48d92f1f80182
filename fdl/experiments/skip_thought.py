"""Skip-thought vectors of sentences of the Brown corpus.

What a decoder says is worth something only if it has heard the thought: so
the loss of unseen neighbours is measured twice, once with each sentence's own
thought and once with another's.

Letters: none.

Differences from the paper: 57 thousand sentences in place of 74 million, and
a network that is a hundred times smaller.

Book: ch. 7, "Solving seq2seq Tasks with Recurrent Neural Networks"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.digits import thin
from fdl.experiments.settings import check, setting
from fdl.records import Record
from fdl.scratch._checks import whole

__all__ = ["DATA", "VARIANTS", "Config", "nearest", "run", "sentences"]

DATA = ("brown",)
VARIANTS: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("skip_thought")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.sentences, c.words, c.hidden)
    full 50000 10000 256
    quick 5000 2000 64

    A tenth of the sentences tests, so there must be some:

    >>> configure("skip_thought", sentences=10)
    Traceback (most recent call last):
    ...
    ValueError: `sentences` (=10) must be a whole number from 20 up.
    """

    epochs: int = setting(5, quick=1, least=1)
    """Passes over the sentences."""
    sentences: int = setting(50_000, quick=5000, least=20)
    """Sentences to read; a tenth of them test."""
    batch_size: int = setting(32, least=1)
    """Triples in a step."""
    learning_rate: float = setting(0.001, quick=0.005, above=0)
    """Adam's ε."""
    words: int = setting(10_000, quick=2000, least=10)
    """Words of the vocabulary, unknown ones included."""
    length: int = setting(30, quick=20, least=1)
    """Words of a sentence."""
    embedding: int = setting(128, quick=32, least=1)
    """Dimensions of an embedding."""
    hidden: int = setting(256, quick=64, least=1)
    """Dimensions of a thought."""
    clip: float = setting(5.0, above=0)
    """How long a step's gradient may be."""
    seed: int = setting(0, least=0)
    """Decides the weights and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class _Shifted:
    """Batches in which each sentence is read in another one's place.

    Half a batch away, and not next to it: its neighbour would know what is to
    be said, as it is what is to be said.
    """

    def __init__(self, batches: Any) -> None:
        self._batches = batches

    def __iter__(self) -> Any:
        for (x, lengths, given), y in self._batches:
            half = len(x) // 2
            other = onp.roll(x, half, 0), onp.roll(lengths, half)
            yield (*other, given), y


def nearest(thoughts: onp.ndarray, row: int, count: int = 3) -> list[int]:
    """Return the rows whose thoughts point most nearly the same way.

    Parameters
    ----------
    thoughts : array `(N, H)`
        One for each sentence.
    row : int
        Whose neighbours are asked for.
    count : int
        How many of the other rows.

    Examples
    --------
    >>> thoughts = onp.array([[1.0, 0.0], [0.0, 5.0], [3.0, 1.0], [-1.0, 0.0]])
    >>> nearest(thoughts, 0)
    [2, 1, 3]
    """
    whole("count", count, most=len(thoughts) - 1)
    length = onp.sqrt((thoughts**2).sum(axis=1, keepdims=True))
    # a thought of nothing but zeros points nowhere
    unit = thoughts / onp.where(length == 0, 1, length)
    cosine = unit @ unit[row]
    cosine[row] = -2
    return onp.argsort(-cosine)[:count].tolist()


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train, and ask how much the thoughts help on other sentences.

    The record's metrics hold ``test_loss`` of a word, in nats,
    ``other_thought_loss``, the same where each thought is another sentence's,
    and ``triples``, how many were learned from. Its array ``thoughts`` has a
    row for each of the first 500 sentences that were not learned from.

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
    On the command line: ``fdl train skip_thought``.
    """
    from fdl import language, optim

    known, unseen, vocabulary, source = sentences(config, offline)
    batches, tests = (
        language.Triples(
            [vocabulary.encode(" ".join(line)) for line in lines],
            config.length,
            config.batch_size,
            shuffle=lines is known,
            seed=config.seed,
        )
        for lines in (known, unseen)
    )
    net = language.SkipThought(
        len(vocabulary), embedding=config.embedding, hidden=config.hidden
    )
    history = train.fit(
        net,
        batches,
        loss=language.thought_loss,
        optimizer=optim.Adam(config.learning_rate),
        epochs=config.epochs,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
        clip=config.clip,
    )
    metrics = {"triples": float(len(batches.centres))}
    for name, part in (("test", tests), ("other_thought", _Shifted(tests))):
        found = train.evaluate(
            net, part, (), device=device, loss=language.thought_loss
        )
        metrics[f"{name}_loss"] = found["loss"]
    asked = [vocabulary.encode(" ".join(line)) for line in unseen[:500]]
    return compared(
        "skip_thought",
        config,
        metrics=metrics,
        curves={
            "batch_loss": thin(history.batch_loss),
            "loss": list(history["loss"]),
        },
        seconds=history.seconds,
        net=net,
        sources=[source],
        arrays={"thoughts": net.think(asked, config.length)},
    )


def sentences(config: Config, offline: bool = False) -> Any:
    """Return lines to learn from, lines to test on, vocabulary and source.

    Examples
    --------
    A tenth of them is for the test:

    >>> config = Config(sentences=40, words=30)
    >>> known, unseen, vocabulary, source = sentences(config, offline=True)
    >>> len(known), len(unseen), len(vocabulary), source.kind
    (36, 4, 30, 'sample')
    """
    text = data.load("brown", offline=offline)
    lines = []
    for line in text.lines():
        lines.append(line)
        if len(lines) == config.sentences:
            break
    cut = len(lines) * 9 // 10
    vocabulary = data.Vocabulary.count(
        data.Text.of(" ".join(line) for line in lines[:cut]),
        config.words,
        unknown="<unk>",
    )
    return lines[:cut], lines[cut:], vocabulary, text.source
