"""Skip-gram and noise-contrastive estimation, word by word.

Everything here is for one pair at a time, in loops that read as the
equations; :mod:`fdl.representation` does the same for blocks of text.

::

    s_w = v_w · h + b_w                     the score of word w in context h
    softmax:   E = −s_c + ln Σ_w exp s_w
    NCE:       E = −ln σ(s_c − ln k q_c) − Σ_n ln(1 − σ(s_n − ln k q_n))
    negative sampling:  the same without ln k q

Letters: ``V`` words; ``d`` dimensions; ``k`` noise words; ``q`` their
distribution; ``h`` the embedding of the centre; ``v`` the output vectors.

References: [1] Mikolov et al. 2013, arXiv:1310.4546; [2] Gutmann and
Hyvärinen 2012, JMLR 13; [3] Mnih and Teh 2012, arXiv:1206.6426.

Differences from the papers: none.

Book: ch. 6, "The Word2Vec Framework"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Optional

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped, whole
from fdl.scratch.neurons import sigmoid, softmax

__all__ = [
    "cbow_pairs",
    "lookup",
    "nce_gradient",
    "nce_loss",
    "probability_objective",
    "skip_gram_pairs",
    "softmax_gradient",
]


def skip_gram_pairs(
    words: Sequence[Any], window: int = 1, full: bool = False
) -> list[tuple[Any, Any]]:
    """Return each word with each of its neighbours.

    Parameters
    ----------
    words : sequence
        One line of text.
    window : int
        How far to look, on each side.
    full : bool
        Leave out words whose window does not fit into the line.

    Returns
    -------
    list of (word, neighbour)

    Examples
    --------
    >>> skip_gram_pairs("the boy went".split())
    [('the', 'boy'), ('boy', 'the'), ('boy', 'went'), ('went', 'boy')]
    """
    pairs = []
    for centre, around in cbow_pairs(words, window, full):
        for neighbour in around:
            pairs.append((centre, neighbour))
    return pairs


def cbow_pairs(
    words: Sequence[Any], window: int = 1, full: bool = False
) -> list[tuple[Any, list[Any]]]:
    """Return each word with the list of its neighbours.

    Parameters
    ----------
    words : sequence
        One line of text.
    window : int
        How far to look, on each side.
    full : bool
        Leave out words whose window does not fit into the line.

    Examples
    --------
    >>> cbow_pairs("the boy went".split(), full=True)
    [('boy', ['the', 'went'])]
    """
    whole("window", window)
    pairs = []
    for t, word in enumerate(words):
        first, last = max(0, t - window), min(len(words) - 1, t + window)
        around = [words[j] for j in range(first, last + 1) if j != t]
        if len(around) == 2 * window or (around and not full):
            pairs.append((word, around))
    return pairs


def lookup(table: Any, word: int) -> np.ndarray:
    """Return a word's embedding as the product it is: tableᵀ × one-hot.

    Parameters
    ----------
    table : array `(V, d)`
        The embeddings, a row for each word.
    word : int
        Its number.

    Examples
    --------
    >>> lookup([[1, 2], [3, 4], [5, 6]], 1)
    array([3., 4.])
    """
    table = shaped("table", floats("table", table), "V", "d")
    whole("word", word, 0, len(table) - 1)
    one_hot = np.zeros(len(table))
    one_hot[word] = 1
    return table.T @ one_hot


def nce_loss(
    scores: Any,
    context: int,
    noise: Sequence[int],
    q: Optional[Any] = None,
) -> float:
    """Return the loss of one pair, its context told from k noise words.

    Parameters
    ----------
    scores : array `(V,)`
        s, of every word.
    context : int
        c, the word that was really there.
    noise : sequence of int
        The k noise words.
    q : array `(V,)`, optional
        The probabilities they were drawn with. Without it, the loss is that
        of negative sampling.

    Examples
    --------
    >>> nce_loss([0.0, 0.0], 0, [1]) / math.log(2)
    2.0
    """
    loss = 0.0
    for sign, word, shift in _terms(scores, context, noise, q):
        # −ln σ(z) = ln(1 + e^{−z});   −ln(1 − σ(z)) = ln(1 + e^z)
        loss += np.logaddexp(0, -sign * (scores[word] - shift))
    return float(loss)


def nce_gradient(
    scores: Any,
    context: int,
    noise: Sequence[int],
    q: Optional[Any] = None,
) -> np.ndarray:
    """Return ∂E/∂s `(V,)` of :func:`nce_loss`, with its arguments.

    Examples
    --------
    A score of 0 says "one half": the context is to be 1, the noise to be 0.

    >>> nce_gradient([0.0, 0.0, 0.0], 0, [1])
    array([-0.5,  0.5,  0. ])
    """
    gradient = np.zeros(len(scores))
    for sign, word, shift in _terms(scores, context, noise, q):
        # the context is to be 1, noise is to be 0
        wanted = 1 if sign > 0 else 0
        gradient[word] += sigmoid(scores[word] - shift) - wanted
    return gradient


def _terms(
    scores: Any, context: int, noise: Sequence[int], q: Optional[Any]
) -> list[tuple[int, int, float]]:
    """Return sign, word and ln k q of each comparison."""
    k, V = len(noise), len(shaped("scores", floats("scores", scores), "V"))
    if not k:
        raise must("noise", noise, "hold at least one word")
    for word in noise:
        whole("noise", word, 0, V - 1)
    whole("context", context, 0, V - 1)
    if q is not None and (np.shape(q) != (V,) or not np.min(q) > 0):
        raise must("q", q, f"be {V} probabilities, each above 0")
    words = [(1, context)] + [(-1, word) for word in noise]
    if q is None:
        return [(sign, word, 0.0) for sign, word in words]
    return [(sign, word, math.log(k * q[word])) for sign, word in words]


def softmax_gradient(scores: Any, context: int) -> np.ndarray:
    """Return ∂E/∂s `(V,)` of the full softmax: p − one-hot.

    Parameters
    ----------
    scores : array `(V,)`
        s, of every word.
    context : int
        c, the word that was really there.

    Examples
    --------
    >>> softmax_gradient([0.0, 0.0, 0.0, 0.0], 1)
    array([ 0.25, -0.75,  0.25,  0.25])
    """
    s = shaped("scores", floats("scores", scores), "V")
    gradient = softmax(s)
    gradient[whole("context", context, 0, len(s) - 1)] -= 1
    return gradient


def probability_objective(
    scores: Any, context: int, noise: Sequence[int]
) -> float:
    """Return Σ_n σ(s_n) − σ(s_c), of probabilities without logarithms.

    This is what the book's text describes; it is not the loss that its
    listing calls, and its gradient dies where the model is most wrong.

    Parameters
    ----------
    scores, context, noise
        As of :func:`nce_loss`.

    Examples
    --------
    >>> probability_objective([100.0, -100.0], 0, [1])
    -1.0
    """
    total = 0.0
    for sign, word, _ in _terms(scores, context, noise, None):
        total -= sign * float(sigmoid(scores[word]))
    return total
