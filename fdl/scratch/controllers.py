"""What steers a memory: a layer or an LSTM, forward and backward.

A controller sees, at each step, the input and what was read the step before.

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``H`` hidden units; ``R·W``
what is read.

Book: ch. 8, "The DNC Controller Network"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.scratch._checks import whole
from fdl.scratch.tape import sigmoid_inplace

__all__ = ["CONTROLLERS", "FeedForwardController", "LSTMController"]


class FeedForwardController:
    """A layer without a state, which remembers what is in memory only.

    ::

        h_t = tanh(W x_t + U r_{t−1} + b)

    Parameters
    ----------
    hidden : int
        H.

    Examples
    --------
    One unit whose input is 0 in both steps, and which adds what was read:

    >>> z, U = np.zeros((2, 1, 1)), np.ones((1, 1))
    >>> controller, h = FeedForwardController(1), np.zeros((1, 1))
    >>> controller.begin(z, U)
    >>> controller.step(0, np.array([[0.7, 0.5]]), h)  # h of before, and r
    >>> bool(h[0, 0] == np.tanh(0.5))
    True
    """

    gates = 1
    recurrent = False  # whether U sees h_{t−1} too

    def __init__(self, hidden: int) -> None:
        self.hidden = whole("hidden", hidden)

    def begin(self, z: np.ndarray, U: np.ndarray) -> None:
        """Start, with W x + b of all steps in z `(T, B, H)`."""
        self.z, self.U = z, U

    def step(self, t: int, seen: np.ndarray, h: np.ndarray) -> None:
        """Fill h `(B, H)`, given what `seen` `(B, H + R·W)` ends with."""
        z = self.z[t]
        z += np.matmul(seen[:, self.hidden :], self.U.T)
        np.tanh(z, out=z)
        h[...] = z

    def begin_back(self) -> None:
        """Start the way back."""
        self.slopes = 1 - self.z * self.z
        self.d_z = np.empty_like(self.z)

    def step_back(self, t: int, d_h: np.ndarray) -> np.ndarray:
        """Return ∂E/∂seen `(B, H + R·W)`, given ∂E/∂h."""
        d_z = np.multiply(d_h, self.slopes[t], out=self.d_z[t])
        d_seen = np.zeros((len(d_z), self.hidden + self.U.shape[1]), d_z.dtype)
        np.matmul(d_z, self.U, out=d_seen[:, self.hidden :])
        return d_seen


class LSTMController:
    """An LSTM, which also remembers by itself.

    ::

        i, f, o = σ(W x_t + U [h_{t−1}; r_{t−1}] + b)
        g = tanh(W x_t + U [h_{t−1}; r_{t−1}] + b)
        c_t = f ⊙ c_{t−1} + i ⊙ g
        h_t = o ⊙ tanh(c_t)

    Parameters
    ----------
    hidden : int
        H.

    Examples
    --------
    Where all z are 0 the gates are half open, and there is nothing to write:

    >>> z, U = np.zeros((1, 1, 4)), np.zeros((4, 2))
    >>> controller, h = LSTMController(1), np.zeros((1, 1))
    >>> controller.begin(z, U)
    >>> controller.c[0] = 1.0
    >>> controller.step(0, np.zeros((1, 2)), h)
    >>> float(controller.c[1, 0, 0]), bool(h[0, 0] == 0.5 * np.tanh(0.5))
    (0.5, True)
    """

    gates = 4  # i, f, o and g, in this order
    recurrent = True

    def __init__(self, hidden: int) -> None:
        self.hidden = whole("hidden", hidden)

    def begin(self, z: np.ndarray, U: np.ndarray) -> None:
        """Start, with W x + b of all steps in z `(T, B, 4·H)`."""
        self.z, self.U = z, U
        H = self.hidden
        self.i, self.f, self.o, self.g = (
            z[:, :, k * H : (k + 1) * H] for k in range(4)
        )
        steps, batch, _ = z.shape
        self.c = np.empty((steps + 1, batch, H), z.dtype)
        self.c[0] = 0
        self.tanh_c = np.empty((steps, batch, H), z.dtype)

    def step(self, t: int, seen: np.ndarray, h: np.ndarray) -> None:
        """Fill h `(B, H)`, given what was `seen` `(B, H + R·W)` before."""
        z = self.z[t]
        z += np.matmul(seen, self.U.T)
        sigmoid_inplace(z[:, : 3 * self.hidden])
        np.tanh(self.g[t], out=self.g[t])
        # c_t = f ⊙ c_{t−1} + i ⊙ g
        c = np.multiply(self.f[t], self.c[t], out=self.c[t + 1])
        c += self.i[t] * self.g[t]
        # h_t = o ⊙ tanh(c_t)
        np.tanh(c, out=self.tanh_c[t])
        np.multiply(self.o[t], self.tanh_c[t], out=h)

    def begin_back(self) -> None:
        """Start the way back."""
        gates, g = self.z[:, :, : 3 * self.hidden], self.g
        self.slopes = np.empty_like(self.z)
        self.slopes[:, :, : 3 * self.hidden] = gates * (1 - gates)
        self.slopes[:, :, 3 * self.hidden :] = 1 - g * g
        self.slopes_c = 1 - self.tanh_c * self.tanh_c
        self.d_z = np.empty_like(self.z)
        self.d_c = np.zeros_like(self.c[0])

    def step_back(self, t: int, d_h: np.ndarray) -> np.ndarray:
        """Return ∂E/∂seen `(B, H + R·W)`, given ∂E/∂h."""
        d_z, d_c, H = self.d_z[t], self.d_c, self.hidden
        # h_t = o ⊙ tanh(c_t)
        np.multiply(d_h, self.tanh_c[t], out=d_z[:, 2 * H : 3 * H])
        d_c += d_h * self.o[t] * self.slopes_c[t]
        # c_t = f ⊙ c_{t−1} + i ⊙ g
        np.multiply(d_c, self.g[t], out=d_z[:, :H])
        np.multiply(d_c, self.c[t], out=d_z[:, H : 2 * H])
        np.multiply(d_c, self.i[t], out=d_z[:, 3 * H :])
        d_c *= self.f[t]
        d_z *= self.slopes[t]
        return np.matmul(d_z, self.U)


CONTROLLERS: dict[str, Any] = {
    "lstm": LSTMController,
    "feedforward": FeedForwardController,
}
