"""To teach a network to answer questions on stories, and to ask it.

Letters: ``B`` stories; ``T`` steps; ``V`` tokens; ``P`` steps of all stories.

Differences from the book: a minibatch holds several stories of about equal
length, so that little of it is padding.

Book: ch. 8, "Teaching a DNC to Read and Comprehend"
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fdl.memory.babi import StorySteps, one_hot
from fdl.scratch._checks import whole

__all__ = ["StoryBatches", "answer", "answer_loss"]

CELLS = 4096  # steps of all stories that are answered at a time


class StoryBatches:
    """Minibatches of stories drawn by chance, of about equal length each.

    Every story comes as often as any other: the first one of a minibatch may
    be any, and the rest are drawn from those in the same part of the list of
    all stories by length.

    Parameters
    ----------
    steps : StorySteps
        The stories.
    size : int
        V.
    batch_size : int
        B.
    count : int
        Minibatches in an epoch.
    parts : int
        Of the list, about equally large.
    seed : int
        With the epoch's number, decides what is drawn.

    Examples
    --------
    >>> from fdl.data.stories import Line, Story
    >>> from fdl.memory.babi import encode, lexicon
    >>> stories = [Story(1, (Line("Ben ran."), Line("Who ran?", ("Ben",))))]
    >>> tokens = lexicon(stories)
    >>> steps = encode(stories, tokens)
    >>> batches = StoryBatches(steps, len(tokens), batch_size=2, count=1)
    >>> ((x, answers),) = batches
    >>> x.shape, answers[0].tolist(), tokens[4]
    ((2, 7, 6), [-1, -1, -1, -1, -1, -1, 3], 'ran')
    """

    def __init__(
        self,
        steps: StorySteps,
        size: int,
        batch_size: int,
        *,
        count: int = 100,
        parts: int = 32,
        seed: int = 0,
    ) -> None:
        known = 1 + max(steps.tokens.max(), steps.answers.max())
        self.steps, self.size = steps, whole("size", size, int(known))
        self.batch_size = whole("batch_size", batch_size)
        self.count, self.seed = whole("count", count), whole("seed", seed, 0)
        order = np.argsort(steps.lengths, kind="stable")
        parts = min(whole("parts", parts), len(order))
        self.parts = np.array_split(order, parts)
        self.home = np.empty(len(order), np.int64)
        for k, part in enumerate(self.parts):
            self.home[part] = k

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield inputs `(B, T, V)` and answers `(B, T)`."""
        rng = np.random.default_rng([self.seed, epoch])
        for _ in range(self.count):
            part = self.parts[self.home[rng.integers(len(self.home))]]
            rows = part[rng.integers(len(part), size=self.batch_size)]
            tokens, answers = self.steps.rows(rows)
            yield one_hot(tokens, self.size), answers


def answer_loss(scores: Any, answers: Any) -> Any:
    """Return each story's mean cross-entropy at the words of its answers.

    Parameters
    ----------
    scores : array `(B, T, V)`
        What the network says.
    answers : array `(B, T)`
        What it should say, or ``NOTHING``.

    Examples
    --------
    A network that scores both words alike at two steps; only the second one is
    asked for, and ln 2 is the price of a guess:

    >>> from fdl._mxnet import np as mnp
    >>> answer_loss(mnp.zeros((1, 2, 2)), mnp.array([[-1, 1]])).round(3)
    array([0.693])
    """
    from fdl import nn
    from fdl._mxnet import np as mnp

    asked = answers >= 0
    return nn.masked_cross_entropy(scores, mnp.maximum(answers, 0), asked)


def answer(
    net: Any, steps: StorySteps, size: int, device: Any = None
) -> np.ndarray:
    """Return the likeliest token at each step of all stories, `(P,)`.

    Parameters
    ----------
    net : Block
        Maps `(B, T, V)` to scores of the same shape.
    steps : StorySteps
        The stories.
    size : int
        V.
    device : optional
        Where the network is.

    Examples
    --------
    What a network says is the token with the highest score. This one repeats
    what it is given:

    >>> from fdl._mxnet import gluon
    >>> from fdl.data.stories import Line, Story
    >>> from fdl.memory.babi import encode, lexicon
    >>> stories = [Story(1, (Line("Ben ran."), Line("Who ran?", ("Ben",))))]
    >>> tokens = lexicon(stories)
    >>> steps = encode(stories, tokens)
    >>> echo = gluon.nn.HybridLambda(lambda F, x: x)
    >>> bool((answer(echo, steps, len(tokens)) == steps.tokens).all())
    True
    """
    from fdl import train

    said = np.empty_like(steps.tokens)
    order = np.argsort(-steps.lengths, kind="stable")
    first = 0
    while first < len(order):
        longest = steps.lengths[order[first]]
        rows = order[first : first + max(1, CELLS // longest)]
        first += len(rows)
        x = one_hot(steps.rows(rows)[0], size)
        scores = train.predict(net, x, batch_size=len(x), device=device)
        for row, words in zip(rows, scores.argmax(axis=2)):
            begin, end = steps.starts[row : row + 2]
            said[begin:end] = words[: end - begin]
    return said
