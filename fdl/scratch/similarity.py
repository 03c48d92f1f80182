"""Looking for keys in a memory, forward and backward.

:mod:`fdl.memory.addressing` leaves the derivative to MXNet. Here it is written
out, and both work in arrays that are there already, as they are called at
every step of every sequence.

Letters: ``B`` batch; ``N`` memory slots; ``W`` word size; ``R`` heads.

Book: ch. 8, "NTM Memory Addressing Mechanisms"
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "content",
    "content_backward",
    "inverse_lengths",
    "softmax_backward",
    "softmax_inplace",
]

EPSILON = 1e-6  # added to squared lengths


def inverse_lengths(x: np.ndarray) -> np.ndarray:
    """Return 1 / √(Σ x² + ε) of each word, `(B, N)` of `(B, N, W)`.

    Examples
    --------
    >>> inverse_lengths(np.array([[[3.0, 4.0], [0.0, 0.0]]])).round(3).tolist()
    [[0.2, 1000.0]]
    """
    squares = np.einsum("bnw,bnw->bn", x, x)
    return 1 / np.sqrt(squares + x.dtype.type(EPSILON))


def softmax_inplace(z: np.ndarray) -> np.ndarray:
    """Turn z into its softmax, along the last axis, and return it.

    Examples
    --------
    >>> z = np.array([0.0, 0.0, -1000.0])
    >>> softmax_inplace(z) is z
    True
    >>> z
    array([0.5, 0.5, 0. ])
    """
    z -= np.maximum.reduce(z, axis=-1, keepdims=True)
    np.exp(z, out=z)
    z /= np.add.reduce(z, axis=-1, keepdims=True)
    return z


def softmax_backward(d: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return ∂E/∂z = y ⊙ (d − Σ d y), for y = softmax(z) and d = ∂E/∂y.

    Parameters
    ----------
    d, y : array `(B, R, N)`
        ∂E/∂y, and the weights.

    Examples
    --------
    A push on all entries alike moves nothing, as they have to sum to 1:

    >>> y = np.array([[[0.5, 0.5]]])  # (B, R, N)
    >>> softmax_backward(np.array([[[1.0, 1.0]]]), y)
    array([[[0., 0.]]])
    >>> softmax_backward(np.array([[[1.0, 0.0]]]), y)
    array([[[ 0.25, -0.25]]])
    """
    mean = np.einsum("brn,brn->br", d, y)
    return y * (d - mean[:, :, None])


def content(
    memory: np.ndarray,
    per_row: np.ndarray,
    keys: np.ndarray,
    per_key: np.ndarray,
    strengths: np.ndarray,
    cosines: np.ndarray,
    weights: np.ndarray,
) -> None:
    """Weight each slot by its likeness to each key.

    ::

        cos(k, m) = k·m / |k||m|
        w = softmax(β cos)

    Parameters
    ----------
    memory, keys : array `(B, N, W)`, `(B, R, W)`
        m and k.
    per_row, per_key : array `(B, N)`, `(B, R)`
        `1 / |m|` and `1 / |k|`, of `inverse_lengths`.
    strengths : array `(B, R)`
        β.
    cosines, weights : array `(B, R, N)`
        Are filled.

    Examples
    --------
    >>> memory = np.array([[[1.0, 0.0], [0.0, 1.0]]])  # two slots
    >>> keys, strengths = np.array([[[0.0, 9.0]]]), np.array([[50.0]])
    >>> cosines, weights = np.empty((1, 1, 2)), np.empty((1, 1, 2))
    >>> per_row, per_key = inverse_lengths(memory), inverse_lengths(keys)
    >>> content(memory, per_row, keys, per_key, strengths, cosines, weights)
    >>> cosines.round(3), weights.round(3)
    (array([[[0., 1.]]]), array([[[0., 1.]]]))
    """
    # cos(k, m) = k·m / |k||m|
    np.matmul(keys, memory.transpose(0, 2, 1), out=cosines)
    cosines *= per_row[:, None]
    cosines *= per_key[:, :, None]
    # w = softmax(β cos)
    np.multiply(cosines, strengths[:, :, None], out=weights)
    softmax_inplace(weights)


def content_backward(
    d: np.ndarray,
    memory: np.ndarray,
    per_row: np.ndarray,
    keys: np.ndarray,
    per_key: np.ndarray,
    strengths: np.ndarray,
    cosines: np.ndarray,
    weights: np.ndarray,
    d_memory: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return ∂E/∂k and ∂E/∂β, and add to ∂E/∂m.

    Parameters
    ----------
    d : array `(B, R, N)`
        ∂E/∂w.
    memory, per_row, keys, per_key, strengths, cosines, weights
        As :func:`content` took and filled them.
    d_memory : array `(B, N, W)`
        Is added to.

    Examples
    --------
    The key is between the two slots. To lift the weight of the first it has to
    turn towards it; to be longer would not help:

    >>> memory = np.array([[[1.0, 0.0], [0.0, 1.0]]])
    >>> keys, strengths = np.array([[[1.0, 1.0]]]), np.array([[2.0]])
    >>> cosines, weights = np.empty((1, 1, 2)), np.empty((1, 1, 2))
    >>> per_row, per_key = inverse_lengths(memory), inverse_lengths(keys)
    >>> content(memory, per_row, keys, per_key, strengths, cosines, weights)
    >>> d_memory = np.zeros_like(memory)
    >>> d_keys, d_strengths = content_backward(
    ...     np.array([[[1.0, 0.0]]]), memory, per_row, keys, per_key,
    ...     strengths, cosines, weights, d_memory)
    >>> d_keys.round(3)
    array([[[ 0.354, -0.354]]])
    """
    d = softmax_backward(d, weights)  # with respect to β cos
    d_strengths = np.einsum("brn,brn->br", d, cosines)
    d *= strengths[:, :, None]  # with respect to cos
    # longer words have the same cosine: what points along them goes
    along = d * cosines
    d *= per_row[:, None]
    d *= per_key[:, :, None]  # with respect to k·m
    d_keys = np.matmul(d, memory)
    of_keys = np.add.reduce(along, axis=2) * per_key * per_key
    d_keys -= keys * of_keys[:, :, None]
    d_memory += np.matmul(d.transpose(0, 2, 1), keys)
    of_rows = np.add.reduce(along, axis=1) * per_row * per_row
    d_memory -= memory * of_rows[:, :, None]
    return d_keys, d_strengths
