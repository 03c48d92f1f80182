"""The offline sample of CIFAR-10: patches of ten photographs.

A patch's label is the picture that it was cut from. That is an easier task
than CIFAR-10's, and its results say nothing about that one.
"""

from __future__ import annotations

from typing import Optional

import numpy as np

from fdl.data.entries import Entry, Source
from fdl.data.images import Images
from fdl.data.photos import photo
from fdl.errors import ChecksumError, DataError

__all__ = ["cifar_sample"]

CLASSES = (
    *("astronaut", "bricks", "chelsea", "coffee", "coins"),
    *("galaxies", "grass", "gravel", "rocket", "tissue"),
)
SIDE = 32
BLOCK = 64  # pixels; patches of one block overlap, those of two do not
EACH = {"train": 160, "test": 40}  # patches of a class


def cifar_sample(row: Entry, split: Optional[str]) -> Optional[Images]:
    """Cut 2,000 patches out of ten photographs.

    Each picture is divided into blocks, of which every fourth is for testing,
    so that no pixel is in both splits. The classes take turns, so any run of
    rows holds them evenly.

    Parameters
    ----------
    row : Entry
        CIFAR-10's row of the catalog.
    split : str or None
        ``"train"`` (1,600), ``"test"`` (400), or None, which only makes sure
        that the photographs are there.

    Raises
    ------
    DataError
        If ``scikit-image`` is not installed.
    ChecksumError
        If its pictures are not the ones that the book knows.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> test = cifar_sample(entry("cifar10"), "test")
    >>> test
    Images(400 of 32 x 32 x 3, 10 classes, sample: cifar10)
    >>> [test.classes[label] for label in test.labels[:3]]
    ['astronaut', 'bricks', 'chelsea']
    """
    try:
        pictures = [photo(name) for name in CLASSES]
    except ChecksumError:
        raise
    except DataError:
        raise DataError(
            f"{row.name!r} is not on this machine, and its offline sample "
            "needs scikit-image; "
            f"`fdl data fetch {row.name}` gets the set itself."
        ) from None
    if split is None:
        return None
    by_class = [_patches(picture, split) for picture in pictures]
    turns = np.stack(by_class, axis=1)  # (EACH, 10, 32, 32, 3)
    labels = np.tile(np.arange(len(CLASSES), dtype=np.int32), len(turns))
    detail = f"{row.sample.name}: {row.sample.detail}" if row.sample else ""
    return Images(
        turns.reshape(-1, SIDE, SIDE, 3),
        labels,
        CLASSES,
        Source(row.name, "sample", detail),
    )


def _patches(picture: np.ndarray, split: str) -> np.ndarray:
    """Return one picture's patches of a split, evenly chosen."""
    H, W, _ = picture.shape
    found = []
    for i in range(H // BLOCK):
        for j in range(W // BLOCK):
            if ((i + j) % 4 == 3) != (split == "test"):
                continue
            for y in range(i * BLOCK, (i + 1) * BLOCK - SIDE + 1, SIDE // 2):
                for x in range(
                    j * BLOCK, (j + 1) * BLOCK - SIDE + 1, SIDE // 2
                ):
                    found.append(picture[y : y + SIDE, x : x + SIDE])
    chosen = np.linspace(0, len(found) - 1, EACH[split]).round().astype(int)
    return np.stack([found[k] for k in chosen])
