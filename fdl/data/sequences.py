"""Made-up sequences for networks with a memory.

Letters: ``N`` sequences, ``T`` steps.
"""

from __future__ import annotations

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import not_negative, whole

__all__ = ["n_back"]

Sequences = tuple[np.ndarray, np.ndarray, np.ndarray]


def n_back(
    count: int,
    seed: int = 0,
    *,
    n: int = 3,
    k: int = 4,
    mean: float = 20.0,
    spread: float = 5.0,
) -> Sequences:
    """Return sequences of digits, and where one is the n-th last again.

    Parameters
    ----------
    count : int
        N.
    seed : int
        Chooses them.
    n : int
        How far to look back.
    k : int
        How many different digits there are.
    mean, spread : float
        Lengths are normal numbers with this mean and deviation, cut down to
        whole ones, and n + 1 at least.

    Returns
    -------
    digits : array `(N, T)`
        From 0 to k − 1; 0 behind the end.
    again : array `(N, T)`
        1 where a digit equals the one n steps before, else 0.
    lengths : array `(N,)`
        How many steps are real.

    Examples
    --------
    >>> digits, again, lengths = n_back(1, n=2, k=2, mean=8, spread=0)
    >>> digits[0].tolist(), again[0].tolist(), lengths.tolist()
    ([1, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 1, 1, 1, 0], [8])
    """
    for name, value, least in (("count", count, 1), ("n", n, 1), ("k", k, 2)):
        whole(name, value, least)
    if not np.isfinite(mean):
        raise must("mean", mean, "be a number")
    not_negative("spread", spread)
    rng = np.random.default_rng(seed)
    lengths = rng.normal(mean, spread, count).astype(np.int32)
    lengths = np.maximum(lengths, n + 1)
    steps = int(lengths.max())
    real = np.arange(steps) < lengths[:, np.newaxis]  # (N, T)
    digits = rng.integers(0, k, (count, steps), dtype=np.int32) * real
    again = np.zeros((count, steps), np.int32)
    again[:, n:] = digits[:, n:] == digits[:, :-n]
    return digits, again * real, lengths
