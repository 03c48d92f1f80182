"""Errors, and how they change with the logits of the output layer.

Each function takes the logits z, the outputs y = f(z) and the targets t, all
`(B, n)`, and returns E, summed over the batch, and ∂E/∂z `(B, n)`: the base
case of backpropagation. Cross-entropies are computed from the logits, so that
an output that rounds to 0 or 1 still has a finite logarithm.

Book: ch. 2, "The Backpropagation Algorithm"
"""

from __future__ import annotations

from typing import Callable

import numpy as np

from fdl.scratch.neurons import log_softmax, sigmoid_slope, softmax_slope

__all__ = [
    "LOSSES",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "squared_linear",
    "squared_sigmoid",
    "squared_softmax",
]

Loss = tuple[float, np.ndarray]


def squared_linear(z: np.ndarray, y: np.ndarray, t: np.ndarray) -> Loss:
    """Return ½ Σ (t − y)² of linear neurons, and its gradient.

    Examples
    --------
    >>> z = np.array([[1.0, 3.0]])
    >>> squared_linear(z, z, t=np.array([[2.0, 1.0]]))  # ½ (1 + 4)
    (2.5, array([[-1.,  2.]]))
    """
    # E = ½ Σ_j (t_j − y_j)²
    E = 0.5 * float(((t - y) ** 2).sum())
    # ∂E/∂y_j = −(t_j − y_j), and y_j = z_j
    return E, -(t - y)


def squared_sigmoid(z: np.ndarray, y: np.ndarray, t: np.ndarray) -> Loss:
    """Return ½ Σ (t − y)² of sigmoid neurons, and its gradient.

    Examples
    --------
    >>> z, y, t = np.array([[0.0]]), np.array([[0.5]]), np.array([[1.0]])
    >>> squared_sigmoid(z, y, t)  # ½ · ½², and −½ times the slope ¼
    (0.125, array([[-0.125]]))
    """
    E, dE_dy = squared_linear(z, y, t)
    # ∂E/∂z_j = y_j (1 − y_j) ∂E/∂y_j
    return E, sigmoid_slope(y) * dE_dy


def squared_softmax(z: np.ndarray, y: np.ndarray, t: np.ndarray) -> Loss:
    """Return ½ Σ (t − y)² of a softmax, and its gradient.

    Examples
    --------
    >>> z, y = np.zeros((1, 2)), np.array([[0.5, 0.5]])
    >>> squared_softmax(z, y, t=np.array([[1.0, 0.0]]))
    (0.25, array([[-0.25,  0.25]]))
    """
    E, dE_dy = squared_linear(z, y, t)
    # ∂E/∂z_k = Σ_j ∂y_j/∂z_k ∂E/∂y_j
    return E, np.einsum("bjk,bj->bk", softmax_slope(y), dE_dy)


def sigmoid_cross_entropy(z: np.ndarray, y: np.ndarray, t: np.ndarray) -> Loss:
    """Return −Σ [t ln y + (1 − t) ln(1 − y)] of sigmoids, and its gradient.

    Examples
    --------
    >>> z, y, t = np.array([[0.0]]), np.array([[0.5]]), np.array([[1.0]])
    >>> E, dE_dz = sigmoid_cross_entropy(z, y, t)
    >>> bool(np.isclose(E, np.log(2))), dE_dz
    (True, array([[-0.5]]))
    """
    # −ln y = ln(1 + e^z) − z and −ln(1 − y) = ln(1 + e^z)
    E = float((np.logaddexp(0.0, z) - t * z).sum())
    # ∂E/∂y_j = (y_j − t_j) / (y_j (1 − y_j)): the slope cancels
    return E, y - t


def softmax_cross_entropy(z: np.ndarray, y: np.ndarray, t: np.ndarray) -> Loss:
    """Return −Σ t ln y of a softmax, and its gradient.

    Examples
    --------
    >>> z, y = np.zeros((1, 2)), np.array([[0.5, 0.5]])
    >>> E, dE_dz = softmax_cross_entropy(z, y, t=np.array([[1.0, 0.0]]))
    >>> bool(np.isclose(E, np.log(2))), dE_dz
    (True, array([[-0.5,  0.5]]))
    """
    E = -float((t * log_softmax(z)).sum())
    # ∂E/∂z_j = y_j Σ_k t_k − t_j, where Σ_k t_k = 1 for probabilities
    return E, y * t.sum(axis=1, keepdims=True) - t


LOSSES: dict[tuple[str, str], Callable[..., Loss]] = {
    ("squared", "linear"): squared_linear,
    ("squared", "sigmoid"): squared_sigmoid,
    ("squared", "softmax"): squared_softmax,
    ("cross_entropy", "sigmoid"): sigmoid_cross_entropy,
    ("cross_entropy", "softmax"): softmax_cross_entropy,
}
"""(loss, output) → the function for the two."""
