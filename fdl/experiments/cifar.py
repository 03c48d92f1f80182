"""What the experiments on CIFAR-10 share: its pictures, cropped and lit."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np

from fdl import data
from fdl.experiments.validation import held_out
from fdl.vision import Augmented, augment

__all__ = ["Cifar", "crossing"]

SIZE = 24


class Cifar:
    """CIFAR-10 in three parts.

    Training sees random crops of 24 × 24, mirrored, lit and whitened anew
    each time; validation and test see the whitened middles.

    Parameters
    ----------
    config : object
        Has ``batch_size``, ``images``, ``validation`` and ``seed``.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Attributes
    ----------
    train : Augmented
        Minibatches, all of them full.
    validation, test : Minibatches
        The validation images are held out of the training images; the test
        images are measured once, when training is over.
    source : Source
        Where the images came from.
    classes : tuple of str
        What the labels mean.

    Raises
    ------
    ValueError
        If ``config.validation`` leaves no image to train on. Of the offline
        sample, one in twelve is held out then, with one notice on stderr.

    Examples
    --------
    From the offline sample:

    >>> from types import SimpleNamespace
    >>> config = {"batch_size": 20, "images": 120, "validation": 20, "seed": 0}
    >>> cifar = Cifar(SimpleNamespace(**config), offline=True)
    >>> x, y = next(iter(cifar.train.epoch(0)))
    >>> x.shape, len(cifar.train), len(cifar.validation.x), cifar.source.kind
    ((20, 3, 24, 24), 5, 20, 'sample')
    """

    def __init__(self, config: Any, offline: bool = False) -> None:
        images = data.load("cifar10", "train", offline=offline)
        test = data.load("cifar10", "test", offline=offline)
        images = images.take(min(config.images, len(images)))
        held = held_out(config.validation, images)
        rest, apart = images.split(held, seed=config.seed)
        self.source, self.classes = images.source, images.classes
        self.train = Augmented(
            data.Minibatches(
                _planes(rest),
                rest.labels,
                config.batch_size,
                seed=config.seed,
                last="drop",
            ),
            augment.distort,
        )
        self.validation = _in_order(apart)
        self.test = _in_order(test)


def _planes(images: data.Images) -> np.ndarray:
    return images.images.transpose(0, 3, 1, 2)  # (N, 3, H, W), still bytes


def _in_order(images: data.Images) -> data.Minibatches:
    middles = augment.center_crop(_planes(images), SIZE)
    return data.Minibatches(
        augment.whiten(middles), images.labels, 500, shuffle=False
    )


def crossing(
    steps: list[float], errors: list[float], accuracy: float
) -> Optional[int]:
    """Return the first step at which an accuracy was reached, or None.

    Parameters
    ----------
    steps, errors : list
        The record's curves ``"minibatches"`` and ``"validation_error"``.
    accuracy : float
        The level, as a share of all images.

    Examples
    --------
    >>> crossing([100, 200, 300], [0.5, 0.2, 0.3], accuracy=0.75)
    200
    """
    for step, error in zip(steps, errors):
        if 1 - error >= accuracy:
            return int(step)
    return None
