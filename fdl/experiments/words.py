"""What the experiments with words share: a text in numbers, and scores."""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl import data
from fdl.scratch._checks import whole

__all__ = ["Corpus", "scores"]


class Corpus:
    """A text and its vocabulary.

    Parameters
    ----------
    name : str
        The data set.
    size : int
        Words of the vocabulary at most.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Attributes
    ----------
    vocabulary : Vocabulary
        The commonest words.
    numbers : array `(n,)`
        The text, −1 where a line ends.
    source : Source
        Where it comes from.

    Examples
    --------
    >>> corpus = Corpus("ptb", 50, offline=True)
    >>> len(corpus.vocabulary), corpus.source.kind
    (50, 'sample')
    >>> some = corpus.first(20)  # whole lines, the last one too
    >>> int((some >= 0).sum()) >= 20, int(some[-1])
    (True, -1)
    """

    def __init__(self, name: str, size: int, offline: bool) -> None:
        text = data.load(name, offline=offline)
        self.vocabulary = data.Vocabulary.count(text, size)
        self.numbers = self.vocabulary.encode_all(text)
        self.source = text.source

    def first(self, words: int) -> onp.ndarray:
        """Return whole lines from the start, about so many words."""
        count = onp.cumsum(self.numbers >= 0)
        whole("words", words)
        end = int(onp.searchsorted(count, words))
        stop = onp.flatnonzero(self.numbers[end:] < 0)
        return self.numbers[: end + (int(stop[0]) + 1 if len(stop) else 0)]


def scores(vectors: Any) -> dict[str, float]:
    """Return what published lists say of word vectors.

    ``analogies_right`` of ``analogies_asked``, ``analogy_accuracy``, and the
    same for the classes of their words: ``classes_asked``,
    ``class_accuracy``.

    Examples
    --------
    The published list has two questions about these four words alone:

    >>> from fdl.representation import WordVectors
    >>> words = ["king", "queen", "man", "woman"]
    >>> vectors = [[1, 1], [1, 2], [0, 1], [0, 2]]
    >>> known = WordVectors(data.Vocabulary(words, [4, 3, 2, 1]), vectors)
    >>> found = scores(known)
    >>> found["analogies_asked"], found["analogy_accuracy"]
    (2, 1.0)
    """
    found: dict[str, float] = {}
    sections = vectors.score_analogies(data.analogies()).values()
    right, asked = (sum(column) for column in list(zip(*sections))[:2])
    found["analogies_right"] = right
    found["analogies_asked"] = asked
    found["analogy_accuracy"] = right / max(asked, 1)
    classes = vectors.score_classes(data.word_classes())
    found["classes_asked"] = classes.asked
    found["class_accuracy"] = classes.right / max(classes.asked, 1)
    return found
