"""Made-up films: bright squares that move over a noisy ground.

Letters: ``N`` clips; ``T`` frames; ``H, W`` height and width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Union

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import not_negative, whole

__all__ = ["DIRECTIONS", "moving_squares"]

DIRECTIONS = ("up", "down", "left", "right")
"""Where a square may go: the classes, by their numbers."""
STEPS = np.array([(-1, 0), (1, 0), (0, -1), (0, 1)])  # rows, columns


def moving_squares(
    n: int,
    seed: Union[int, Sequence[int]] = 0,
    *,
    frames: int = 8,
    size: int = 16,
    extent: int = 3,
    noise: float = 0.5,
) -> tuple[np.ndarray, np.ndarray]:
    """Return clips of a square that moves one place a frame, and where to.

    The square starts anywhere and comes in again at the other side, so a
    single frame tells nothing about its direction.

    Parameters
    ----------
    n : int
        N.
    seed : int or sequence of int
        Chooses them.
    frames : int
        T.
    size : int
        H and W.
    extent : int
        Height and width of the square.
    noise : float
        Standard deviation of the ground; the square is 1 brighter.

    Returns
    -------
    clips, directions : arrays `(N, 1, T, H, W)` and `(N,)`
        Float32; indices of ``DIRECTIONS``.

    Examples
    --------
    >>> clips, directions = moving_squares(5, frames=2, noise=0.0)
    >>> clips.shape, clips.sum(axis=(1, 3, 4)).tolist()[0]
    ((5, 1, 2, 16, 16), [9.0, 9.0])
    """
    for name, value in (("n", n), ("frames", frames), ("size", size)):
        whole(name, value)
    if whole("extent", extent) >= size:
        raise must("extent", extent, f"be from 1 up and below {size}")
    not_negative("noise", noise)
    rng = np.random.default_rng(seed)
    directions = rng.integers(0, len(DIRECTIONS), n)
    start = rng.integers(0, size, (n, 2))
    clips = rng.normal(0, noise, (n, 1, frames, size, size))
    places = np.arange(size)
    for t in range(frames):
        corner = start + t * STEPS[directions]  # (N, 2)
        # which rows and which columns the square covers
        row, column = (
            (places - corner[:, [axis]]) % size < extent for axis in (0, 1)
        )
        clips[:, 0, t] += row[:, :, np.newaxis] & column[:, np.newaxis]
    return clips.astype(np.float32), directions.astype(np.int32)
