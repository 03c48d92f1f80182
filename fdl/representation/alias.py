"""Draw words from any distribution, as fast for a million as for ten.

The boxes of :func:`fdl.scratch.alias_tables`, filled without a loop. Lay the
room in all small boxes end to end, D, and all that large ones have too much,
E: where the two cumulative sums meet, a large box is used up and becomes a
small one, and the next large one goes on.

Letters: ``V`` words.

References: [1] Walker 1977, doi:10.1145/355744.355749.
"""

from __future__ import annotations

from typing import Any

import numpy as onp

from fdl.errors import must
from fdl.scratch._checks import floats, shaped

__all__ = ["Alias", "noise_weights"]

KINDS = ("log_uniform", "unigram")  # of noise


class Alias:
    """A distribution over 0, …, V − 1.

    Parameters
    ----------
    weights : array `(V,)`
        How likely each is, up to a factor.

    Attributes
    ----------
    probability : array `(V,)`
        The same, with sum 1.
    own, alias : arrays `(V,)`
        The share of each box that its own number fills, and who fills the
        rest.

    Examples
    --------
    >>> noise = Alias([3, 1])
    >>> rng = onp.random.default_rng(0)
    >>> 0.24 < noise.draw(40_000, rng).mean() < 0.26
    True
    """

    def __init__(self, weights: Any) -> None:
        w = shaped("weights", floats("weights", weights), "V")
        if w.min() < 0 or w.sum() <= 0:
            raise must("weights", w, "be from 0 up, and one of them above 0")
        self.probability = w / w.sum()
        self.own, self.alias = _fill(self.probability * len(w))

    def __repr__(self) -> str:
        return f"Alias({len(self.own):,} numbers)"

    def draw(self, shape: Any, rng: onp.random.Generator) -> onp.ndarray:
        """Return draws, int32.

        Parameters
        ----------
        shape : int or tuple
            How many.
        rng : Generator
            Chance.
        """
        box = rng.integers(0, len(self.own), shape, onp.int32)
        stay = rng.random(shape, onp.float32) < self.own[box]
        return onp.where(stay, box, self.alias[box])


def _fill(amount: onp.ndarray) -> tuple[onp.ndarray, onp.ndarray]:
    """Return `own` and `alias` of amounts `(V,)` with mean 1."""
    small = onp.flatnonzero(amount < 1)
    large = onp.flatnonzero(amount >= 1)
    own = onp.ones(len(amount), onp.float32)
    alias = onp.arange(len(amount), dtype=onp.int32)
    if not len(small) or not len(large):  # equal, up to rounding
        return own, alias
    D = onp.append(0, onp.cumsum(1 - amount[small]))  # at each one's start
    E = onp.cumsum(amount[large] - 1)
    # a small box is filled by the large one that is on when its room begins
    on = onp.searchsorted(E, D[:-1], side="right")
    own[small] = amount[small]
    alias[small] = large[onp.minimum(on, len(large) - 1)]
    # a large box is used up by the small one with which D reaches E; what it
    # then lacks the next large box gives
    by = onp.minimum(onp.searchsorted(D, E[:-1]), len(D) - 1)
    own[large[:-1]] = onp.clip(1 - (D[by] - E[:-1]), 0, 1)
    alias[large[:-1]] = large[1:]
    return own, alias


def noise_weights(kind: str, counts: Any) -> onp.ndarray:
    """Return the distribution of noise words, up to a factor.

    ::

        log_uniform:  q_w ∝ ln((w + 2) / (w + 1))      w the word's rank
        unigram:      q_w ∝ count_w^¾

    Parameters
    ----------
    kind : {"log_uniform", "unigram"}
        The first is what the book's listing draws by default, the second
        word2vec's.
    counts : array `(V,)`
        How often each word came, the commonest first. One that never came
        counts as if it had come once.

    Returns
    -------
    array `(V,)`

    Examples
    --------
    The first asks for no more than ranks: the commonest of three words is as
    likely as the others together. By the second, a word that came 16 times
    counts 8 times as much as one that came once.

    >>> noise_weights("log_uniform", [16, 1, 1]).round(3)
    array([0.693, 0.405, 0.288])
    >>> noise_weights("unigram", [16, 1, 1]).round(3)
    array([8., 1., 1.])
    """
    if kind not in KINDS:
        raise must("kind", kind, 'be "log_uniform" or "unigram"')
    counts = shaped("counts", floats("counts", counts), "V")
    if kind == "log_uniform":
        rank = onp.arange(len(counts))
        return onp.log((rank + 2) / (rank + 1))
    return onp.maximum(counts, 1) ** 0.75
