"""One step of skip-gram or CBOW on a stretch of text, on the host.

Words of a text stand side by side, so their windows overlap: instead of one
product for each pair, the scores of a block of L words with all its
neighbours are one product of matrices, of which a band is used. All words of
a group meet the same K noise words, which makes the scores of these one
product, too. What is touched are rows of tables and nothing else, so a step
costs the same for ten thousand words and for a million.

Letters: ``V`` words; ``d`` dimensions; ``T`` words of a step; ``L`` words of
a block; ``w`` the window, ``W = 2w + 1``; ``G`` groups of ``K`` noise words.

References: [1] Ji et al. 2016, arXiv:1604.04661, who share noise words.

Differences from the paper: windows are blocks of a band matrix; all of a step
is computed from the tables before it.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

import numpy as onp

from fdl.representation.rows import add_rows
from fdl.representation.windows import block

__all__ = ["Batch", "Tables", "cbow_step", "skip_gram_step"]


class Tables(NamedTuple):
    """What is learned, as NumPy arrays.

    An example is at :func:`skip_gram_step`.

    Attributes
    ----------
    inputs, outputs : arrays `(V, d)`
        The embeddings, and the vectors that scores are taken with.
    bias : array `(V, 1)`
        The scores' biases.
    squares : tuple of arrays `(V,)`, optional
        What AdaGrad keeps for the rows of each of the three tables; without
        it, steps are those of plain gradient descent.
    """

    inputs: onp.ndarray
    outputs: onp.ndarray
    bias: onp.ndarray
    squares: tuple[Optional[onp.ndarray], ...] = (None, None, None)


class Batch(NamedTuple):
    """What a step is given.

    An example is at :func:`skip_gram_step`.

    Attributes
    ----------
    words : array `(T + 2w,)`
        T words of a text, with w neighbours on either side.
    chosen : array `(T, W)` of bool
        Which neighbours each of the T words is trained with.
    noise : array `(G, K)`
        Noise words; those of row g are for the g-th T / G words.
    log_expected : array `(V,)`
        ln K q, or zeros for negative sampling.
    """

    words: onp.ndarray
    chosen: onp.ndarray
    noise: onp.ndarray
    log_expected: onp.ndarray


def skip_gram_step(
    tables: Tables, batch: Batch, rate: float, measure: bool = True
) -> float:
    """Move chosen neighbours towards their word, and noise away from it.

    Parameters
    ----------
    tables : Tables
        Changed in place.
    batch : Batch
        The text.
    rate : float
        By which the gradient of the losses' sum is multiplied.
    measure : bool
        Whether to return the loss, which takes a fifth of the time.

    Returns
    -------
    float
        The sum of the pairs' losses before the step; or NaN.

    Examples
    --------
    Words 0 and 2 stand around word 1, and move towards it; word 3 is noise. At
    first all scores are 0, and each of four costs ln 2:

    >>> tables = Tables(onp.ones((4, 2)), onp.zeros((4, 2)), onp.zeros((4, 1)))
    >>> words, chosen = onp.array([0, 1, 2]), onp.array([[True, False, True]])
    >>> batch = Batch(words, chosen, onp.array([[3]]), onp.zeros(4))
    >>> round(skip_gram_step(tables, batch, 0.1), 3)
    2.773
    >>> tables.outputs
    array([[ 0.05,  0.05],
           [ 0.  ,  0.  ],
           [ 0.05,  0.05],
           [-0.1 , -0.1 ]])
    """
    (T, W), w = batch.chosen.shape, batch.chosen.shape[1] // 2
    centres, words = batch.words[w : w + T], batch.words
    h = tables.inputs[centres]  # (T, d)
    v = tables.outputs[words]  # (T + 2w, d)
    shift = tables.bias[words, 0] - batch.log_expected[words]
    h_blocks, v_blocks = _blocks(h, v)  # (n, L, d), (n, L + 2w, d)
    scores = onp.matmul(h_blocks, v_blocks.swapaxes(1, 2))
    z = _band(scores, W).reshape(T, W) + _windows(shift, W)
    # ∂E/∂s = σ(s − ln K q) − 1 where a neighbour was chosen
    g = (_sigmoid(z) - 1) * batch.chosen
    noise = _meet_noise(tables, batch, h, batch.chosen.sum(1), measure)
    scores[...] = 0
    _band(scores, W)[...] = g.reshape(len(scores), -1, W)
    # s_w = v_w · h:   ∂E/∂h = Σ_w ∂E/∂s_w v_w,   ∂E/∂v_w = ∂E/∂s_w h
    dh = onp.matmul(scores, v_blocks).reshape(h.shape) + noise.dh
    dv = _unblock(onp.matmul(scores.swapaxes(1, 2), h_blocks), w)
    db = _unblock(scores.sum(1)[..., None], w)
    scored = onp.append(words, batch.noise)
    _descend(tables, 0, centres, rate, dh)
    _descend(tables, 1, scored, rate, dv, noise.dv)
    _descend(tables, 2, scored, rate, db, noise.db)
    if not measure:
        return onp.nan
    return float((_softplus(-z) * batch.chosen).sum() + noise.loss)


def cbow_step(
    tables: Tables, batch: Batch, rate: float, measure: bool = True
) -> float:
    """Move each word towards its neighbours' mean, and noise away from it.

    Parameters
    ----------
    tables, batch, rate, measure
        As for :func:`skip_gram_step`.

    Returns
    -------
    float
        The sum of the words' losses before the step; or NaN.

    Examples
    --------
    The mean of words 0 and 2 is to foretell word 1; word 3 is noise:

    >>> tables = Tables(onp.ones((4, 2)), onp.zeros((4, 2)), onp.zeros((4, 1)))
    >>> words, chosen = onp.array([0, 1, 2]), onp.array([[True, False, True]])
    >>> batch = Batch(words, chosen, onp.array([[3]]), onp.zeros(4))
    >>> round(cbow_step(tables, batch, 0.1), 3)
    1.386
    >>> tables.outputs
    array([[ 0.  ,  0.  ],
           [ 0.05,  0.05],
           [ 0.  ,  0.  ],
           [-0.05, -0.05]])
    """
    (T, W), w = batch.chosen.shape, batch.chosen.shape[1] // 2
    centres, words = batch.words[w : w + T], batch.words
    count = batch.chosen.sum(1, keepdims=True)  # (T, 1)
    some = count > 0
    e = tables.inputs[words]  # (T + 2w, d)
    v = tables.outputs[centres]  # (T, d)
    v_blocks, e_blocks = _blocks(v, e)
    mean = onp.zeros((*v_blocks.shape[:2], e_blocks.shape[1]), e.dtype)
    _band(mean, W)[...] = (batch.chosen / onp.maximum(count, 1)).reshape(
        len(mean), -1, W
    )
    # h = the mean of the chosen neighbours' embeddings
    h = onp.matmul(mean, e_blocks).reshape(v.shape)
    shift = tables.bias[centres, 0] - batch.log_expected[centres]
    z = onp.einsum("td,td->t", h, v)[:, None] + shift[:, None]
    g = (_sigmoid(z) - 1) * some
    noise = _meet_noise(tables, batch, h, some[:, 0], measure)
    dh = g * v + noise.dh
    dh_blocks = dh.reshape(v_blocks.shape)
    de = _unblock(onp.matmul(mean.swapaxes(1, 2), dh_blocks), w)
    scored = onp.append(centres, batch.noise)
    _descend(tables, 0, words, rate, de)
    _descend(tables, 1, scored, rate, g * h, noise.dv)
    _descend(tables, 2, scored, rate, g, noise.db)
    if not measure:
        return onp.nan
    return float((_softplus(-z) * some).sum() + noise.loss)


class _Noise(NamedTuple):
    dh: onp.ndarray  # (T, d)
    dv: onp.ndarray  # (G K, d)
    db: onp.ndarray  # (G K, 1)
    loss: float


def _meet_noise(
    tables: Tables,
    batch: Batch,
    h: onp.ndarray,
    times: onp.ndarray,
    measure: bool,
) -> _Noise:
    """Return what noise gives to h `(T, d)`, each met `times` `(T,)`."""
    G, d = len(batch.noise), h.shape[1]
    h, times = h.reshape(G, -1, d), times.reshape(G, -1, 1)
    v = tables.outputs[batch.noise]  # (G, K, d)
    shift = tables.bias[batch.noise, 0] - batch.log_expected[batch.noise]
    z = onp.matmul(h, v.swapaxes(1, 2)) + shift[:, None]  # (G, T / G, K)
    # ∂E/∂s = σ(s − ln K q), once for each pair
    g = _sigmoid(z) * times.astype(z.dtype)
    return _Noise(
        onp.matmul(g, v).reshape(-1, d),
        onp.matmul(g.swapaxes(1, 2), h).reshape(-1, d),
        g.sum(1).reshape(-1, 1),
        float((_softplus(z) * times).sum()) if measure else onp.nan,
    )


def _descend(
    tables: Tables,
    which: int,
    rows: onp.ndarray,
    rate: float,
    *gradients: onp.ndarray,
) -> None:
    """Take rows of one table a step down the gradient."""
    squares = tables.squares[which]
    change = onp.concatenate(gradients)
    change *= -1
    table = (tables.inputs, tables.outputs, tables.bias)[which]
    add_rows(table, rows, change, rate, squares)


def _blocks(
    one: onp.ndarray, around: onp.ndarray
) -> tuple[onp.ndarray, onp.ndarray]:
    """Return `(T, d)` as `(n, L, d)`, `(T + 2w, d)` as `(n, L + 2w, d)`."""
    T, d = one.shape
    more = len(around) - T  # 2w
    L = min(T, block(more // 2))
    row, item = around.strides
    return one.reshape(-1, L, d), onp.lib.stride_tricks.as_strided(
        around, (T // L, L + more, d), (L * row, row, item), writeable=False
    )


def _unblock(blocks: onp.ndarray, w: int) -> onp.ndarray:
    """Add up overlapping `(n, L + 2w, d)` to `(T + 2w, d)`."""
    n, length, d = blocks.shape
    L = length - 2 * w
    if n == 1:
        return blocks[0]
    out = onp.empty((n + 1, L, d), blocks.dtype)
    out[:n] = blocks[:, :L]
    out[n] = 0
    out[1:, : 2 * w] += blocks[:, L:]
    return out.reshape(-1, d)[: n * L + 2 * w]


def _band(blocks: onp.ndarray, W: int) -> onp.ndarray:
    """Return the band `(n, L, W)` of `(n, L, L + 2w)`, as a view."""
    block, row, item = blocks.strides
    shape = (len(blocks), blocks.shape[1], W)
    strides = (block, row + item, item)
    return onp.lib.stride_tricks.as_strided(blocks, shape, strides)


def _windows(x: onp.ndarray, W: int) -> onp.ndarray:
    """Return `(T + 2w,)` as `(T, W)`, as a view."""
    return onp.lib.stride_tricks.sliding_window_view(x, W)


def _sigmoid(x: onp.ndarray) -> onp.ndarray:
    with onp.errstate(over="ignore"):  # 1 / (1 + ∞) is right
        return 1 / (1 + onp.exp(-x))


def _softplus(x: onp.ndarray) -> onp.ndarray:
    return onp.maximum(x, 0) + onp.log1p(onp.exp(-abs(x)))
