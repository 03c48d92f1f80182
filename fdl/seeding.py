"""One seed, from which every random choice of a run follows.

A run has one seed. Whatever in it needs chance of its own (an epoch's dropout
masks, a shuffle, a held-out part) gets a *stream*: a seed derived from the
run's by name, so that adding one consumer moves none of the others.

MXNet is seeded only where it is loaded already; this module never loads it.
"""

from __future__ import annotations

import hashlib
import random
import sys
from typing import Any, Union

import numpy as np

from fdl.errors import must

__all__ = ["derive", "generator", "seed_all"]


def seed_all(seed: int) -> None:
    """Seed Python's, NumPy's and, if it is loaded, MXNet's global generators.

    Parameters
    ----------
    seed : int
        From 0 up to 2³¹ − 1.

    Examples
    --------
    >>> seed_all(3)
    >>> first = np.random.random()
    >>> seed_all(3)
    >>> first == np.random.random()
    True
    """
    seed = check(seed)
    random.seed(seed)
    np.random.seed(seed)
    mxnet = sys.modules.get("mxnet")
    # a package that is still being imported has no `random` yet
    if hasattr(mxnet, "random"):
        mxnet.random.seed(seed)  # type: ignore[union-attr]


def derive(seed: int, *stream: Union[str, int]) -> int:
    """Return the seed of a stream, a whole number below 2³¹.

    Parameters
    ----------
    seed : int
        The run's seed.
    *stream : str or int
        The stream's name, for example ``"epoch", 7``.

    Examples
    --------
    >>> derive(0, "epoch", 1) == derive(0, "epoch", 1)
    True
    >>> derive(0, "epoch", 1) == derive(0, "epoch", 2)
    False
    """
    return int.from_bytes(_digest(seed, stream)[:4], "little") >> 1


def generator(seed: int, *stream: Union[str, int]) -> np.random.Generator:
    """Return a NumPy generator of its own for a stream.

    Parameters
    ----------
    seed : int
        The run's seed.
    *stream : str or int
        The stream's name; without one, the generator of the seed itself.

    Examples
    --------
    >>> bool(generator(0, "noise").random() == generator(0, "noise").random())
    True
    """
    return np.random.default_rng(
        int.from_bytes(_digest(seed, stream)[:16], "little")
    )


def check(seed: Any) -> int:
    """Return `seed` as an int, or raise what is wrong with it."""
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or not 0 <= seed < 2**31:
        raise must(
            "seed", seed, "be a whole number from 0 up, less than 2147483648"
        )
    return int(seed)


def _digest(seed: int, stream: tuple[Union[str, int], ...]) -> bytes:
    # the representation keeps "1" and 1 apart, and ("ab",) and ("a", "b")
    name = tuple(map(_part, stream))
    return hashlib.sha256(repr((check(seed), name)).encode()).digest()


def _part(part: Any) -> Union[str, int]:
    """Return a part of a stream's name as text, or as an int."""
    if isinstance(part, str):
        return part
    whole = isinstance(part, (int, np.integer)) and not isinstance(part, bool)
    if not whole:
        raise must("stream", part, "be named by text and whole numbers")
    return int(part)
