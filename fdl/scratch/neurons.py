"""Neurons: weighted sums and what becomes of them.

A neuron adds up its inputs, each times a weight, and hands the sum, the logit
z, to a function f::

    z = Σ_i w_i x_i + b        y = f(z)

Beside each function stands its slope dy/dz, written in terms of the output y
as the book derives it, because y is what is at hand when the error comes back.
The functions follow IEEE arithmetic (NaN in, NaN out) in float64; `Neuron`
refuses data that are not finite.

Letters: ``B`` batch, ``n`` inputs.

Book: ch. 1, "Sigmoid, Tanh, and ReLU Neurons"
"""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

import numpy as np

from fdl.errors import ShapeError, must
from fdl.scratch._checks import choice, floats, rows, shaped

__all__ = [
    "ACTIVATIONS",
    "Neuron",
    "linear",
    "linear_slope",
    "log_softmax",
    "relu",
    "relu_slope",
    "sigmoid",
    "sigmoid_slope",
    "softmax",
    "softmax_slope",
    "step",
    "tanh",
    "tanh_slope",
]


def step(z: Any) -> np.ndarray:
    """Return −1 below zero and +1 from zero up: the perceptron's f.

    Examples
    --------
    >>> step([-0.1, 0.0, 3.0])
    array([-1.,  1.,  1.])
    """
    return 2 * np.heaviside(np.asarray(z, dtype=float), 1.0) - 1


def linear(z: Any) -> np.ndarray:
    """Return y = z.

    Examples
    --------
    >>> linear([-2, 3])
    array([-2.,  3.])
    """
    return np.positive(np.asarray(z, dtype=float))


def linear_slope(y: np.ndarray) -> np.ndarray:
    """Return dy/dz = 1.

    Examples
    --------
    >>> linear_slope(linear([-2, 3]))
    array([1., 1.])
    """
    return np.ones_like(y)


def sigmoid(z: Any) -> np.ndarray:
    """Return y = 1 / (1 + e^{−z}), between 0 and 1.

    For negative z the same number is e^z / (1 + e^z); in this form the
    exponential is at most 1 on both sides and never overflows.

    Examples
    --------
    >>> sigmoid([-1000.0, 0.0, 1000.0])
    array([0. , 0.5, 1. ])
    """
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z < 0, e, 1.0) / (1 + e)


def sigmoid_slope(y: np.ndarray) -> np.ndarray:
    """Return dy/dz = y (1 − y), from the output y.

    Examples
    --------
    >>> sigmoid_slope(sigmoid([0.0, 1000.0]))  # steepest in the middle
    array([0.25, 0.  ])
    """
    return y * (1 - y)


def tanh(z: Any) -> np.ndarray:
    """Return y = (e^z − e^{−z}) / (e^z + e^{−z}), between −1 and 1.

    Examples
    --------
    >>> tanh([-1000.0, 0.0, 1000.0])
    array([-1.,  0.,  1.])
    """
    return np.tanh(np.asarray(z, dtype=float))


def tanh_slope(y: np.ndarray) -> np.ndarray:
    """Return dy/dz = 1 − y², from the output y.

    Examples
    --------
    >>> tanh_slope(tanh([0.0, 1000.0]))
    array([1., 0.])
    """
    return 1 - y**2


def relu(z: Any) -> np.ndarray:
    """Return y = max(0, z): the rectified linear unit.

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """
    return np.maximum(0.0, np.asarray(z, dtype=float))


def relu_slope(y: np.ndarray) -> np.ndarray:
    """Return dy/dz = 1 where y > 0, else 0 (at the kink, too).

    Examples
    --------
    >>> relu_slope(relu([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    return np.where(y > 0, 1.0, 0.0)


def softmax(z: Any, axis: int = -1) -> np.ndarray:
    """Return y_j = e^{z_j} / Σ_k e^{z_k}: positive numbers that sum to 1.

    Parameters
    ----------
    z : array
        Logits, of any shape with an entry on `axis`.
    axis : int
        Along which the outputs compete.

    Examples
    --------
    >>> softmax([1.0, 1.0, 1.0, 1.0])
    array([0.25, 0.25, 0.25, 0.25])
    >>> softmax([[1000.0, 0.0]])
    array([[1., 0.]])
    """
    e = np.exp(_below_zero(z, axis))
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(z: Any, axis: int = -1) -> np.ndarray:
    """Return ln y_j = z_j − ln Σ_k e^{z_k}, finite even where y_j is 0.

    Parameters
    ----------
    z, axis
        As of :func:`softmax`.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0])
    array([    0., -1000.])
    """
    z = _below_zero(z, axis)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def softmax_slope(y: np.ndarray) -> np.ndarray:
    """Return the matrix ∂y_j/∂z_k = y_j (δ_jk − y_k), `(…, n, n)`.

    Every output depends on every logit, so the slope is a matrix: one for
    each row of y `(…, n)`.

    Parameters
    ----------
    y : array `(…, n)`
        The softmax's outputs.

    Examples
    --------
    What one output gains the others lose, so each row sums to 0:

    >>> softmax_slope(np.array([0.5, 0.5]))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    y_j, y_k = y[..., :, np.newaxis], y[..., np.newaxis, :]
    return y_j * (np.eye(y.shape[-1]) - y_k)


def _below_zero(z: Any, axis: int) -> np.ndarray:
    """Shift z so that its largest entry is 0, which no softmax notices."""
    z = np.asarray(z, dtype=float)
    if z.ndim == 0 or z.size == 0:
        raise ShapeError(
            f"`z` (=array of shape {z.shape}) must have at least one axis "
            "and one entry."
        )
    return z - z.max(axis=axis, keepdims=True)


ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "linear": (linear, linear_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
    "tanh": (tanh, tanh_slope),
    "relu": (relu, relu_slope),
}
"""Name → (f, its slope from the output): the functions one can learn with."""


class Neuron:
    """One neuron: y = f(Σ_i w_i x_i + b).

    Parameters
    ----------
    weights : array `(n,)`
        w, one for each input.
    bias : float
        b.
    activation : {"linear", "step", "sigmoid", "tanh", "relu"}
        f.

    Examples
    --------
    >>> exam = Neuron([3.0, 4.0], bias=-24.0, activation="step")
    >>> exam([[2.0, 3.0], [6.0, 5.0]])
    array([-1.,  1.])
    """

    def __init__(
        self, weights: Any, bias: float = 0.0, activation: str = "linear"
    ) -> None:
        self.weights = shaped("weights", floats("weights", weights), "n")
        self.bias = float(shaped("bias", floats("bias", bias)))
        self.activation = choice(
            "activation", activation, ["step", *ACTIVATIONS]
        )
        self._f: Callable
        self._slope: Optional[Callable]
        self._f, self._slope = ACTIVATIONS.get(activation, (step, None))

    def __call__(self, x: Any) -> Union[float, np.ndarray]:
        """Return y: a number for x `(n,)`, `(B,)` for x `(B, n)`."""
        x, single = rows("x", x, len(self.weights))
        # z = Σ_i w_i x_i + b
        z = x @ self.weights + self.bias
        # y = f(z)
        y = self._f(z)
        return float(y[0]) if single else y

    def error(self, x: Any, t: Any) -> float:
        """Return E = ½ Σ (t − y)², summed over the examples."""
        x, _ = rows("x", x, len(self.weights))
        y = self(x)
        return 0.5 * float(((self._targets(t, len(x)) - y) ** 2).sum())

    def gradient(self, x: Any, t: Any) -> tuple[np.ndarray, float]:
        """Return ∂E/∂w `(n,)` and ∂E/∂b of E = ½ Σ (t − y)².

        Going against it is the delta rule for a linear neuron,
        Δw_k = ε Σ x_k (t − y), and the same with the factor y (1 − y) for a
        sigmoid one.

        Parameters
        ----------
        x : array `(n,)` or `(B, n)`
            One example or several.
        t : number or array `(B,)`
            What the neuron should have said.

        Examples
        --------
        >>> meals = Neuron([50.0, 50.0, 50.0])
        >>> dw, db = meals.gradient([2.0, 5.0, 3.0], 850.0)
        >>> dw
        array([ -700., -1750., -1050.])
        """
        if self._slope is None:
            raise must(
                "activation",
                self.activation,
                "have a slope to learn by; a step is flat on both sides",
            )
        x, _ = rows("x", x, len(self.weights))
        t = self._targets(t, len(x))
        y = self(x)
        # ∂E/∂y = −(t − y)
        dE_dy = -(t - y)
        # ∂E/∂z = dy/dz ∂E/∂y
        dE_dz = self._slope(y) * dE_dy
        # ∂E/∂w_k = Σ x_k ∂E/∂z
        return x.T @ dE_dz, float(dE_dz.sum())

    def __repr__(self) -> str:
        weights = np.array2string(self.weights, separator=", ")
        return f"Neuron({weights}, {self.bias:g}, {self.activation!r})"

    @staticmethod
    def _targets(t: Any, batch: int) -> np.ndarray:
        t = floats("t", t)
        return shaped("t", t.reshape(1) if t.ndim == 0 else t, batch)
