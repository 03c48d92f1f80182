"""Which slots are free to be written: usage and allocation.

[1] Graves et al. 2016, doi:10.1038/nature20101

Letters: ``B`` batch; ``N`` memory slots; ``R`` read heads.

Differences from the paper: none.

Book: ch. 8, "Interference-Free Writing in DNCs"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl._mxnet import namespace, prod
from fdl.memory._checks import shapes, within

__all__ = [
    "allocation",
    "allocations",
    "retention",
    "usage",
    "write_weights",
]

TINY = 1e-30  # added to what a logarithm is taken of


def retention(free_gates: Any, read_weights: Any) -> Any:
    """Return how much of each slot is not freed by what was just read.

    ::

        ψ = Π_r (1 − f_r w_r)

    Parameters
    ----------
    free_gates : array `(B, R)`
        f, from 0 to 1.
    read_weights : array `(B, R, N)`
        Of the step before.

    Returns
    -------
    array `(B, N)`
        From 0 to 1.

    Examples
    --------
    What was read from the second slot may go:

    >>> from fdl._mxnet import np
    >>> read = np.array([[[0.0, 1.0, 0.0]]])
    >>> retention(np.array([[1.0]]), read), retention(np.array([[0.0]]), read)
    (array([[1., 0., 1.]]), array([[1., 1., 1.]]))
    """
    F, _ = namespace(read_weights)
    shapes(free_gates=(free_gates, "BR"), read_weights=(read_weights, "BRN"))
    within(0, 1, free_gates=free_gates)
    # ψ = Π_r (1 − f_r w_r)
    return prod(1 - F.expand_dims(free_gates, -1) * read_weights, axis=1)


def usage(previous: Any, write_weights: Any, retention: Any) -> Any:
    """Return how far each slot is in use.

    ::

        u_t = (u_{t−1} + w_{t−1} − u_{t−1} ⊙ w_{t−1}) ⊙ ψ

    Parameters
    ----------
    previous : array `(B, N)`
        u of the step before.
    write_weights : array `(B, N)`
        Of the step before.
    retention : array `(B, N)`
        ψ of :func:`retention`.

    Returns
    -------
    array `(B, N)`
        From 0, free, to 1, used.

    Examples
    --------
    Half of the second slot was written; what was in the third is freed:

    >>> from fdl._mxnet import np
    >>> used, written = np.array([[1.0, 0.5, 1.0]]), np.array([[0, 0.5, 0.0]])
    >>> usage(used, written, np.array([[1.0, 1.0, 0.0]]))
    array([[1.  , 0.75, 0.  ]])
    """
    shapes(
        previous=(previous, "BN"),
        write_weights=(write_weights, "BN"),
        retention=(retention, "BN"),
    )
    # u_t = (u + w − u ⊙ w) ⊙ ψ
    used = previous + write_weights - previous * write_weights
    return used * retention


def allocation(usage: Any) -> Any:
    """Return which slots are the next to be written: the least used first.

    ::

        a(i) = (1 − u(i)) Π_j u(j)        over all j used less than i

    Where slots are used alike, the one with the lower number comes first.

    Parameters
    ----------
    usage : array `(B, N)`
        u, from 0 to 1.

    Returns
    -------
    array `(B, N)`
        Weights ≥ 0, whose sum is 1 − Π_i u(i).

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> allocation(np.array([[1.0, 0.7, 0.2, 0.4]])).round(4)
    array([[0.   , 0.024, 0.8  , 0.12 ]])
    """
    F, Fx = namespace(usage)
    shapes(usage=(usage, "BN"))
    within(0, 1, usage=usage)
    i = Fx.arange_like(usage, axis=-1)
    earlier = F.expand_dims(i, 0) < F.expand_dims(i, 1)  # (N, N): j < i
    mine, other = F.expand_dims(usage, 2), F.expand_dims(usage, 1)
    # which j come before i in the free list, (B, N, N)
    before = (other < mine) + (other == mine) * earlier
    # Π_j u(j) = exp(Σ_j ln u(j))
    logs = F.log(F.maximum(usage, 0) + TINY)
    others = F.exp(F.sum(before * F.expand_dims(logs, 1), axis=-1))
    # a(i) = (1 − u(i)) Π_j u(j)
    return (1 - usage) * others


def allocations(usage: Any, write_gates: Sequence[Any]) -> list[Any]:
    """Return what each of several write heads is to write to.

    DeepMind's program has them choose one after the other: what the first
    takes, as far as its gate is open, counts as used for the second.

    ::

        u ← u + (1 − u) g a

    Parameters
    ----------
    usage : array `(B, N)`
        u, from 0 to 1.
    write_gates : sequence of arrays `(B, 1)`
        g of each head, from 0 to 1.

    Returns
    -------
    list of arrays `(B, N)`

    Examples
    --------
    Two heads take two slots; while the first one's gate is shut, the second
    may have its slot:

    >>> from fdl._mxnet import np
    >>> used, gate = np.array([[1.0, 0.0, 0.5]]), np.ones((1, 1))
    >>> [a.round(2).tolist() for a in allocations(used, [gate, gate])]
    [[[0.0, 1.0, 0.0]], [[0.0, 0.0, 0.5]]]
    >>> [a.round(2).tolist() for a in allocations(used, [0 * gate, gate])]
    [[[0.0, 1.0, 0.0]], [[0.0, 1.0, 0.0]]]
    """
    found = []
    for gate in write_gates:
        shapes(usage=(usage, "BN"), write_gate=(gate, "B1"))
        within(0, 1, write_gate=gate)
        found.append(allocation(usage))
        # u ← u + (1 − u) g a
        usage = usage + (1 - usage) * gate * found[-1]
    return found


def write_weights(
    content: Any, allocation: Any, write_gate: Any, allocation_gate: Any
) -> Any:
    """Write to a free slot, or to one that was looked for, or not at all.

    ::

        w = g_w (g_a a + (1 − g_a) c)

    Parameters
    ----------
    content, allocation : array `(B, N)`
        c and a.
    write_gate, allocation_gate : array `(B, 1)`
        g_w and g_a, from 0 to 1.

    Returns
    -------
    array `(B, N)`
        Weights ≥ 0, whose sum is at most g_w.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> found, free = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    >>> wide, shut = np.ones((1, 1)), np.zeros((1, 1))
    >>> write_weights(found, free, wide, wide)  # to the free slot
    array([[0., 1.]])
    >>> write_weights(found, free, wide, shut)  # to the one that was found
    array([[1., 0.]])
    >>> write_weights(found, free, shut, wide)  # not at all
    array([[0., 0.]])
    """
    shapes(
        content=(content, "BN"),
        allocation=(allocation, "BN"),
        write_gate=(write_gate, "B1"),
        allocation_gate=(allocation_gate, "B1"),
    )
    within(0, 1, write_gate=write_gate, allocation_gate=allocation_gate)
    # w = g_w (g_a a + (1 − g_a) c)
    where = allocation_gate * allocation + (1 - allocation_gate) * content
    return write_gate * where
