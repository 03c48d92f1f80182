"""In which order slots were written: the links between them.

[1] Graves et al. 2016, doi:10.1038/nature20101

Letters: ``B`` batch; ``N`` memory slots; ``R`` read heads.

Differences from the paper: none.

Book: ch. 8, "Temporal Linking of DNC Writes"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import namespace
from fdl.memory._checks import shapes

__all__ = [
    "directions",
    "link",
    "outer",
    "precedence",
]


def precedence(previous: Any, write_weights: Any) -> Any:
    """Return which slots were written last.

    ::

        p_t = (1 − Σ_i w(i)) p_{t−1} + w

    Parameters
    ----------
    previous, write_weights : array `(B, N)`
        p before the write, and w.

    Returns
    -------
    array `(B, N)`
        Weights ≥ 0, whose sum is at most 1.

    Examples
    --------
    A write of half a slot leaves half of what was written before:

    >>> from fdl._mxnet import np
    >>> precedence(np.array([[1.0, 0.0]]), np.array([[0.0, 0.5]]))
    array([[0.5, 0.5]])
    """
    F, _ = namespace(previous)
    shapes(previous=(previous, "BN"), write_weights=(write_weights, "BN"))
    written = F.sum(write_weights, axis=-1, keepdims=True)
    # p_t = (1 − Σ w) p + w
    return (1 - written) * previous + write_weights


def link(previous: Any, write_weights: Any, precedence: Any) -> Any:
    """Return in which order slots were written.

    ::

        L(i, j) ← (1 − w(i) − w(j)) L(i, j) + w(i) p(j),    L(i, i) = 0

    Parameters
    ----------
    previous : array `(B, N, N)`
        L before.
    write_weights : array `(B, N)`
        w of this write.
    precedence : array `(B, N)`
        p from before this write.

    Returns
    -------
    array `(B, N, N)`
        L(i, j) is near 1 where i was written right after j.

    Examples
    --------
    The second slot is written right after the first:

    >>> from fdl._mxnet import np
    >>> first, second = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> link(np.zeros((1, 2, 2)), second, precedence=first)
    array([[[0., 0.],
            [1., 0.]]])
    """
    F, Fx = namespace(previous)
    shapes(
        previous=(previous, "BNN"),
        write_weights=(write_weights, "BN"),
        precedence=(precedence, "BN"),
    )
    w = write_weights
    i = Fx.arange_like(w, axis=-1)
    apart = F.expand_dims(i, 0) != F.expand_dims(i, 1)  # (N, N)
    # 1 − w(i) − w(j)
    kept = F.expand_dims(1 - w, 2) - F.expand_dims(w, 1)
    # L ← ((1 − w(i) − w(j)) L + w(i) p(j)), but for the diagonal
    return (kept * previous + outer(w, precedence)) * apart


def directions(link: Any, read_weights: Any) -> tuple[Any, Any]:
    """Go from where a head has read to what was written next, or before.

    ::

        f = L w,    b = Lᵀ w

    Parameters
    ----------
    link : array `(B, N, N)`
        L.
    read_weights : array `(B, R, N)`
        w of the step before.

    Returns
    -------
    forward, backward : array `(B, R, N)`

    Examples
    --------
    Of three slots that were written in their order, a head has read the
    second:

    >>> from fdl._mxnet import np
    >>> links = np.eye(3, k=-1).reshape(1, 3, 3)
    >>> directions(links, np.array([[[0.0, 1.0, 0.0]]]))
    (array([[[0., 0., 1.]]]), array([[[1., 0., 0.]]]))
    """
    _, Fx = namespace(link)
    shapes(link=(link, "BNN"), read_weights=(read_weights, "BRN"))
    # f = L w, one row for each head
    forward = Fx.batch_dot(read_weights, link, transpose_b=True)
    # b = Lᵀ w
    backward = Fx.batch_dot(read_weights, link)
    return forward, backward


def outer(a: Any, b: Any) -> Any:
    """Return a bᵀ `(B, N, K)` of `(B, N)` and `(B, K)`.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> outer(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0, 10.0]]))
    array([[[ 1.,  0., 10.],
            [ 2.,  0., 20.]]])
    """
    F, Fx = namespace(a)
    return Fx.batch_dot(F.expand_dims(a, 2), F.expand_dims(b, 1))
