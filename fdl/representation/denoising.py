"""Damage that a denoising autoencoder learns to undo.

The network is any autoencoder; what changes is its input. It gets C(x) and is
to restore x, so that its code must not hang on any single pixel.

[1] Vincent et al. 2008, ICML, https://doi.org/10.1145/1390156.1390294

Letters: ``B`` batch, ``ν`` the share of the values that are lost.

Differences from the paper: each value is lost or not by a draw of its own, as
in the book's listing; the paper erases a fixed number of them.

Book: ch. 6, "Denoising to Force Robust Representations"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.errors import must

__all__ = ["corrupt"]


def corrupt(x: Any, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return a copy of x in which a share of the values is zero.

    ::

        C(x) = x ⊙ m       m_i = 0 with probability ν, else 1

    Parameters
    ----------
    x : array `(B, …)`
        Any numbers.
    share : float
        ν, from 0 up and below 1.
    rng : numpy.random.Generator
        Chooses which.

    Examples
    --------
    >>> x = np.full(10_000, 0.3)
    >>> damaged = corrupt(x, 0.5, np.random.default_rng(0))
    >>> sorted(set(damaged)), round(float((damaged == 0).mean()), 1)
    ([0.0, 0.3], 0.5)
    """
    if not 0 <= share < 1:
        raise must("share", share, "be a number from 0 up and below 1")
    x = np.asarray(x)
    m = rng.random(x.shape, dtype=np.float32) >= share
    return x * m
