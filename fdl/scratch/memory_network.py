"""A controller and its memory along whole sequences, forward and backward.

Letters: ``B`` batch; ``T`` time; ``X`` inputs; ``Y`` outputs; ``H`` hidden
units; ``N`` memory slots; ``W`` word size; ``R`` read heads; ``I`` numbers
that are asked of the memory at a step.

Book: ch. 8, "The DNC Controller Network"
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Optional

import numpy as np

from fdl.errors import NotFittedError, ShapeError, must
from fdl.scratch._checks import shaped

__all__ = ["MemoryNetwork"]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let numbers that are none pass: ``first_broken`` tells of them."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        yield


class MemoryNetwork:
    """All steps of a batch of sequences, and then all steps back.

    ::

        h_t = controller(x_t, r_{t−1})
        ask_t = W_a h_t + b_a
        r_t = memory(ask_t)
        y_t = W_y [h_t; r_t] + b_y

    Parameters
    ----------
    controller : FeedForwardController or LSTMController
        Makes the steps of h.
    memory : DNCMemory or NTMMemory
        Does what is asked.

    Examples
    --------
    >>> from fdl.scratch import DNCMemory, LSTMController
    >>> net = MemoryNetwork(LSTMController(8), DNCMemory(6, 5, 2))
    >>> rng = np.random.default_rng(0)
    >>> sizes = net.shapes(inputs=3, outputs=4)
    >>> weights = {n: rng.normal(0, 0.1, size) for n, size in sizes.items()}
    >>> net.forward(np.ones((2, 7, 3)), weights).shape
    (2, 7, 4)
    >>> net.memory.usage.shape
    (8, 2, 6)
    """

    def __init__(self, controller: Any, memory: Any) -> None:
        self.controller, self.memory = controller, memory
        self.y: Optional[np.ndarray] = None  # of the last forward

    def shapes(self, inputs: int, outputs: int) -> dict[str, tuple[int, ...]]:
        """Return the shapes of the parameters, by their names."""
        H, rows = self.controller.hidden, self.controller.gates
        read = self.memory.reads * self.memory.word
        seen = read + H * self.controller.recurrent
        return {
            "input_weight": (rows * H, inputs),
            "state_weight": (rows * H, seen),
            "controller_bias": (rows * H,),
            "interface_weight": (self.memory.numbers, H),
            "interface_bias": (self.memory.numbers,),
            "output_weight": (outputs, H + read),
            "output_bias": (outputs,),
        }

    @quiet()
    def forward(
        self, x: np.ndarray, weights: Mapping[str, np.ndarray]
    ) -> np.ndarray:
        """Return the outputs `(B, T, Y)`.

        Parameters
        ----------
        x : array `(B, T, X)`
            The sequences.
        weights : mapping
            The parameters, of :meth:`shapes`.
        """
        self._check(x, weights)
        batch, steps, _ = x.shape
        controller, memory, H = self.controller, self.memory, self._hidden
        self.x = np.ascontiguousarray(x.swapaxes(0, 1))  # (T, B, X)
        self.weights = weights
        z = np.matmul(self.x, weights["input_weight"].T)
        z += weights["controller_bias"]
        controller.begin(z, weights["state_weight"])
        memory.begin(steps, batch, x.dtype)
        read = memory.reads * memory.word
        # h and r of every step; entry 0 is from before the first
        seen = np.empty((steps + 1, batch, H + read), x.dtype)
        seen[0] = 0
        ask = weights["interface_weight"].T
        for t in range(steps):
            h = seen[t + 1, :, :H]
            # h_t = controller(x_t, r_{t−1})
            controller.step(t, seen[t], h)
            # ask_t = W_a h_t + b_a
            np.matmul(h, ask, out=memory.asked[t])
            memory.asked[t] += weights["interface_bias"]
            # r_t = memory(ask_t)
            seen[t + 1, :, H:] = memory.step(t).reshape(batch, read)
        self.seen = seen
        # y_t = W_y [h_t; r_t] + b_y
        y = np.matmul(seen[1:], weights["output_weight"].T)
        y += weights["output_bias"]
        self.y = y
        return y.swapaxes(0, 1)

    @quiet()
    def backward(self, d_y: np.ndarray) -> dict[str, np.ndarray]:
        """Return the gradients of all parameters, and of ``"x"``.

        Parameters
        ----------
        d_y : array `(B, T, Y)`
            ∂E/∂y, of the last :meth:`forward`.
        """
        if self.y is None:
            raise NotFittedError("`backward` must come after `forward`.")
        steps, batch, outputs = self.y.shape
        d_y = shaped("d_y", np.asarray(d_y), batch, steps, outputs)
        controller, memory, H = self.controller, self.memory, self._hidden
        weights, seen = self.weights, self.seen
        d_y = np.ascontiguousarray(d_y.swapaxes(0, 1))  # (T, B, Y)
        direct = np.matmul(d_y, weights["output_weight"])
        controller.begin_back()
        memory.begin_back()
        d_seen = np.zeros_like(seen[0])
        for t in reversed(range(steps)):
            d_seen += direct[t]
            d_reads = d_seen[:, H:].reshape(batch, memory.reads, -1)
            d_ask = memory.step_back(t, d_reads)
            d_h = d_seen[:, :H] + np.matmul(d_ask, weights["interface_weight"])
            d_seen = controller.step_back(t, d_h)
        h = seen[1:, :, :H]
        before = seen[:-1] if controller.recurrent else seen[:-1, :, H:]
        d_x = np.matmul(controller.d_z, weights["input_weight"])
        return {
            "x": d_x.swapaxes(0, 1),
            "input_weight": _product(controller.d_z, self.x),
            "state_weight": _product(controller.d_z, before),
            "controller_bias": controller.d_z.sum(axis=(0, 1)),
            "interface_weight": _product(memory.d_asked, h),
            "interface_bias": memory.d_asked.sum(axis=(0, 1)),
            "output_weight": _product(d_y, seen[1:]),
            "output_bias": d_y.sum(axis=(0, 1)),
        }

    def first_broken(self) -> str:
        """Say which of the last forward's numbers is the first that is none.

        Returns
        -------
        str
            A sentence; empty if all outputs are finite.
        """
        if self.y is None or np.isfinite(self.y).all():
            return ""
        rule = "must be finite; it holds NaN or infinity."
        for name, weight in self.weights.items():
            if not np.isfinite(weight).all():
                return f"The parameter {name} {rule}"
        made = {"input": self.x, "controller's output": self.seen[1:]}
        made |= {
            name: self.memory.of_steps(name) for name in self.memory.story
        }
        for t in range(len(self.y)):
            for name, array in made.items():
                part = array[t]
                if name.startswith("controller"):
                    part = part[:, : self._hidden]
                if not np.isfinite(part).all():
                    where = f"at step {t + 1} of {len(self.y)}"
                    return f"The {name} {where} of the sequences {rule}"
        return f"The output {rule}"

    def _check(self, x: Any, weights: Mapping[str, np.ndarray]) -> None:
        """Raise unless x is a batch of sequences that the weights fit."""
        if not isinstance(x, np.ndarray) or x.dtype.kind != "f":
            kind = getattr(x, "dtype", type(x).__name__)
            raise TypeError(f"`x` (=of {kind}) must be an array of floats.")
        shaped("x", x, "B", "T", "X")
        if not x.size:
            raise ShapeError(
                f"`x` (=array of shape {x.shape}) must not be empty."
            )
        outputs = len(weights.get("output_weight", ()))
        for name, shape in self.shapes(x.shape[2], outputs).items():
            if name not in weights:
                raise must("weights", [*weights], f"have {name!r} among them")
            shaped(name, weights[name], *shape)

    @property
    def _hidden(self) -> int:
        return int(self.controller.hidden)


def _product(d: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return Σ_t Σ_b d xᵀ, of `(T, B, n)` and `(T, B, m)`."""
    return d.reshape(-1, d.shape[-1]).T @ x.reshape(-1, x.shape[-1])
