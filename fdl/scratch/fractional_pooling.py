"""Fractional max pooling: shrink by less than two, a little by chance.

Pooling by 2 halves a map, and a 28 × 28 image is used up after four times.
Here the tiles are of 1 and of 2 rows in a random order, so that a map may
shrink by any factor between 1 and 2, and no two passes see quite the same
tiles.

::

    a_i = ⌈α (i + u)⌉ − ⌈α u⌉      α = n_in / n_out,  0 < u < 1

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width of the input,
``P, Q`` of the output; ``n_in, n_out`` rows before and after; ``a_i`` where
the i-th tile begins; ``u`` chance.

References: [1] Graham 2014, arXiv 1412.6071.

Differences from the paper: disjoint tiles only, in its pseudorandom order.

Book: ch. 5, "Max Pooling"
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import floats, shaped, whole

__all__ = ["fractional_max_pool2d", "tile_edges"]


def tile_edges(n_in: int, n_out: int, u: float) -> np.ndarray:
    """Return where tiles begin, and where the last one ends.

    Parameters
    ----------
    n_in, n_out : int
        Rows before and after; n_out ≤ n_in ≤ 2 n_out.
    u : float
        Above 0 and below 1; another u shifts the pattern of ones and twos.

    Returns
    -------
    array of int `(n_out + 1,)`
        a, from 0 to n_in.

    Examples
    --------
    >>> tile_edges(7, 5, u=0.5)
    array([0, 1, 3, 4, 6, 7])
    """
    whole("n_in", n_in)
    whole("n_out", n_out)
    if not n_out <= n_in <= 2 * n_out:
        raise must("n_out", n_out, f"be from {-(-n_in // 2)} to {n_in}")
    if not 0 < u < 1:
        raise must("u", u, "be above 0 and below 1")
    # whole numbers under the fraction keep rounding out of it
    i = np.arange(n_out + 1)
    start = int(np.floor(u * n_out))
    # a_i = ⌈α (i + u)⌉ with u a multiple of 1 / n_out, less its first value
    a = -(-(n_in * (i * n_out + start)) // n_out**2)
    return a - a[0]


def fractional_max_pool2d(
    x: Any, size: tuple[int, int], rng: Any = 0
) -> np.ndarray:
    """Keep the largest entry of each tile; tiles fall by chance.

    Parameters
    ----------
    x : array `(B, C, H, W)`
        Feature maps.
    size : (int, int)
        P and Q, from half of H and W up.
    rng : int or numpy.random.Generator
        A seed, or where chance comes from. All maps of a batch get the same
        tiles.

    Returns
    -------
    array `(B, C, P, Q)`
        The largest entries.

    Examples
    --------
    >>> x = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> fractional_max_pool2d(x, (2, 2), rng=0)[0, 0].max()
    8.0
    """
    x = shaped("x", floats("x", x), "B", "C", "H", "W")
    if np.shape(size) != (2,):
        raise must("size", size, "be a pair of whole numbers")
    rng = np.random.default_rng(rng)
    rows, columns = (
        tile_edges(n_in, n_out, rng.uniform(1e-9, 1 - 1e-9))
        for n_in, n_out in zip(x.shape[2:], size)
    )
    tall = np.maximum.reduceat(x, rows[:-1], axis=2)  # (B, C, P, W)
    return np.maximum.reduceat(tall, columns[:-1], axis=3)
