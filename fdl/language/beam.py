"""Beam search: several beginnings are kept, and the best of them go on.

Being greedy, one takes the likeliest token at each step, and what was a
mistake stays one. A beam of width b keeps the b likeliest beginnings; each is
grown by every token, and the b best of all that come out are kept.

Letters: ``V`` tokens; ``b`` width of the beam; ``p`` probabilities.

References: [1] Wu et al. 2016, arXiv:1609.08144, eq. 14: the length penalty.

Book: ch. 7, "Beam Search and Global Normalization"
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

import numpy as np

from fdl.errors import ShapeError, must
from fdl.scratch._checks import not_negative, whole

__all__ = ["beam_search", "length_penalty"]

Step = Callable[[Any, int], tuple[Any, Any]]


class _Hypothesis(NamedTuple):
    tokens: tuple[int, ...]
    log_p: float
    state: Any
    ended: bool


def length_penalty(length: int, alpha: float, offset: float = 5.0) -> float:
    """Return by what a sequence's log-probability is divided.

    ::

        ((K + length) / (K + 1))^α      [1] eq. 14

    Every token makes a sequence less likely, so that short ones win; divided
    by this, each token costs less the more there are.

    Parameters
    ----------
    length : int
        Tokens, the end's too.
    alpha : float
        α ≥ 0; with 0 nothing changes.
    offset : float
        K ≥ 0.

    Examples
    --------
    >>> length_penalty(7, 1.0), length_penalty(7, 0.0)
    (2.0, 1.0)
    """
    whole("length", length, 0)
    not_negative("alpha", alpha)
    not_negative("offset", offset)
    return ((offset + length) / (offset + 1)) ** alpha


def beam_search(
    step: Step,
    start: int,
    end: int,
    width: int,
    max_steps: int,
    state: Any = None,
    *,
    alpha: float = 0.0,
    offset: float = 5.0,
) -> list[tuple[list[int], float]]:
    """Return the best sequences that a beam finds.

    A hypothesis that has come to its end is not grown any more, but keeps its
    place in the beam for as long as `width` others are not better. With a
    width of 1 the search is greedy; with one of ``V ** max_steps`` it is
    exhaustive. Of equally good ones, that of the better beginning comes
    first, then that of the smaller token.

    Parameters
    ----------
    step : callable
        Called with the state and the last token of one hypothesis; returns
        the log-probabilities of the next, `(V,)`, and the new state. The old
        one must stay as it was, since several may go on from it. A token of
        −∞ never comes.
    start, end : int
        The token before the first, and the one that ends a sequence.
    width : int
        b.
    max_steps : int
        Tokens at most; what has not ended then is cut.
    state : object
        Before the first token.
    alpha, offset : float
        Rank by log-probability over :func:`length_penalty`.

    Returns
    -------
    list of (list of int, float)
        At most b sequences without the start and with their end, and their
        log-probabilities; the best first. None, if no token could come.

    Examples
    --------
    After 1, 2 is as good as sure; after 0, nothing is.

    >>> after = np.log([[0.3, 0.3, 0.4], [0.05, 0.05, 0.9], [0.6, 0.4, 0.1]])
    >>> def step(state, token):
    ...     return after[token], state
    >>> [beam_search(step, 2, 2, width, 2)[0][0] for width in (1, 2)]
    [[0, 2], [1, 2]]
    """
    whole("width", width)
    whole("max_steps", max_steps)
    not_negative("alpha", alpha)
    not_negative("offset", offset)

    def score(h: _Hypothesis) -> float:
        return h.log_p / length_penalty(len(h.tokens), alpha, offset)

    beam = [_Hypothesis((), 0.0, state, False)]
    for _ in range(max_steps):
        if all(h.ended for h in beam):
            break
        grown: list[_Hypothesis] = []
        for h in beam:
            grown += [h] if h.ended else _grown(h, step, start, end, width)
        # sorting is stable: of equals the earlier stays first
        beam = sorted(grown, key=score, reverse=True)[:width]
    return [(list(h.tokens), h.log_p) for h in beam if h.tokens]


def _grown(
    h: _Hypothesis, step: Step, start: int, end: int, width: int
) -> list[_Hypothesis]:
    """Return a hypothesis with each of its `width` likeliest tokens."""
    found, state = step(h.state, h.tokens[-1] if h.tokens else start)
    log_p = np.asarray(found, float)
    if log_p.ndim != 1 or not len(log_p):
        raise ShapeError(
            f"`step` (=returning shape {log_p.shape}) must return "
            "log-probabilities of shape (V,)."
        )
    if np.isnan(log_p).any() or (log_p == np.inf).any():
        raise must("step", log_p, "return log-probabilities, no NaN, no inf")
    # no more than `width` children of one can stay
    best = np.argsort(-log_p, kind="stable")[:width].tolist()
    return [
        _Hypothesis((*h.tokens, k), h.log_p + float(log_p[k]), state, k == end)
        for k in best
        if log_p[k] > -np.inf
    ]
