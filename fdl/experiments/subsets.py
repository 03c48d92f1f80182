"""A few labelled pictures out of many, and what one gets right with few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fdl import data
from fdl.errors import must

__all__ = ["by_shots", "few", "of_classes"]


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
    count = len(images.classes)
    if not classes or not {*classes} <= {*range(count)}:
        rule = f"name some of the classes 0 to {count - 1}"
        raise must("classes", classes, rule)
    if len({*classes}) < len(classes):
        raise must("classes", classes, "name no class twice")
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


def by_shots(
    shots: Sequence[int], errors: Mapping[str, Any]
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Return a record's curves and metrics of errors with few labels.

    Parameters
    ----------
    shots : sequence of int
        Labelled pictures of each class.
    errors : mapping
        Way → its errors `(seeds, shots)`.

    Returns
    -------
    curves : dict
        ``shots``, and for each way ``WAY_error``, means over the seeds, and
        ``WAY_spread``, their standard deviations.
    metrics : dict
        The means as ``WAY_error_SHOTS``.

    Examples
    --------
    >>> errors = {"plain": [[0.5, 0.25], [0.25, 0.25]]}
    >>> curves, metrics = by_shots([5, 20], errors)
    >>> curves["plain_error"], curves["plain_spread"]
    ([0.375, 0.25], [0.125, 0.0])
    >>> metrics
    {'plain_error_5': 0.375, 'plain_error_20': 0.25}
    """
    curves: dict[str, list[float]] = {"shots": list(shots)}
    metrics: dict[str, float] = {}
    for way, rows in errors.items():
        curves[f"{way}_error"] = np.mean(rows, axis=0).tolist()
        curves[f"{way}_spread"] = np.std(rows, axis=0).tolist()
        for each, error in zip(shots, curves[f"{way}_error"]):
            metrics[f"{way}_error_{each}"] = error
    return curves, metrics
