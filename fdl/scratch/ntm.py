"""The memory of a neural Turing machine, forward and backward.

:class:`NTMMemory` takes the steps of a batch of sequences, and keeps what it
computed on a tape. Then it goes through the steps once more, from the last to
the first, and each function stands beside the one whose derivative it is.

[1] Graves, Wayne and Danihelka 2014, "Neural Turing Machines",
arXiv:1410.5401

Letters: ``B`` batch; ``T`` time; ``N`` memory slots; ``W`` word size; ``R``
read heads; ``K`` heads, R that read and one, the last, that writes; ``S``
shifts. What begins with ``d_`` is the derivative of the loss with respect to
what follows.

Differences from the paper:

1. Those of :mod:`fdl.memory.addressing`.
2. All heads look for their keys in the memory of the step before; then comes
   the write, and then the reads.
3. Each head starts at the first slot, and the memory with zeros.

Book: ch. 8, "Neural Turing Machines"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import whole
from fdl.scratch.similarity import (
    content,
    content_backward,
    inverse_lengths,
    softmax_backward,
)
from fdl.scratch.tape import Part, Tape

__all__ = ["NTMMemory"]

TINY = 1e-30  # added to what a logarithm is taken of


class NTMMemory(Tape):
    """Slots in a circle, along which heads move step by step.

    Parameters
    ----------
    slots, word, reads : int
        N, W and R.
    shifts : int
        S, odd: 3 lets a head go one slot back, stay, or go one ahead.

    Attributes
    ----------
    asked : array `(T, B, (R + 1)·(W + S + 3) + 2·W)`
        What the controller asks for, step by step. :meth:`step` makes gates
        of the numbers that it finds there.
    memory, weights
        After each step; entry 0 is from before the first.

    Examples
    --------
    A step in which the head that reads, at slot 0, goes one slot ahead:

    >>> memory = NTMMemory(slots=4, word=2, reads=1)
    >>> memory.begin(steps=1, batch=1, dtype=float)
    >>> memory.asked[...] = 0
    >>> memory.gates[...] = -50  # where it was counts, not what is there
    >>> memory.shift[...] = [0, 0, 50]  # back, stay, ahead
    >>> read = memory.step(0)
    >>> memory.weights[:, 0, 0].round(3)
    array([[1., 0., 0., 0.],
           [0., 1., 0., 0.]])
    """

    story = ("asked", "found", "gated", "weights", "memory")

    def __init__(
        self, slots: int, word: int, reads: int, shifts: int = 3
    ) -> None:
        super().__init__(slots, word, reads)
        if whole("shifts", shifts) % 2 == 0:
            raise must("shifts", shifts, "be odd, with one in the middle")
        self.shifts = shifts
        j = np.arange(slots)
        steps = np.arange(shifts)[:, None] - shifts // 2
        # where each shift takes a slot's weight from, and where it takes it
        self.sources = (j - steps) % slots  # (S, N)
        self.goals = (j + steps) % slots  # (S, N)

    def parts(self) -> list[Part]:
        """Return what is asked for."""
        K, W, S = self.reads + 1, self.word, self.shifts
        return [
            Part("keys", (K, W)),
            Part("value", (W,)),
            Part("strengths", (K,), "softplus"),
            Part("gates", (K,), "sigmoid"),
            Part("erase", (W,), "sigmoid"),
            Part("gammas", (K,), "oneplus"),
            Part("shift", (K, S), "softmax"),
        ]

    def begin(self, steps: int, batch: int, dtype: Any) -> None:
        """Start with an empty memory, and with a tape that is long enough."""
        super().begin(steps, batch, dtype)
        N, K = self.slots, self.reads + 1
        self.memory = self.after(N, self.word)
        self.per_row = self.after(N)
        self.per_row[0] = inverse_lengths(self.memory[0])
        self.weights = self.after(K, N)
        self.weights[0, :, :, 0] = 1
        self.cosines, self.found = self.during(K, N), self.during(K, N)
        self.per_key, self.top = self.during(K), self.during(K, 1)
        self.gated, self.logs = self.during(K, N), self.during(K, N)

    def step(self, t: int) -> np.ndarray:
        """Do what is asked at step t, and return what was read `(B, R, W)`."""
        self.make_valid(t)
        self._look(t)
        self._move(t)
        self._write(t)
        # r = w M
        return np.matmul(self.weights[t + 1, :, :-1], self.memory[t + 1])

    def begin_back(self) -> None:
        """Start the way back: nothing is asked of the end's memory."""
        super().begin_back()
        self.d_memory = self.nothing(self.memory)
        self.d_weights = self.nothing(self.weights)

    def step_back(self, t: int, d_reads: np.ndarray) -> np.ndarray:
        """Return ∂E/∂asked of step t, given ∂E/∂ what was read there."""
        M, w = self.memory[t + 1], self.weights[t + 1, :, :-1]
        # r = w M
        self.d_weights[:, :-1] += np.matmul(d_reads, M.transpose(0, 2, 1))
        self.d_memory += np.matmul(w.transpose(0, 2, 1), d_reads)
        self._write_back(t)
        self._move_back(t)
        self._look_back(t)
        return self.make_valid_back(t)

    # --- by content

    def _look(self, t: int) -> None:
        self.per_key[t] = inverse_lengths(self.keys[t])
        content(
            self.memory[t],
            self.per_row[t],
            self.keys[t],
            self.per_key[t],
            self.strengths[t],
            self.cosines[t],
            self.found[t],
        )

    def _look_back(self, t: int) -> None:
        self.d_keys[t], self.d_strengths[t] = content_backward(
            self.d_found,
            self.memory[t],
            self.per_row[t],
            self.keys[t],
            self.per_key[t],
            self.strengths[t],
            self.cosines[t],
            self.found[t],
            self.d_memory,
        )

    # --- by place

    def _move(self, t: int) -> None:
        before, gate = self.weights[t], self.gates[t][:, :, None]
        # w = g c + (1 − g) w_{t−1}
        gated = np.subtract(self.found[t], before, out=self.gated[t])
        gated *= gate
        gated += before
        # w̃(i) = Σ_j w(j) s(i − j)
        sources = gated.take(self.sources, axis=-1)  # (B, K, S, N)
        moved = np.matmul(self.shift[t][:, :, None], sources)[:, :, 0]
        # w = w̃^γ / Σ w̃^γ, of w̃ as a share of its largest
        top = np.maximum.reduce(moved, axis=-1, keepdims=True)
        top[top <= 0] = 1
        self.top[t] = top
        moved /= top
        moved += moved.dtype.type(TINY)
        logs = np.log(moved, out=self.logs[t])
        w = np.multiply(self.gammas[t][:, :, None], logs)
        np.exp(w, out=w)
        w /= np.add.reduce(w, axis=-1, keepdims=True)
        self.weights[t + 1] = w

    def _move_back(self, t: int) -> None:
        w, logs = self.weights[t + 1], self.logs[t]
        # w = softmax(γ ln w̃)
        d = softmax_backward(self.d_weights, w)
        np.einsum("bkn,bkn->bk", d, logs, out=self.d_gammas[t])
        d *= self.gammas[t][:, :, None]
        d *= np.exp(-logs)
        d /= self.top[t]
        # w̃(i) = Σ_j w(j) s(i − j)
        sources = self.gated[t].take(self.sources, axis=-1)
        self.d_shift[t] = np.matmul(sources, d[:, :, :, None])[:, :, :, 0]
        goals = d.take(self.goals, axis=-1)  # (B, K, S, N)
        d = np.matmul(self.shift[t][:, :, None], goals)[:, :, 0]
        # w = g c + (1 − g) w_{t−1}
        gate, change = self.gates[t][:, :, None], self.found[t]
        change = change - self.weights[t]
        np.einsum("bkn,bkn->bk", d, change, out=self.d_gates[t])
        self.d_found = d * gate
        self.d_weights = d - self.d_found

    # --- writing

    def _write(self, t: int) -> None:
        w, e = self.weights[t + 1, :, -1, :, None], self.erase[t][:, None]
        # M_t = M ⊙ (1 − w eᵀ) + w vᵀ
        M = np.multiply(w, e, out=self.memory[t + 1])
        np.subtract(1, M, out=M)
        M *= self.memory[t]
        M += w * self.value[t][:, None]
        self.per_row[t + 1] = inverse_lengths(M)

    def _write_back(self, t: int) -> None:
        d_memory, M = self.d_memory, self.memory[t]
        w, e = self.weights[t + 1, :, -1], self.erase[t]
        # M_t = M ⊙ (1 − w eᵀ) + w vᵀ
        d_w = np.matmul(d_memory, self.value[t][:, :, None])[:, :, 0]
        self.d_value[t] = np.matmul(w[:, None], d_memory)[:, 0]
        lost = d_memory * M
        d_w -= np.matmul(lost, e[:, :, None])[:, :, 0]
        self.d_weights[:, -1] += d_w
        np.negative(np.matmul(w[:, None], lost)[:, 0], out=self.d_erase[t])
        np.multiply(w[:, :, None], e[:, None], out=lost)
        lost *= d_memory
        d_memory -= lost
