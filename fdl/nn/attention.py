"""Attention: a weighted mean of what is there, by how well it fits.

::

    w = softmax(score(query, key_n))       one weight for each key
    context = Σ_n w_n value_n

The score is a dot product [1], or a small network of its own [2]; where there
is no query, as over the outputs of one reader, the network looks at the keys
alone.

Letters: ``B`` batch; ``Q`` queries; ``N`` keys; ``W`` size of a key; ``U``
hidden units of a score.

References: [1] Luong, Pham and Manning 2015, arXiv:1508.04025; [2] Bahdanau,
Cho and Bengio 2015, arXiv:1409.0473

Differences from the papers: none.

Book: ch. 7, "Augmenting Recurrent Networks with Attention"
"""

from __future__ import annotations

from typing import Any, Optional

from fdl._mxnet import frontend, gluon, mx, nn
from fdl.errors import ShapeError
from fdl.nn._checks import check_whole

__all__ = ["AdditiveAttention", "attend", "dot_attention"]

FAR = 1e9  # below every score, and yet finite


def attend(scores: Any, values: Any, mask: Any = None) -> Any:
    """Return the mean of values, weighted by the softmax of scores.

    Parameters
    ----------
    scores : array `(B, Q, N)`
        How well each key fits each query.
    values : array `(B, N, W)`
        What is averaged.
    mask : array `(B, N)`, optional
        1 for a key that is there, 0 for padding.

    Returns
    -------
    context : array `(B, Q, W)`
        The means. Where all keys are masked, zeros.
    weights : array `(B, Q, N)`
        ≥ 0 with the sum 1; 0 where masked.

    Examples
    --------
    Two keys fit alike; the third fits best, but is padding:

    >>> from fdl._mxnet import np
    >>> scores = np.array([[[1.0, 1.0, 50.0]]])
    >>> values = np.array([[[2.0], [4.0], [9.0]]])
    >>> context, weights = attend(scores, values, np.array([[1, 1, 0]]))
    >>> context, weights
    (array([[[3.]]]), array([[[0.5, 0.5, 0. ]]]))
    """
    F = frontend(scores)
    if mask is None:
        weights = F.npx.softmax(scores, axis=-1)
    else:
        symbol = isinstance(scores, mx.symbol.Symbol)
        mask = mask.astype("float32" if symbol else scores.dtype)
        mask = F.np.expand_dims(mask, 1)  # (B, 1, N)
        weights = F.npx.softmax(scores - FAR * (1 - mask), axis=-1)
        weights = weights * mask  # if all are masked, none has a weight
    return F.npx.batch_dot(weights, values), weights


def dot_attention(
    query: Any, keys: Any, mask: Any = None, many: Optional[bool] = None
) -> Any:
    """Return the mean of keys by their dot products with a query.

    Parameters
    ----------
    query : array `(B, W)` or `(B, Q, W)`
        One query, or several, for each row.
    keys : array `(B, N, W)`
        What is looked at, and what is averaged.
    mask : array `(B, N)`, optional
        1 for a key that is there, 0 for padding.
    many : bool, optional
        Whether there are several queries. Arrays tell; symbols do not, and
        are taken for one.

    Returns
    -------
    context : array `(B, W)` or `(B, Q, W)`
        The means. Where all keys are masked, zeros.
    weights : array `(B, N)` or `(B, Q, N)`
        ≥ 0 with the sum 1; 0 where masked.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> keys = np.array([[[9.0, 0.0], [0.0, 9.0], [9.0, 0.0]]])
    >>> context, weights = dot_attention(np.array([[1.0, 0.0]]), keys)
    >>> weights.round(3), context.round(2)
    (array([[0.5, 0. , 0.5]]), array([[9., 0.]]))
    """
    F = frontend(keys)
    several = _several(query, many)
    _check(query, keys, mask, several)
    if not several:
        query = F.np.expand_dims(query, 1)
    # score = query · key_n
    scores = F.npx.batch_dot(query, keys, transpose_b=True)  # (B, Q, N)
    return _one(F, attend(scores, keys, mask), several)


class AdditiveAttention(gluon.HybridBlock):
    """Attention whose score is a small network [2].

    ::

        score(q, k) = vᵀ tanh(W q + U k + b)

    Parameters
    ----------
    units : int
        U.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> look = AdditiveAttention(8)
    >>> look.initialize()
    >>> context, weights = look(np.ones((2, 5)), np.ones((2, 7, 4)))
    >>> context.shape, weights.shape
    ((2, 4), (2, 7))

    Without a query it is a scorer of states:

    >>> look = AdditiveAttention(8)
    >>> look.initialize()
    >>> look(None, np.ones((2, 7, 4)))[0].shape
    (2, 4)
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_whole(units=units)
        self.units = units
        start = {"flatten": False, "weight_initializer": "xavier"}
        with self.name_scope():
            self.of_query = nn.Dense(units, use_bias=False, **start)
            self.of_key = nn.Dense(units, **start)
            self.score = nn.Dense(1, use_bias=False, **start)

    def forward(
        self,
        query: Any,
        keys: Any,
        mask: Any = None,
        many: Optional[bool] = None,
    ) -> Any:
        """Return context and weights.

        Parameters
        ----------
        query : array `(B, …)` or `(B, Q, …)`, or None
            One query, or several, for each row. Without one, keys are scored
            for themselves.
        keys : array `(B, N, W)`
            What is looked at, and what is averaged.
        mask : array `(B, N)`, optional
            1 for a key that is there, 0 for padding.
        many : bool, optional
            As in :func:`dot_attention`.

        Returns
        -------
        context : array `(B, W)` or `(B, Q, W)`
            The means.
        weights : array `(B, N)` or `(B, Q, N)`
            Of the keys.
        """
        F = frontend(keys)
        several = query is not None and _several(query, many)
        _check(query, keys, mask, several, alike=False)
        z = F.np.expand_dims(self.of_key(keys), 1)  # (B, 1, N, U)
        if query is not None:
            q = self.of_query(query)
            if not several:
                q = F.np.expand_dims(q, 1)
            z = F.np.expand_dims(q, 2) + z  # (B, Q, N, U)
        # score = vᵀ tanh(W q + U k + b)
        scores = F.np.squeeze(self.score(F.np.tanh(z)), axis=-1)
        return _one(F, attend(scores, keys, mask), several)


def _several(query: Any, many: Optional[bool]) -> bool:
    if many is None:
        return getattr(query, "ndim", 2) == 3
    return bool(many)


def _one(F: Any, found: Any, several: bool) -> Any:
    context, weights = found
    if several:
        return context, weights
    return F.np.squeeze(context, axis=1), F.np.squeeze(weights, axis=1)


def _check(
    query: Any, keys: Any, mask: Any, several: bool, alike: bool = True
) -> None:
    """Raise unless arrays fit each other; symbols cannot be looked at."""
    if isinstance(keys, mx.symbol.Symbol):
        return
    if getattr(keys, "ndim", 0) != 3:
        shape = getattr(keys, "shape", type(keys).__name__)
        raise ShapeError(f"`keys` (=of shape {shape}) must be (B, N, W).")
    batch, count, width = keys.shape
    if query is not None:
        shape = getattr(query, "shape", ())
        good = len(shape) == 2 + several and shape[0] == batch
        if not good or (alike and shape[-1] != width):
            last = str(width) if alike else "…"
            raise ShapeError(
                f"`query` (=of shape {shape}) must be ({batch}, {last}) or "
                f"({batch}, Q, {last}) for keys of shape {keys.shape}."
            )
    if mask is not None and getattr(mask, "shape", None) != (batch, count):
        shape = getattr(mask, "shape", type(mask).__name__)
        raise ShapeError(
            f"`mask` (=of shape {shape}) must be ({batch}, {count}), one "
            "number for each key."
        )
