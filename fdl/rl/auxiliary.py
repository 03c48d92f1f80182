"""What an agent can learn where no reward comes: UNREAL's tasks, one by one.

To make pixels change, to foretell the next reward, to value again what it
has lived through: each is a sum of errors that the network's own loss is
joined by.

Letters: ``T`` steps; ``A`` actions; ``C`` cells of a picture, ``Δ`` how much
they change, ``q`` what that will sum to and ``y`` what it should have been;
``v`` values; ``R`` returns.

References: [1] Jaderberg et al. 2016, arXiv:1611.05397

Differences from the paper: errors are means over cells and steps.

Book: ch. 9, "UNsupervised REinforcement and Auxiliary Learning (UNREAL)"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as onp

from fdl._mxnet import namespace

__all__ = [
    "LOOK",
    "SIGNS",
    "control_loss",
    "pixel_changes",
    "skewed",
    "triples",
    "value_loss",
]

LOOK = 3
"""Frames from which a reward is foretold."""
SIGNS = 3
"""The signs that a reward may have: 0, 1, −1."""


def pixel_changes(frames: onp.ndarray, cell: int) -> onp.ndarray:
    """Return how much each cell of a picture changes from frame to frame.

    Parameters
    ----------
    frames : array `(T + 1, height, width)`
        Pictures; what is left over at the right and below is not counted.
    cell : int
        Pixels on each side of a cell.

    Returns
    -------
    array `(T, C)`
        Δ, means over the cell's pixels, row by row.

    Examples
    --------
    >>> frames = onp.zeros((2, 4, 4))
    >>> frames[1, 0, 3] = 1
    >>> pixel_changes(frames, 2)
    array([[0.  , 0.25, 0.  , 0.  ]])
    """
    rows, columns = (size // cell for size in frames.shape[1:])
    frames = frames[:, : rows * cell, : columns * cell]
    change = onp.abs(onp.diff(frames, axis=0))
    change = change.reshape(len(change), rows, cell, columns, cell)
    return change.mean(axis=(2, 4)).reshape(len(change), -1)


def control_loss(q: Any, actions: Any, targets: Any) -> Any:
    """Return the mean of ½ (y − q(s, a))² over steps and cells.

    Parameters
    ----------
    q : array `(T, A, C)`
        What each action is thought to make of each cell.
    actions : array `(T,)`
        What was done.
    targets : array `(T, C)`
        y.

    Returns
    -------
    array `()`

    Examples
    --------
    One step, two actions, one cell; the first action was done:

    >>> from fdl._mxnet import np
    >>> q = np.array([[[3.0], [7.0]]])
    >>> control_loss(q, np.array([0]), np.array([[1.0]])).item()
    2.0
    """
    np_, npx = namespace(q)
    done = np_.expand_dims(npx.one_hot(actions, q.shape[1]), 2)  # (T, A, 1)
    return ((targets - (q * done).sum(axis=1)) ** 2).mean() / 2


def skewed(
    rewards: onp.ndarray, size: int, rng: onp.random.Generator
) -> onp.ndarray:
    """Return places, half of which are places of a reward.

    Parameters
    ----------
    rewards : array `(T,)`
        Most of them 0.
    size : int
        How many places to return; of each it is a matter of chance whether
        there is a reward. If there is none anywhere, or nothing else, all
        are alike.
    rng : numpy.random.Generator
        Decides.

    Returns
    -------
    array `(size,)`

    Examples
    --------
    One step in a hundred was rewarded, and half of what is drawn is that one:

    >>> rewards = onp.zeros(100)
    >>> rewards[7] = 1
    >>> places = skewed(rewards, 1000, onp.random.default_rng(0))
    >>> (places == 7).mean().round(1)
    0.5
    """
    there = onp.flatnonzero(rewards)
    nothing = onp.flatnonzero(rewards == 0)
    if not len(there) or not len(nothing):
        return rng.integers(len(rewards), size=size)
    chosen = rng.choice(there, size), rng.choice(nothing, size)
    return onp.where(rng.random(size) < 0.5, *chosen)


def value_loss(v: Any, returns: Any) -> Any:
    """Return the mean of ½ (R − v)².

    Parameters
    ----------
    v, returns : array `(T,)`
        What states were thought to be worth, and what came of them, R.

    Returns
    -------
    array `()`

    Examples
    --------
    >>> value_loss(onp.array([1.0, 2.0]), onp.array([1.0, 4.0]))
    1.0
    """
    return ((returns - v) ** 2).mean() / 2


def triples(
    seen: Sequence[Any], rewards: Sequence[Any], places: Any
) -> tuple[onp.ndarray, onp.ndarray]:
    """Return the three frames before some rewards, and the rewards' signs.

    Parameters
    ----------
    seen : sequence of arrays `(T + 1, n)`
        What some rolls show. For what lies before a roll stands its first.
    rewards : sequence of arrays `(T,)`
        What they have brought.
    places : array of int `(B,)`
        Which rewards, counted through all rolls.

    Returns
    -------
    frames : array `(B, 3, n)`
        The one in which the reward was earned comes last.
    signs : array `(B,)`
        0 for none, 1 for a reward, 2 for what costs.

    Examples
    --------
    A roll of three steps, of which the last costs 1 and the first brings 2:

    >>> seen = [onp.array([[10], [11], [12], [13]])]
    >>> frames, signs = triples(seen, [[2.0, 0.0, -1.0]], [2, 0])
    >>> frames.tolist(), signs.tolist()
    ([[[10], [11], [12]], [[10], [10], [10]]], [2, 1])
    """
    ends = onp.cumsum([len(roll) for roll in rewards])
    frames, signs = [], []
    for place in places:
        k = int(onp.searchsorted(ends, place, side="right"))
        t = place - (ends[k] - len(rewards[k]))
        back = onp.maximum(onp.arange(t - LOOK + 1, t + 1), 0)
        frames.append(seen[k][back])
        # −1 is numbered 2
        signs.append(int(onp.sign(rewards[k][t])) % SIGNS)
    return onp.stack(frames), onp.array(signs)
