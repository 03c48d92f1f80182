"""A few labelled pictures out of many, and of some classes only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fdl import data
from fdl.errors import must

__all__ = ["few", "of_classes"]


def of_classes(images: data.Images, classes: Sequence[int]) -> data.Images:
    """Return the pictures of some classes, numbered anew from 0.

    Parameters
    ----------
    images : Images
        All of them.
    classes : sequence of int
        Which to keep; the first becomes class 0, and so on.

    Examples
    --------
    >>> pixels = np.zeros((4, 2, 2), np.uint8)
    >>> digits = data.Images(pixels, np.array([7, 3, 7, 5]), tuple("01234567"))
    >>> some = of_classes(digits, [5, 7])
    >>> some.labels.tolist(), some.classes
    ([1, 1, 0], ('5', '7'))
    """
    classes = [int(c) for c in classes]
    kept = np.isin(images.labels, classes)
    number = {c: k for k, c in enumerate(classes)}
    return data.Images(
        images.images[kept],
        np.array([number[int(c)] for c in images.labels[kept]], np.int32),
        tuple(images.classes[c] for c in classes),
        images.source,
    )


def few(images: data.Images, each: int, seed: int = 0) -> data.Images:
    """Return `each` pictures of every class, chosen by chance.

    Smaller choices with the same seed are parts of larger ones.

    Parameters
    ----------
    images : Images
        All of them.
    each : int
        How many of each class.
    seed : int
        Another seed chooses others.

    Examples
    --------
    >>> pixels = np.zeros((6, 2, 2), np.uint8)
    >>> digits = data.Images(pixels, np.array([0, 1, 0, 1, 0, 1]), ("0", "1"))
    >>> few(digits, 2).labels.tolist()
    [0, 1, 0, 1]
    """
    order = np.random.default_rng(seed).permutation(len(images))
    chosen = []
    for c in range(len(images.classes)):
        rows = order[images.labels[order] == c]
        if not 1 <= each <= len(rows):
            rule = f"be from 1 to the {len(rows)} pictures of class {c}"
            raise must("each", each, rule)
        chosen.append(rows[:each])
    rows = np.stack(chosen, axis=1).reshape(-1)  # the classes take turns
    return data.Images(
        images.images[rows], images.labels[rows], images.classes, images.source
    )
