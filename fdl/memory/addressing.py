"""Where a network reads and writes in its memory: pure functions.

They take arrays, or symbols inside of a hybridized block, and keep no state.
Values and gradients are finite for zero keys, rows and weights, for equal
usages, and for strengths of any size.

[1] Graves, Wayne and Danihelka 2014, arXiv:1410.5401; [2] Graves et al. 2016,
doi:10.1038/nature20101

Letters: ``B`` batch; ``N`` memory slots; ``W`` word size; ``R`` heads; ``S``
shifts.

Differences from the papers:

1. Lengths in the cosine are √(Σ x² + ε), so that a row of zeros has one.
2. The middle one of the shifts stays put, where [1] counts from the first.

Book: ch. 8, "NTM Memory Addressing Mechanisms"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import namespace, softplus, stop_gradient
from fdl.errors import ShapeError
from fdl.memory._checks import shapes, within
from fdl.memory.free_list import (
    allocation,
    allocations,
    retention,
    usage,
    write_weights,
)
from fdl.memory.links import directions, link, outer, precedence

__all__ = [
    "allocation",
    "allocations",
    "content",
    "directions",
    "erase_and_write",
    "interpolate",
    "link",
    "oneplus",
    "precedence",
    "read",
    "read_weights",
    "retention",
    "sharpen",
    "shift",
    "usage",
    "write_weights",
]

EPSILON = 1e-6  # added to squared lengths
TINY = 1e-30  # added to what a logarithm is taken of
INFINITY = float("inf")


def oneplus(x: Any) -> Any:
    """Return 1 + ln(1 + eˣ), which is 1 or more.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> oneplus(np.array([-100.0, 0.0])).round(4)
    array([1.    , 1.6931])
    """
    return 1 + softplus(x)


def content(memory: Any, keys: Any, strengths: Any) -> Any:
    """Look for keys: weight each slot by its likeness.

    ::

        c(i) = exp(β cos(k, M_i)) / Σ_j exp(β cos(k, M_j))

    Parameters
    ----------
    memory : array `(B, N, W)`
        What is stored, M.
    keys : array `(B, R, W)`
        What is looked for, k.
    strengths : array `(B, R)`
        How much a better likeness counts, β ≥ 0.

    Returns
    -------
    array `(B, R, N)`
        Weights ≥ 0, whose sum is 1.

    Examples
    --------
    The stronger, the sharper:

    >>> from fdl._mxnet import np
    >>> memory, key = np.eye(2).reshape(1, 2, 2), np.array([[[1.0, 0.0]]])
    >>> for strength in (1, 5):
    ...     weights = content(memory, key, np.array([[strength]]))
    ...     print(weights.asnumpy().round(3))
    [[[0.731 0.269]]]
    [[[0.993 0.007]]]
    """
    F, Fx = namespace(memory)
    shapes(memory=(memory, "BNW"), keys=(keys, "BRW"))
    shapes(keys=(keys, "BRW"), strengths=(strengths, "BR"))
    within(0, INFINITY, strengths=strengths)
    # cos(k, m) = k·m / |k||m|
    cosine = Fx.batch_dot(_unit(keys), _unit(memory), transpose_b=True)
    # c = softmax(β cos)
    return Fx.softmax(F.expand_dims(strengths, -1) * cosine, axis=-1)


def interpolate(content: Any, previous: Any, gate: Any) -> Any:
    """Choose between what was found and where the head was.

    ::

        w = g c + (1 − g) w_{t−1}

    Parameters
    ----------
    content, previous : array `(B, R, N)`
        Weights: c by content, and those of the step before.
    gate : array `(B, R)`
        g, from 0 to 1.

    Returns
    -------
    array `(B, R, N)`

    Examples
    --------
    A gate of 0.9 takes nine tenths of what was found:

    >>> from fdl._mxnet import np
    >>> found, before = np.array([[[0.0, 1.0]]]), np.array([[[1.0, 0.0]]])
    >>> interpolate(found, before, np.array([[0.9]])).round(2)
    array([[[0.1, 0.9]]])
    """
    F, _ = namespace(content)
    shapes(
        content=(content, "BRN"), previous=(previous, "BRN"), gate=(gate, "BR")
    )
    within(0, 1, gate=gate)
    gate = F.expand_dims(gate, -1)
    # w = g c + (1 − g) w_{t−1}
    return gate * content + (1 - gate) * previous


def shift(weights: Any, shifts: Any) -> Any:
    """Move weights along the memory, which is a circle.

    ::

        w̃(i) = Σ_j w(j) s(i − j)

    Parameters
    ----------
    weights : array `(B, R, N)`
        Weights w ≥ 0.
    shifts : array `(B, R, S)`
        s ≥ 0, whose sum is 1: how much goes how far. S is odd; the middle one
        stays put, the one behind it goes to the next slot.

    Returns
    -------
    array `(B, R, N)`

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> w = np.array([[[0.0, 0.0, 1.0]]])
    >>> shift(w, np.array([[[0.0, 0.25, 0.75]]]))
    array([[[0.75, 0.  , 0.25]]])
    """
    F, Fx = namespace(weights)
    shapes(weights=(weights, "BRN"), shifts=(shifts, "BRS"))
    if hasattr(shifts, "shape") and shifts.shape[-1] % 2 == 0:
        raise ShapeError(
            f"`shifts` (=of shape {shifts.shape}) must have an odd number of "
            "them, with one in the middle."
        )
    within(0, 1, shifts=shifts)
    s = Fx.arange_like(shifts, axis=-1)  # (S,)
    step = F.reshape(s - F.max(s) / 2, (-1, 1, 1))
    i = Fx.arange_like(weights, axis=-1)  # (N,)
    slots = F.max(i) + 1
    # to which slot each shift moves j, round the circle
    goal = F.reshape(i, (-1, 1)) + step  # (S, N, 1)
    goal = goal - slots * F.floor(goal / slots)
    one = F.ones_like(F.max(weights))  # of their type
    moves = (goal == i) * one  # (S, N, N)
    # w̃(i) = Σ_j w(j) s(i − j)
    moved = F.tensordot(weights, moves * 1.0, axes=([2], [1]))  # (B, R, S, N)
    return F.sum(F.expand_dims(shifts, -1) * moved, axis=2)


def sharpen(weights: Any, gamma: Any) -> Any:
    """Make large weights larger, and small ones smaller.

    ::

        w(i) = w̃(i)^γ / Σ_j w̃(j)^γ

    Weights that are all zero stay so.

    Parameters
    ----------
    weights : array `(B, R, N)`
        w̃ ≥ 0.
    gamma : array `(B, R)`
        γ ≥ 1.

    Returns
    -------
    array `(B, R, N)`
        Weights ≥ 0, whose sum is 1.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> weights = sharpen(np.array([[[0.2, 0.8]]]), np.array([[2.0]]))
    >>> print(weights.asnumpy().round(4))
    [[[0.0588 0.9412]]]
    """
    F, _ = namespace(weights)
    shapes(weights=(weights, "BRN"), gamma=(gamma, "BR"))
    within(1, INFINITY, gamma=gamma)
    # a common factor changes nothing: the largest weight becomes 1
    top = stop_gradient(F.max(weights, axis=-1, keepdims=True))
    empty = top <= 0
    scaled = F.maximum(weights, 0) / (top + empty)
    # w̃^γ = exp(γ ln w̃)
    powers = F.exp(F.expand_dims(gamma, -1) * F.log(scaled + TINY))
    return powers / (F.sum(powers, axis=-1, keepdims=True) + empty)


def erase_and_write(memory: Any, weights: Any, erase: Any, value: Any) -> Any:
    """Return the memory after a write.

    ::

        M_t = M_{t−1} ⊙ (1 − w eᵀ) + w vᵀ

    Parameters
    ----------
    memory : array `(B, N, W)`
        M before.
    weights : array `(B, N)`
        w: how much each slot takes part.
    erase : array `(B, W)`
        e, from 0 to 1: what to forget.
    value : array `(B, W)`
        v: what to add.

    Returns
    -------
    array `(B, N, W)`

    Examples
    --------
    The first slot forgets all and takes the value; the second is not touched:

    >>> from fdl._mxnet import np
    >>> memory = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> weights, value = np.array([[1.0, 0.0]]), np.array([[7.0, 8.0]])
    >>> erase_and_write(memory, weights, np.ones((1, 2)), value)
    array([[[7., 8.],
            [3., 4.]]])
    """
    shapes(
        memory=(memory, "BNW"),
        weights=(weights, "BN"),
        erase=(erase, "BW"),
        value=(value, "BW"),
    )
    within(0, 1, erase=erase)
    # M ⊙ (1 − w eᵀ) + w vᵀ
    return memory * (1 - outer(weights, erase)) + outer(weights, value)


def read_weights(backward: Any, content: Any, forward: Any, modes: Any) -> Any:
    """Mix the three ways to choose what to read.

    ::

        w = π₁ b + π₂ c + π₃ f

    Parameters
    ----------
    backward, content, forward : array `(B, R, N)`
        b, c and f.
    modes : array `(B, R, 3)`
        π ≥ 0, whose sum is 1, in this order.

    Returns
    -------
    array `(B, R, N)`

    Examples
    --------
    A head that goes on to what was written next, in three of four parts:

    >>> from fdl._mxnet import np
    >>> b, c, f = np.eye(3).reshape(3, 1, 1, 3)
    >>> read_weights(b, c, f, np.array([[[0.0, 0.25, 0.75]]]))
    array([[[0.  , 0.25, 0.75]]])
    """
    F, _ = namespace(modes)
    shapes(
        backward=(backward, "BRN"),
        content=(content, "BRN"),
        forward=(forward, "BRN"),
        modes=(modes, "BR3"),
    )
    within(0, 1, modes=modes)
    b, c, f = F.split(modes, 3, axis=-1)  # (B, R, 1) each
    # w = π₁ b + π₂ c + π₃ f
    return b * backward + c * content + f * forward


def read(memory: Any, weights: Any) -> Any:
    """Return what the heads read.

    ::

        r = Σ_i w(i) M_i

    Parameters
    ----------
    memory : array `(B, N, W)`
        M.
    weights : array `(B, R, N)`
        w.

    Returns
    -------
    array `(B, R, W)`

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> memory = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    >>> read(memory, np.array([[[0.0, 1.0], [0.5, 0.5]]]))
    array([[[3., 4.],
            [2., 3.]]])
    """
    _, Fx = namespace(memory)
    shapes(memory=(memory, "BNW"), weights=(weights, "BRN"))
    # r = Σ_i w(i) M_i
    return Fx.batch_dot(weights, memory)


def _unit(x: Any) -> Any:
    """Return x / |x|, along the last axis."""
    F, _ = namespace(x)
    return x / F.sqrt(F.sum(x * x, axis=-1, keepdims=True) + EPSILON)
