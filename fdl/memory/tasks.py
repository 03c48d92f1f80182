"""Tasks that need a memory: to repeat what was seen.

Every sequence shows something, then a mark, and then asks for it, while the
input is silent. Which steps are asked for is part of the task; what a network
says at others is nobody's business.

[1] Graves, Wayne and Danihelka 2014, "Neural Turing Machines",
arXiv:1410.5401

Letters: ``B`` sequences; ``T`` time; ``X`` inputs; ``Y`` outputs.

Differences from the paper:

1. The number of repetitions is given as it is, divided by ten.

Book: ch. 8, "NTM Memory Addressing Mechanisms"
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fdl.errors import ShapeError
from fdl.scratch._checks import floats, whole

__all__ = [
    "Sequences",
    "associative_recall",
    "bit_errors",
    "copy",
    "copy_series",
    "repeat_copy",
    "right_ends",
]


class Sequences(NamedTuple):
    """A batch of sequences, all of one length.

    Attributes
    ----------
    x : array `(B, T, X)`
        What is shown: bits, and marks in the last places.
    y : array `(B, T, Y)`
        What is asked for, bits too; 0 where nothing is.
    asked : array `(T,)`
        1 at the steps whose output is asked for, else 0.

    Examples
    --------
    >>> task = copy(5, 3, bits=8)
    >>> task.x.shape, task.y.shape, task.asked.shape
    ((5, 7, 9), (5, 7, 8), (7,))
    """

    x: np.ndarray
    y: np.ndarray
    asked: np.ndarray


def copy(
    count: int, length: int, *, bits: int = 8, seed: int = 0
) -> Sequences:
    """Show vectors of random bits, and ask for them in the same order.

    Parameters
    ----------
    count : int
        B.
    length : int
        How many vectors; T is 2 · length + 1.
    bits : int
        In each; X is bits + 1, Y is bits.
    seed : int
        Chooses them.

    Examples
    --------
    >>> x, y, asked = copy(1, 2, bits=3)
    >>> print(x[0].astype(int))
    [[1 1 1 0]
     [0 0 0 0]
     [0 0 0 1]
     [0 0 0 0]
     [0 0 0 0]]
    >>> print(y[0].astype(int))
    [[0 0 0]
     [0 0 0]
     [0 0 0]
     [1 1 1]
     [0 0 0]]
    >>> asked.astype(int).tolist()
    [0, 0, 0, 1, 1]
    """
    return copy_series(count, 1, length, bits=bits, seed=seed)


def copy_series(
    count: int, series: int, length: int, *, bits: int = 8, seed: int = 0
) -> Sequences:
    """Show a sequence, ask for it, show the next one, and so on.

    Parameters
    ----------
    count : int
        B.
    series : int
        How many sequences come one after the other.
    length : int
        How many vectors are in each; T is series · (2 · length + 1).
    bits : int
        In each vector; X is bits + 1, Y is bits.
    seed : int
        Chooses them.

    Examples
    --------
    >>> x, y, asked = copy_series(1, 2, 1, bits=3)
    >>> asked.astype(int).tolist()  # show, mark, ask; show, mark, ask
    [0, 0, 1, 0, 0, 1]
    >>> bool((y[0, 2] == x[0, 0, :3]).all() and (y[0, 5] == x[0, 3, :3]).all())
    True
    """
    _check(count=count, series=series, length=length, bits=bits, seed=seed)
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 2, (count, series, length, bits))
    around = 2 * length + 1
    x = np.zeros((count, series, around, bits + 1), np.float32)
    y = np.zeros((count, series, around, bits), np.float32)
    asked = np.zeros((series, around), np.float32)
    x[:, :, :length, :bits] = vectors
    x[:, :, length, bits] = 1  # the end mark
    y[:, :, length + 1 :] = vectors
    asked[:, length + 1 :] = 1
    steps = series * around
    return Sequences(
        x.reshape(count, steps, -1),
        y.reshape(count, steps, -1),
        asked.reshape(steps),
    )


def repeat_copy(
    count: int, length: int, repeats: int, *, bits: int = 8, seed: int = 0
) -> Sequences:
    """Ask for the vectors several times, and then for an end mark.

    The mark behind the vectors tells how often, divided by ten.

    Parameters
    ----------
    count : int
        B.
    length : int
        How many vectors; T is length + 1 + repeats · length + 1.
    repeats : int
        How often they are asked for.
    bits : int
        In each; X and Y are bits + 1.
    seed : int
        Chooses them.

    Examples
    --------
    Two vectors, three times each, and the mark that ends them:

    >>> x, y, asked = repeat_copy(1, 2, 3, bits=4)
    >>> print(x[0, :, -1].round(1))
    [0.  0.  0.3 0.  0.  0.  0.  0.  0.  0. ]
    >>> print(y[0, :, -1])
    [0. 0. 0. 0. 0. 0. 0. 0. 0. 1.]
    >>> bool((y[0, 3:9, :4] == [*x[0, :2, :4]] * 3).all())
    True
    """
    _check(count=count, length=length, repeats=repeats, bits=bits, seed=seed)
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 2, (count, length, bits))
    steps = length + 1 + repeats * length + 1
    x = np.zeros((count, steps, bits + 1), np.float32)
    y = np.zeros_like(x)
    asked = np.zeros(steps, np.float32)
    x[:, :length, :bits] = vectors
    x[:, length, bits] = repeats / 10
    y[:, length + 1 : -1, :bits] = np.tile(vectors, (1, repeats, 1))
    y[:, -1, bits] = 1
    asked[length + 1 :] = 1
    return Sequences(x, y, asked)


def associative_recall(
    count: int, items: int, *, length: int = 3, bits: int = 6, seed: int = 0
) -> Sequences:
    """Show items, then one of them again, and ask for the one behind it.

    A mark stands before each item; another one stands before and behind the
    item that is shown again.

    Parameters
    ----------
    count : int
        B.
    items : int
        How many, 2 or more; T is (items + 2) · (length + 1).
    length : int
        How many vectors are in an item.
    bits : int
        In each vector; X is bits + 2, Y is bits.
    seed : int
        Chooses them, and which one is shown again.

    Examples
    --------
    The marks of items, and those around the one that is shown again:

    >>> x, y, asked = associative_recall(1, 3, length=1)
    >>> print(x[0, :, -2:].T.astype(int))
    [[1 0 1 0 1 0 0 0 0 0]
     [0 0 0 0 0 0 1 0 1 0]]
    >>> asked.astype(int).tolist()
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    """
    _check(count=count, items=items, length=length, bits=bits, seed=seed)
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 2, (count, items, length, bits))
    chosen = rng.integers(0, items - 1, count)
    around, rows = length + 1, np.arange(count)
    x = np.zeros((count, items + 2, around, bits + 2), np.float32)
    y = np.zeros((count, items + 2, around, bits), np.float32)
    asked = np.zeros((items + 2, around), np.float32)
    x[:, :items, 0, bits] = 1
    x[:, :items, 1:, :bits] = vectors
    x[:, items:, 0, bits + 1] = 1
    x[:, items, 1:, :bits] = vectors[rows, chosen]
    y[:, items + 1, 1:] = vectors[rows, chosen + 1]
    asked[items + 1, 1:] = 1
    steps = (items + 2) * around
    return Sequences(
        x.reshape(count, steps, -1),
        y.reshape(count, steps, -1),
        asked.reshape(steps),
    )


def bit_errors(scores: np.ndarray, sequences: Sequences) -> float:
    """Return the share of bits that are wrong, of those asked for.

    Parameters
    ----------
    scores : array `(B, T, Y)`
        What a network says: 1 where a number is above 0. Must be finite.
    sequences : Sequences
        What is right.

    Examples
    --------
    >>> task = copy(2, 3, bits=4)
    >>> bit_errors(task.y - 0.5, task), bit_errors(0.5 - task.y, task)
    (0.0, 1.0)
    """
    return float(_wrong(scores, sequences).mean())


def right_ends(scores: np.ndarray, sequences: Sequences) -> float:
    """Return the share of sequences whose last output is right throughout.

    In repeat copy that output is the end mark. It is one bit of many, so
    :func:`bit_errors` hardly sees whether it comes at the right step, and at
    no other one.

    Parameters
    ----------
    scores : array `(B, T, Y)`
        What a network says: 1 where a number is above 0.
    sequences : Sequences
        What is right.

    Examples
    --------
    >>> task = repeat_copy(2, 3, 2, bits=4)
    >>> scores = task.y - 0.5
    >>> scores[0, 6, -1] = 0.1  # the first one says too early that it is over
    >>> right_ends(scores, task), round(bit_errors(scores, task), 3)
    (0.5, 0.014)
    """
    ends = _wrong(scores, sequences)[:, :, -1]
    return float((~ends.any(axis=1)).mean())


def _wrong(scores: np.ndarray, sequences: Sequences) -> np.ndarray:
    """Return which of the bits that are asked for are wrong."""
    scores = floats("scores", scores)
    if scores.shape != sequences.y.shape:
        raise ShapeError(
            f"`scores` (=of shape {scores.shape}) must be of shape "
            f"{sequences.y.shape}, as `sequences.y`."
        )
    asked = sequences.asked > 0
    return (scores[:, asked] > 0) != (sequences.y[:, asked] > 0.5)


def _check(**arguments: int) -> None:
    least = {"items": 2, "seed": 0}
    for name, value in arguments.items():
        whole(name, value, least.get(name, 1))
