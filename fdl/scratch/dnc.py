"""The memory of a differentiable neural computer, forward and backward.

:class:`DNCMemory` takes the steps of a batch of sequences, and keeps what it
computed on a tape. Then it goes through the steps once more, from the last to
the first, and each function stands beside the one whose derivative it is.

[1] Graves et al. 2016, doi:10.1038/nature20101

Letters: ``B`` batch; ``T`` time; ``N`` memory slots; ``W`` word size; ``R``
read heads. What begins with ``d_`` is the derivative of the loss with respect
to what follows.

Differences from the paper: those of :mod:`fdl.memory.addressing`.

Book: ch. 8, "Differentiable Neural Computers"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.scratch.similarity import content, content_backward, inverse_lengths
from fdl.scratch.tape import Part, Tape

__all__ = ["DNCMemory"]

TINY = 1e-30  # stands for a usage of 0 where something is divided by it


class DNCMemory(Tape):
    """Slots that are allocated, linked in the order of writing, and freed.

    Parameters
    ----------
    slots, word, reads : int
        N, W and R.

    Attributes
    ----------
    asked : array `(T, B, R·W + 3·W + 5·R + 3)`
        What the controller asks for, step by step. :meth:`step` makes gates
        of the numbers that it finds there.
    memory, usage, precedence, link, write_weights, read_weights
        After each step; entry 0 is from before the first.

    Examples
    --------
    A step that asks for a write to a free slot, of the word (1, 2):

    >>> memory = DNCMemory(slots=3, word=2, reads=1)
    >>> memory.begin(steps=1, batch=1, dtype=float)
    >>> memory.asked[...] = 0
    >>> memory.value[...] = [1, 2]
    >>> memory.write_gate[...] = memory.allocation_gate[...] = 50  # nearly 1
    >>> read = memory.step(0)
    >>> memory.memory[1, 0].round(3)
    array([[1., 2.],
           [0., 0.],
           [0., 0.]])
    >>> memory.usage[1, 0].tolist(), memory.write_weights[1, 0].round(3)
    ([0.0, 0.0, 0.0], array([1., 0., 0.]))
    """

    story = (
        "asked",
        "usage",
        "allocation",
        "write_weights",
        "memory",
        "link",
        "precedence",
        "read_weights",
    )

    def parts(self) -> list[Part]:
        """Return what is asked for, in the book's order."""
        W, R = self.word, self.reads
        return [
            Part("read_keys", (R, W)),
            Part("read_strengths", (R,), "oneplus"),
            Part("write_key", (1, W)),
            Part("write_strength", (1,), "oneplus"),
            Part("erase", (W,), "sigmoid"),
            Part("value", (W,)),
            Part("free_gates", (R,), "sigmoid"),
            Part("allocation_gate", (1,), "sigmoid"),
            Part("write_gate", (1,), "sigmoid"),
            Part("read_modes", (R, 3), "softmax"),
        ]

    def begin(self, steps: int, batch: int, dtype: Any) -> None:
        """Start with an empty memory, and with a tape that is long enough."""
        super().begin(steps, batch, dtype)
        N, W, R = self.slots, self.word, self.reads
        self.memory = self.after(N, W)
        self.usage = self.after(N)
        self.precedence = self.after(N)
        self.link = self.after(N, N)
        self.write_weights = self.after(N)
        self.read_weights = self.after(R, N)
        self.per_row = self.after(N)
        self.per_row[0] = inverse_lengths(self.memory[0])
        self.allocation = self.during(N)
        self.order = self.during(N, dtype=np.intp)
        self.sorted, self.products = self.during(N), self.during(N)
        self.kept, self.in_use = self.during(R, N), self.during(N)
        self.write_cosines, self.found = self.during(1, N), self.during(1, N)
        self.target = self.during(N)
        self.read_cosines, self.likeness = self.during(R, N), self.during(R, N)
        self.forward, self.backward = self.during(R, N), self.during(R, N)
        self.per_write_key, self.per_read_key = self.during(1), self.during(R)
        self.rows = (N * np.arange(batch))[:, None]  # where examples begin
        flat = self.link.reshape(steps + 1, batch, N * N)
        self.diagonals = flat[:, :, :: N + 1]

    def step(self, t: int) -> np.ndarray:
        """Do what is asked at step t, and return what was read `(B, R, W)`."""
        self.make_valid(t)
        self._find_free(t)
        self._write(t)
        self._link(t)
        return self._read(t)

    def begin_back(self) -> None:
        """Start the way back: nothing is asked of the end's memory."""
        super().begin_back()
        self.d_memory = self.nothing(self.memory)
        self.d_usage = self.nothing(self.usage)
        self.d_precedence = self.nothing(self.precedence)
        self.d_link = self.nothing(self.link)
        self.d_write_weights = self.nothing(self.write_weights)
        self.d_read_weights = self.nothing(self.read_weights)

    def step_back(self, t: int, d_reads: np.ndarray) -> np.ndarray:
        """Return ∂E/∂asked of step t, given ∂E/∂ what was read there."""
        self._read_back(t, d_reads)
        self._link_back(t)
        self._write_back(t)
        self._find_free_back(t)
        return self.make_valid_back(t)

    # --- usage and allocation

    def _find_free(self, t: int) -> None:
        u, w = self.usage[t], self.write_weights[t]
        # ψ = Π_r (1 − f_r w_r)
        kept = self.kept[t]
        np.multiply(self.free_gates[t][:, :, None], self.read_weights[t], kept)
        np.subtract(1, kept, out=kept)
        retention = np.multiply.reduce(kept, axis=1)
        # u_t = (u + w − u ⊙ w) ⊙ ψ
        in_use = np.subtract(1, u, out=self.in_use[t])
        in_use *= w
        in_use += u
        u = np.multiply(in_use, retention, out=self.usage[t + 1])
        # the free list: the least used slots first
        order = np.argsort(u, axis=-1, kind="stable")
        order = np.add(order, self.rows, out=self.order[t])
        in_order = np.maximum(u.take(order), TINY, out=self.sorted[t])
        # a(φ_j) = (1 − u(φ_j)) Π_{i<j} u(φ_i)
        products = self.products[t]
        products[:, 0] = 1
        np.multiply.accumulate(in_order[:, :-1], axis=-1, out=products[:, 1:])
        self.allocation[t].put(order, (1 - in_order) * products)

    def _find_free_back(self, t: int) -> None:
        order, in_order = self.order[t], self.sorted[t]
        d = self.d_allocation.take(order)
        # a(φ_k) has the factor u(φ_j) for every k > j
        each = d * (1 - in_order)
        each *= self.products[t]
        d *= self.products[t]
        np.negative(d, out=d)
        later = np.add.accumulate(each[:, :0:-1], axis=-1)[:, ::-1]
        d[:, :-1] += later / in_order[:, :-1]
        d_order = np.empty_like(d)
        d_order.put(order, d)
        d_usage = self.d_usage
        d_usage += d_order
        # u_t = (u + w − u ⊙ w) ⊙ ψ
        kept = self.kept[t]
        d_retention = d_usage * self.in_use[t]
        d_usage *= np.multiply.reduce(kept, axis=1)
        np.multiply(d_usage, 1 - self.usage[t], out=self.d_write_weights)
        d_usage *= 1 - self.write_weights[t]
        # ψ = Π_r (1 − f_r w_r): each factor times the product of the others
        d_kept = others(kept)
        d_kept *= d_retention[:, None]
        read, free = self.read_weights[t], self.free_gates[t]
        self.d_read_weights -= d_kept * free[:, :, None]
        np.einsum("brn,brn->br", d_kept, read, out=self.d_free_gates[t])
        np.negative(self.d_free_gates[t], out=self.d_free_gates[t])

    # --- writing

    def _write(self, t: int) -> None:
        per_key = self.per_write_key[t]
        per_key[...] = inverse_lengths(self.write_key[t])
        content(
            self.memory[t],
            self.per_row[t],
            self.write_key[t],
            per_key,
            self.write_strength[t],
            self.write_cosines[t],
            self.found[t],
        )
        a, c = self.allocation[t], self.found[t, :, 0]
        # w = g_w (g_a a + (1 − g_a) c)
        target = np.subtract(a, c, out=self.target[t])
        target *= self.allocation_gate[t]
        target += c
        w = self.write_weights[t + 1]
        np.multiply(self.write_gate[t], target, out=w)
        # M_t = M ⊙ (1 − w eᵀ) + w vᵀ
        M, w = self.memory[t + 1], w[:, :, None]
        np.multiply(w, self.erase[t][:, None], out=M)
        np.subtract(1, M, out=M)
        M *= self.memory[t]
        M += w * self.value[t][:, None]
        self.per_row[t + 1] = inverse_lengths(M)

    def _write_back(self, t: int) -> None:
        d_memory, d = self.d_memory, self.d_write_weights
        M, w, e = self.memory[t], self.write_weights[t + 1], self.erase[t]
        # M_t = M ⊙ (1 − w eᵀ) + w vᵀ
        d += np.matmul(d_memory, self.value[t][:, :, None])[:, :, 0]
        self.d_value[t] = np.matmul(w[:, None], d_memory)[:, 0]
        lost = d_memory * M
        d -= np.matmul(lost, e[:, :, None])[:, :, 0]
        np.negative(np.matmul(w[:, None], lost)[:, 0], out=self.d_erase[t])
        np.multiply(w[:, :, None], e[:, None], out=lost)
        lost *= d_memory
        d_memory -= lost
        # w = g_w (g_a a + (1 − g_a) c)
        a, c = self.allocation[t], self.found[t, :, 0]
        self.d_write_gate[t, :, 0] = np.einsum("bn,bn->b", d, self.target[t])
        d = d * self.write_gate[t]
        self.d_allocation_gate[t, :, 0] = np.einsum("bn,bn->b", d, a - c)
        self.d_allocation = d * self.allocation_gate[t]
        d -= self.d_allocation
        self.d_write_key[t], self.d_write_strength[t] = content_backward(
            d[:, None],
            M,
            self.per_row[t],
            self.write_key[t],
            self.per_write_key[t],
            self.write_strength[t],
            self.write_cosines[t],
            self.found[t],
            d_memory,
        )

    # --- links

    def _link(self, t: int) -> None:
        w, p = self.write_weights[t + 1], self.precedence[t]
        # L(i, j) = (1 − w(i) − w(j)) L(i, j) + w(i) p(j), L(i, i) = 0
        L = self.link[t + 1]
        np.subtract((1 - w)[:, :, None], w[:, None], out=L)
        L *= self.link[t]
        L += w[:, :, None] * p[:, None]
        self.diagonals[t + 1] = 0
        # p_t = (1 − Σ w) p + w
        left = 1 - np.add.reduce(w, axis=-1, keepdims=True)
        p = np.multiply(left, p, out=self.precedence[t + 1])
        p += w

    def _link_back(self, t: int) -> None:
        w, p = self.write_weights[t + 1], self.precedence[t]
        d, d_link, d_p = self.d_write_weights, self.d_link, self.d_precedence
        # p_t = (1 − Σ w) p + w
        d += d_p
        d -= np.einsum("bn,bn->b", d_p, p)[:, None]
        d_p *= 1 - np.add.reduce(w, axis=-1, keepdims=True)
        # L(i, j) = (1 − w(i) − w(j)) L(i, j) + w(i) p(j), L(i, i) = 0
        d_link.reshape(len(w), -1)[:, :: self.slots + 1] = 0
        d_p += np.matmul(w[:, None], d_link)[:, 0]
        d += np.matmul(d_link, p[:, :, None])[:, :, 0]
        lost = d_link * self.link[t]
        d -= np.add.reduce(lost, axis=2)
        d -= np.add.reduce(lost, axis=1)
        np.subtract((1 - w)[:, :, None], w[:, None], out=lost)
        d_link *= lost

    # --- reading

    def _read(self, t: int) -> np.ndarray:
        M, L, before = self.memory[t + 1], self.link[t + 1], self.read_weights
        per_key = self.per_read_key[t]
        per_key[...] = inverse_lengths(self.read_keys[t])
        content(
            M,
            self.per_row[t + 1],
            self.read_keys[t],
            per_key,
            self.read_strengths[t],
            self.read_cosines[t],
            self.likeness[t],
        )
        # f = L w, b = Lᵀ w
        f = np.matmul(before[t], L.transpose(0, 2, 1), out=self.forward[t])
        b = np.matmul(before[t], L, out=self.backward[t])
        # w = π₁ b + π₂ c + π₃ f
        modes = self.read_modes[t]
        w = np.multiply(modes[:, :, :1], b, out=before[t + 1])
        w += modes[:, :, 1:2] * self.likeness[t]
        w += modes[:, :, 2:] * f
        # r = w M
        return np.matmul(w, M)

    def _read_back(self, t: int, d_reads: np.ndarray) -> None:
        M, L, w = self.memory[t + 1], self.link[t + 1], self.read_weights
        d, d_memory = self.d_read_weights, self.d_memory
        # r = w M
        d += np.matmul(d_reads, M.transpose(0, 2, 1))
        d_memory += np.matmul(w[t + 1].transpose(0, 2, 1), d_reads)
        # w = π₁ b + π₂ c + π₃ f
        modes, d_modes = self.read_modes[t], self.d_read_modes[t]
        ways = (self.backward[t], self.likeness[t], self.forward[t])
        for k, way in enumerate(ways):
            np.einsum("brn,brn->br", d, way, out=d_modes[:, :, k])
        d_b, d_c, d_f = (d * modes[:, :, k : k + 1] for k in range(3))
        # f = L w, b = Lᵀ w
        np.matmul(d_f, L, out=d)
        d += np.matmul(d_b, L.transpose(0, 2, 1))
        left = np.concatenate([d_f, w[t]], axis=1)
        right = np.concatenate([w[t], d_b], axis=1)
        self.d_link += np.matmul(left.transpose(0, 2, 1), right)
        d_keys, self.d_read_strengths[t] = content_backward(
            d_c,
            M,
            self.per_row[t + 1],
            self.read_keys[t],
            self.per_read_key[t],
            self.read_strengths[t],
            self.read_cosines[t],
            self.likeness[t],
            d_memory,
        )
        self.d_read_keys[t] = d_keys


def others(x: np.ndarray) -> np.ndarray:
    """Return the products of all entries but one, along axis 1."""
    found = np.ones_like(x)
    np.multiply.accumulate(x[:, :-1], axis=1, out=found[:, 1:])
    if x.shape[1] > 1:
        later = np.multiply.accumulate(x[:, :0:-1], axis=1)
        found[:, :-1] *= later[:, ::-1]
    return found
