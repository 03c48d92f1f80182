"""The step that a minibatch makes: down the gradient, and not too far out.

Letters: ``W`` `(n_in, n_out)` a layer's weights, ``b`` `(n_out,)` its biases;
ε ``learning_rate``; λ₁, λ₂ ``l1``, ``l2``; c ``max_norm``.

Book: ch. 2, "Preventing Overfitting in Deep Neural Networks"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import numpy as np

from fdl.scratch import regularize
from fdl.scratch._checks import not_negative, positive

__all__ = ["Step"]


@dataclass(frozen=True)
class Step:
    """How weights and biases change; biases are not regularized.

    Parameters
    ----------
    learning_rate : float
        ε.
    l1, l2 : float
        λ of the penalties λ|w| and ½λw².
    max_norm : float, optional
        c, the longest that a neuron's incoming weights may be.

    Examples
    --------
    >>> step = Step(learning_rate=0.1, l2=0.5)
    >>> step.weights(np.array([[2.0]]), np.array([[10.0]]))
    array([[0.9]])
    """

    learning_rate: float
    l1: float = 0.0
    l2: float = 0.0
    max_norm: Optional[float] = None

    def __post_init__(self) -> None:
        positive("learning_rate", self.learning_rate)
        not_negative("l1", self.l1)
        not_negative("l2", self.l2)
        if self.max_norm is not None:
            positive("max_norm", self.max_norm)

    def weights(self, W: np.ndarray, dE_dw: np.ndarray) -> np.ndarray:
        """Return W + Δw."""
        # ∂/∂w (E + λ₁|w| + ½ λ₂ w²)
        if self.l1:
            dE_dw = dE_dw + regularize.l1_gradient(W, self.l1)
        if self.l2:
            dE_dw = dE_dw + regularize.l2_gradient(W, self.l2)
        # Δw = −ε ∂E/∂w
        return W - self.learning_rate * dE_dw

    def biases(self, b: np.ndarray, dE_db: np.ndarray) -> np.ndarray:
        """Return b + Δb."""
        return b - self.learning_rate * dE_db

    def fence(self, W: np.ndarray) -> np.ndarray:
        """Return W with ‖w‖ ≤ c for each neuron, if there is a c."""
        if self.max_norm is None:
            return W
        return regularize.max_norm(W, self.max_norm)
