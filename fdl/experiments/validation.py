"""How many images an experiment holds out for validation."""

from __future__ import annotations

import functools
import sys

from fdl import data
from fdl.errors import must

__all__ = ["held_out"]


def held_out(wanted: int, images: data.Images) -> int:
    """Return how many of the training images to hold out.

    Parameters
    ----------
    wanted : int
        The setting ``validation``.
    images : Images
        The training images.

    Returns
    -------
    int
        `wanted`; if an offline sample has no more than so many, one in
        twelve of it, with one notice on stderr.

    Raises
    ------
    ValueError
        If real data has no more than so many.

    Examples
    --------
    >>> import numpy as np
    >>> pixels, labels = np.zeros((24, 2, 2), np.uint8), np.zeros(24, int)
    >>> images = data.Images(pixels, labels, ("0",))
    >>> held_out(10, images)
    10
    >>> held_out(24, images)
    Traceback (most recent call last):
    ...
    ValueError: `validation` (=24) must be less than the 24 training images.
    """
    if wanted < len(images):
        return wanted
    if images.source.kind != "sample":
        raise must(
            "validation",
            wanted,
            f"be less than the {len(images):,} training images",
        )
    _say(wanted, len(images))
    return len(images) // 12


@functools.cache  # a run may ask for its data again
def _say(wanted: int, there: int) -> None:
    print(
        f"fdl: {there // 12:,} of the sample's {there:,} training images are "
        f"held out for validation, in place of {wanted:,}.",
        file=sys.stderr,
    )
