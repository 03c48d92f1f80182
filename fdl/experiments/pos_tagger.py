"""Tags for the words of a newspaper: a neural n-gram on CoNLL-2000.

Letters: none.

Differences from the book: vectors have 50 numbers and not 300, GloVe's and
not word2vec's, since those are a download of gigabytes; a window does not
reach into the sentence before, and the rows of an epoch are mixed; the test
file is tested on, where the book's listing reads the training file twice.
The quick profile has half as many units and a rate that falls to 0.

Book: ch. 7, "Implementing a Part-of-Speech Tagger"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.digits import thin
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = [
    "DATA",
    "UMBRELLA",
    "VARIANTS",
    "Config",
    "Watched",
    "run",
    "tagger_of",
]

DATA = ("conll2000", "glove")
VARIANTS: dict[str, dict[str, Any]] = {
    "pos_tagger_marks": {"marks": True, "epochs": 20},
    "pos_tagger_across": {"across": True, "epochs": 20},
}
UMBRELLA = (
    "The woman , with her umbrella in hand , walked to the bank to deposit "
    "her cash ."
).split()
"""A sentence like the book's, in our words."""


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("pos_tagger")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.first, c.second, c.decay)
    full 100 512 256 none
    quick 4 256 128 linear

    With signs of spelling, as a record has it:

    >>> VARIANTS["pos_tagger_marks"]
    {'marks': True, 'epochs': 20}
    """

    epochs: int = setting(100, quick=4, least=1)
    """Passes over the training file."""
    batch_size: int = setting(100, quick=256, least=1)
    """Windows in a step."""
    learning_rate: float = setting(0.001, quick=0.01, above=0)
    """Adam's rate."""
    decay: str = setting("none", quick="linear", choices=("none", "linear"))
    """Whether the rate falls, to 0 at the end."""
    first: int = setting(512, quick=256, least=1)
    """Units of the first hidden layer."""
    second: int = setting(256, quick=128, least=1)
    """Units of the second."""
    window: int = setting(3, least=1)
    """Words of a window, the one to be tagged being the last."""
    across: bool = setting(False)
    """Whether windows reach into the sentence before."""
    marks: bool = setting(False)
    """Whether signs of spelling go in beside the vectors."""
    seed: int = setting(0, least=0)
    """Decides the weights and the order of the windows."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class Watched:
    """Tags one sentence after each epoch.

    Parameters
    ----------
    tagger : Tagger
        What is trained.
    words : sequence of str
        The sentence.

    Attributes
    ----------
    tags : list
        The tags found after each epoch.

    Examples
    --------
    >>> class Tagger:
    ...     def tag(self, words):
    ...         return ["DT" if word == "the" else "NN" for word in words]
    >>> watched = Watched(Tagger(), ["the", "bank"])
    >>> watched.on_epoch_end(None)
    >>> watched.tags, watched.state()
    ([['DT', 'NN']], {'tags': ['DT NN']})
    """

    def __init__(self, tagger: Any, words: Sequence[str]) -> None:
        self.tagger, self.words = tagger, list(words)
        self.tags: list[list[str]] = []

    def on_epoch_end(self, run: Any) -> None:
        """Tag it once more."""
        self.tags.append(self.tagger.tag(self.words))

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"tags": [" ".join(tags) for tags in self.tags]}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.tags = [line.split() for line in state["tags"]]


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train, and measure both files at the end.

    The test file's error is measured after every epoch, too, and nothing is
    decided by it. The record's metrics hold ``test_accuracy``,
    ``train_accuracy``, ``unknown_accuracy`` of words without a vector,
    ``new_accuracy`` of words that the training file lacks, and
    ``first_accuracy`` of sentences' first words; besides ``words``,
    ``unknown_words`` and ``tags``, counted. Its array ``umbrella`` holds the
    watched sentence's tags, a row an epoch, as numbers of the sorted tags of
    both files; the others are the network's parameters.

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
    On the command line: ``fdl train pos_tagger``.
    """
    from fdl._mxnet import mx
    from fdl.optim.schedules import Polynomial

    text, test, tagger = _untrained(config, offline)
    batches = tagger.batches(text, config.batch_size, seed=config.seed)
    steps = config.epochs * len(batches)
    rate: dict[str, Any] = {"learning_rate": config.learning_rate}
    if config.decay == "linear":
        rate["lr_scheduler"] = Polynomial(config.learning_rate, steps)
    umbrella = Watched(tagger, UMBRELLA)
    history = train.fit(
        tagger.net,
        batches,
        loss=nn.cross_entropy,
        optimizer=mx.optimizer.Adam(**rate),
        epochs=config.epochs,
        validation=tagger.batches(test, 4096, shuffle=False),
        metrics=["error"],
        callbacks=[umbrella, *callbacks],
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    return compared(
        "pos_tagger",
        config,
        metrics={
            **_scores(tagger, text, test),
            "train_accuracy": float(tagger.right(text).mean()),
            "epochs": history.epochs,
        },
        curves={
            "batch_loss": thin(history.batch_loss),
            **{name: list(curve) for name, curve in history.items()},
        },
        seconds=history.seconds,
        net=tagger.net,
        sources=(text.source, tagger.table.vectors.source),
        complete=history.epochs == config.epochs,
        arrays={
            **nn.get_parameters(tagger.net),
            "umbrella": onp.array(
                [[tagger.tags.index(t) for t in row] for row in umbrella.tags],
                onp.float32,
            ),
        },
    )


def _untrained(config: Config, offline: bool) -> tuple[Any, Any, Any]:
    """Return both files and the tagger, not trained yet."""
    from fdl.language import Marks, Tagger

    text = data.load("conll2000", "train", offline=offline)
    test = data.load("conll2000", "test", offline=offline)
    words = (word for s in text for word in s.words)
    tagger = Tagger(
        data.load("glove", offline=offline),
        sorted({*text.tags, *test.tags}),
        [*text, *test, data.Tagged(tuple(UMBRELLA), (), ())],
        n=config.window,
        across=config.across,
        marks=Marks(words) if config.marks else None,
        hidden=(config.first, config.second),
    )
    return text, test, tagger


def tagger_of(record: Record, offline: bool = False) -> Any:
    """Return the tagger that a record keeps, to tag with.

    It takes a record of :func:`run`, with its arrays:
    ``tagger_of(records.read("pos_tagger")).tag(["the", "bank"])``.
    """
    tagger = _untrained(Config(**record.config), offline)[-1]
    kept = {k: a for k, a in record.arrays.items() if k != "umbrella"}
    nn.set_parameters(tagger.net, kept)
    return tagger


def _scores(tagger: Any, text: Any, test: Any) -> dict[str, float]:
    """Return accuracies on the test file, of all its words and of some."""
    right = tagger.right(test)
    words = [word for s in test for word in s.words]
    lost, old = set(tagger.table.unknown), {w for s in text for w in s.words}
    some = {
        "test_accuracy": [True] * len(words),
        "unknown_accuracy": [word in lost for word in words],
        "new_accuracy": [word not in old for word in words],
        "first_accuracy": [k == 0 for s in test for k in range(len(s.words))],
    }
    scores = {name: right[onp.array(mask)] for name, mask in some.items()}
    found = {
        name: float(part.mean()) for name, part in scores.items() if len(part)
    }
    return {
        **found,
        "words": text.words,
        "unknown_words": len(lost),
        "tags": len(tagger.tags),
    }
