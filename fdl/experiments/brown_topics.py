"""What kind of text is this? Fifteen kinds, from news to humour.

The Brown corpus names the kind of each of its 500 texts. A recurrent network
reads passages of them and votes on the whole text; beside it stands a count
of words that knows nothing of their order.

Letters: none.

Differences from the lecture: it sorts articles of an encyclopedia into the
classes of an ontology; that set is not to be had in small.

Book: ch. 7, "Implementing a Sentiment Analysis Model"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record
from fdl.scratch import log_softmax

__all__ = ["DATA", "VARIANTS", "Config", "counting", "run"]

DATA = ("brown-topics",)
VARIANTS: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("brown_topics")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.words, c.hidden)
    full 12 10000 64
    quick 3 5000 32

    A share that is kept cannot be nothing:

    >>> configure("brown_topics", keep=0)
    Traceback (most recent call last):
    ...
    ValueError: `keep` (=0) must be a number above 0.
    """

    epochs: int = setting(12, quick=3, least=1)
    """Passes over the passages."""
    batch_size: int = setting(64, quick=128, least=1)
    """Passages in a step."""
    learning_rate: float = setting(0.005, quick=0.01, above=0)
    """Adam's ε."""
    words: int = setting(10_000, quick=5000, least=10)
    """Words of the vocabulary, padding and unknown words included."""
    length: int = setting(100, quick=50, least=1)
    """Words of a passage."""
    embedding: int = setting(64, quick=32, least=1)
    """Dimensions of an embedding."""
    hidden: int = setting(64, quick=32, least=1)
    """Units of the GRU."""
    keep: float = setting(0.5, above=0)
    """Share that dropout keeps."""
    seed: int = setting(0, least=0)
    """Decides the weights, dropout and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class _Passages:
    """Texts in passages of equal length, and whose they are."""

    def __init__(
        self, documents: data.Documents, length: int, vocabulary: Any
    ) -> None:
        rows, self.owner = [], []
        for k, line in enumerate(documents.text().lines()):
            numbers = vocabulary.encode(" ".join(line)) + 1
            for at in range(0, len(numbers), length):
                rows.append(numbers[at : at + length])
                self.owner.append(k)
        self.rows, self.lengths = data.pad(rows, length)
        self.truth = documents.labels
        self.labels = documents.labels[self.owner]

    def batches(self, size: int, **options: Any) -> data.Buckets:
        return data.Buckets(
            self.rows, self.lengths, self.labels, size, **options
        )

    def vote(self, scores: onp.ndarray) -> onp.ndarray:
        """Return the class of each text: its passages' scores summed."""
        total = onp.zeros((len(self.truth), scores.shape[1]))
        onp.add.at(total, self.owner, log_softmax(scores))
        return total.argmax(axis=1)


def counting(
    known: onp.ndarray,
    labels: onp.ndarray,
    unseen: onp.ndarray,
    classes: int,
    words: int,
) -> onp.ndarray:
    """Return scores `(N, classes)` by how often each class has each word.

    ::

        score_k = ln N_k + Σ_w n_w ln p(w | k)

    with one count more for every word: naive Bayes.

    Parameters
    ----------
    known, unseen : arrays `(N, T)`
        Numbers of words, 0 for padding.
    labels : array `(N,)`
        The classes of those known.
    classes, words : int
        How many there are.

    Examples
    --------
    Class 0 says word 1, class 1 word 2; the fourth number is padding:

    >>> known = onp.array([[1, 1, 3], [2, 2, 3]])
    >>> unseen = onp.array([[1, 3, 0], [2, 2, 1]])
    >>> scores = counting(known, onp.array([0, 1]), unseen, classes=2, words=4)
    >>> scores.argmax(axis=1)
    array([0, 1])
    >>> onp.exp(scores[0]).round(3)  # ½ · 3/6 · 2/6, and ½ · 1/6 · 2/6
    array([0.167, 0.056])
    """
    counts = onp.ones((classes, words))
    onp.add.at(counts, (labels[:, None], known), 1)
    counts[:, 0] = 0  # padding is no word
    p = counts / counts.sum(axis=1, keepdims=True)
    log_p = onp.log(onp.maximum(p, 1e-300))
    log_p[:, 0] = 0
    prior = onp.log(onp.bincount(labels, minlength=classes) + 1e-300)
    return onp.stack([log_p[:, row].sum(axis=1) + prior for row in unseen])


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train on passages, and test on the passages of other texts.

    The record's metrics hold the accuracies on passages and on whole texts:
    ``passage_accuracy`` and ``text_accuracy``, ``counting_passage_accuracy``
    and ``counting_text_accuracy``, and ``commonest``, the share of the test
    texts that are of the class commonest in training.

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
    On the command line: ``fdl train brown_topics``.
    """
    from fdl import language, nn, optim

    known, unseen = (
        data.load("brown-topics", split, offline=offline)
        for split in ("train", "test")
    )
    vocabulary = data.Vocabulary.count(
        known.text(), config.words - 1, unknown="<unk>"
    )
    train_on, test_on = (
        _Passages(documents, config.length, vocabulary)
        for documents in (known, unseen)
    )
    words, classes = len(vocabulary) + 1, len(known.classes)
    net = language.Reader(
        words,
        classes,
        embedding=config.embedding,
        keep=config.keep,
        cell=nn.GRUCell(config.hidden, inputs=config.embedding),
    )
    history = train.fit(
        net,
        train_on.batches(config.batch_size, seed=config.seed),
        loss=nn.cross_entropy,
        optimizer=optim.Adam(config.learning_rate),
        epochs=config.epochs,
        metrics=["accuracy"],
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    net.settle(train_on.batches(100))
    scores = {
        "": train.predict(net, (test_on.rows, test_on.lengths), device=device),
        "counting_": counting(
            train_on.rows, train_on.labels, test_on.rows, classes, words
        ),
    }
    common = int(onp.bincount(known.labels).argmax())
    metrics = {"commonest": float((unseen.labels == common).mean())}
    for name, found in scores.items():
        right = found.argmax(axis=1) == test_on.labels
        metrics[f"{name}passage_accuracy"] = float(right.mean())
        right = test_on.vote(found) == test_on.truth
        metrics[f"{name}text_accuracy"] = float(right.mean())
    return compared(
        "brown_topics",
        config,
        metrics=metrics,
        curves={name: list(curve) for name, curve in history.items()},
        seconds=history.seconds,
        net=net,
        sources=[known.source],
    )
