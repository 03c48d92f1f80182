"""A small network whose weights lie in one vector, with derivatives by hand.

Some agents look for weights as one looks for a point in space; they add to
them, and measure lengths. For a ReLU network of a few layers both derivatives
are soon written out: forward, how the outputs change with the weights along
one direction, and backward, how a number made of the outputs changes with
each weight::

    z_k = h_{k−1} W_k + b_k            h_k = max(z_k, 0)
    ż_k = ḣ_{k−1} W_k + h_{k−1} Ẇ_k + ḃ_k        ḣ_k = ż_k where z_k > 0

Letters: ``n`` weights, biases among them; ``B`` inputs; ``A`` outputs; ``w``
weights; a dot marks a derivative along a direction.

References: none.

Book: ch. 9, "Policy Versus Value Learning"
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from fdl.errors import ShapeError
from fdl.rl.actors import Layers, answer
from fdl.scratch._checks import floats, whole

__all__ = [
    "Player",
    "along",
    "back",
    "first_weights",
    "forward",
    "unpack",
    "weight_count",
]


class Player:
    """Takes the action whose output is largest.

    Parameters
    ----------
    layers : Layers
        The network's weights and biases.

    Examples
    --------
    >>> layers = unpack(np.array([1.0, -1.0, 0.0, 0.0]), (1, 2))
    >>> Player(layers).act([3.0]), Player(layers).act([-3.0])
    (0, 1)
    """

    def __init__(self, layers: Layers) -> None:
        self.layers = layers

    def act(self, observation: Any, explore: bool = False) -> int:
        """Return an action; it has no other way to explore."""
        x = np.asarray(observation, np.float32).ravel()
        # of NaN the first action would be the best
        if not np.isfinite(x).all():
            floats("observation", x)
        return int(answer(self.layers, x).argmax())


def weight_count(sizes: Sequence[int]) -> int:
    """Return how many weights and biases there are between layers.

    Examples
    --------
    >>> weight_count((4, 16, 2))
    114
    """
    return sum((n_in + 1) * n_out for n_in, n_out in zip(sizes, sizes[1:]))


def unpack(w: np.ndarray, sizes: Sequence[int]) -> Layers:
    """Return a vector's layers, of which each is a view.

    Parameters
    ----------
    w : array `(n,)`
        All weights.
    sizes : sequence of int
        Of the layers, the inputs first.

    Examples
    --------
    >>> w = np.array([2.0, -1.0, 3.0, 5.0])
    >>> (W, b), (V, c) = unpack(w, (1, 1, 1))
    >>> W, b, V, c
    (array([[2.]]), array([-1.]), array([[3.]]), array([5.]))
    >>> W *= 10
    >>> w
    array([20., -1.,  3.,  5.])
    """
    if w.shape != (weight_count(sizes),):
        raise ShapeError(
            f"`w` (=array of shape {w.shape}) must have the shape "
            f"({weight_count(sizes)},)."
        )
    layers, place = [], 0
    for n_in, n_out in zip(sizes, sizes[1:]):
        W = w[place : place + n_in * n_out].reshape(n_in, n_out)
        place += n_in * n_out
        layers.append((W, w[place : place + n_out]))
        place += n_out
    return layers


def first_weights(
    sizes: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """Return weights of variance 2 / n_in, and biases of zero, `(n,)`.

    Parameters
    ----------
    sizes : sequence of int
        Of the layers, the inputs first.
    rng : numpy.random.Generator
        Decides.

    Examples
    --------
    >>> w = first_weights((200, 100, 2), np.random.default_rng(0))
    >>> len(w), w[:20000].std().round(2)  # √(2 / 200)
    (20302, 0.1)
    """
    for size in sizes:
        whole("sizes", size)
    w = np.zeros(weight_count(sizes), np.float32)
    for W, _ in unpack(w, sizes):
        W[:] = rng.normal(0, math.sqrt(2 / len(W)), W.shape)
    return w


def forward(w: np.ndarray, sizes: Sequence[int], x: Any) -> list[np.ndarray]:
    """Return x, the outputs of each hidden layer, and those of the last.

    Parameters
    ----------
    w : array `(n,)`
        All weights.
    sizes : sequence of int
        Of the layers.
    x : array `(B, inputs)`
        The inputs.

    Examples
    --------
    2 · 2 − 1 = 3, and 3 · 3 + 5 = 14:

    >>> forward(np.array([2.0, -1.0, 3.0, 5.0]), (1, 1, 1), [[2.0]])
    [array([[2.]]), array([[3.]]), array([[14.]])]
    """
    *hidden, (W, b) = unpack(w, sizes)
    h = [np.asarray(x)]
    for W_k, b_k in hidden:
        h.append(np.maximum(h[-1] @ W_k + b_k, 0))
    return [*h, h[-1] @ W + b]


def along(
    w: np.ndarray, sizes: Sequence[int], h: Sequence[np.ndarray], v: np.ndarray
) -> np.ndarray:
    """Return how the outputs change as the weights move along v, `(B, A)`.

    Parameters
    ----------
    w, sizes
        As of `forward`.
    h : list of arrays
        What that returned.
    v : array `(n,)`
        The direction.

    Examples
    --------
    The derivative along a direction is the gradient's product with it:

    >>> w, v, sizes = np.array([2.0, -1.0, 3.0, 5.0]), np.ones(4), (1, 1, 1)
    >>> h = forward(w, sizes, [[2.0]])
    >>> along(w, sizes, h, v), back(w, sizes, h, np.ones((1, 1))) @ v
    (array([[13.]]), 13.0)
    """
    change = np.zeros_like(h[0])
    layers = zip(unpack(w, sizes), unpack(v, sizes), h, h[1:])
    for k, ((W, _), (dW, db), before, after) in enumerate(layers, 1):
        # ż_k = ḣ_{k−1} W_k + h_{k−1} Ẇ_k + ḃ_k
        change = change @ W + before @ dW + db
        if k < len(h) - 1:
            change = change * (after > 0)
    return change


def back(
    w: np.ndarray, sizes: Sequence[int], h: Sequence[np.ndarray], u: np.ndarray
) -> np.ndarray:
    """Return the gradient `(n,)` of Σ u · outputs for all weights.

    Parameters
    ----------
    w, sizes
        As of `forward`.
    h : list of arrays
        What that returned.
    u : array `(B, A)`
        What each output counts.

    Examples
    --------
    Of 3 · max(2 · 2 − 1, 0) + 5, for the 2, the −1, the 3 and the 5:

    >>> w, sizes = np.array([2.0, -1.0, 3.0, 5.0]), (1, 1, 1)
    >>> back(w, sizes, forward(w, sizes, [[2.0]]), np.array([[1.0]]))
    array([6., 3., 3., 1.])
    """
    found = np.zeros_like(w)
    layers = [*zip(unpack(w, sizes), unpack(found, sizes), h)]
    for k, ((W, _), (dW, db), before) in reversed([*enumerate(layers)]):
        dW[:], db[:] = before.T @ u, u.sum(axis=0)
        if k:
            u = (u @ W.T) * (before > 0)
    return found
