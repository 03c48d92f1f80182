"""What the architectures have in common: features, and a classifier."""

from __future__ import annotations

from typing import Any, Optional

from fdl._mxnet import nn
from fdl.errors import must
from fdl.nn._checks import Batch, Checked, check_positive, check_whole
from fdl.nn.initializers import He

__all__ = ["Classifier", "dense", "scaled"]


class Classifier(Checked):
    """Images `(B, C, H, W)` in, a score for each of K classes `(B, K)` out.

    A subclass fills ``features`` and ``output`` with layers.

    Parameters
    ----------
    classes : int
        K.
    channels : int
        C.
    size : int, optional
        H and W, where the layers on top are made for one size.
    least : int
        The smallest H and W that leave something to see after all strides.
    """

    def __init__(
        self,
        classes: int,
        channels: int,
        size: Optional[int] = None,
        *,
        least: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(classes=classes, channels=channels)
        if size is not None:
            check_whole(size=size)
            if size < least:
                raise must("size", size, f"be {least} at least, to be halved")
        self.classes, self.channels = classes, channels
        self.size, self.least = size, least
        sides = ("H", "W") if size is None else (size, size)
        self.takes = Batch("images", (channels, *sides), least)
        with self.name_scope():
            self.features = nn.HybridSequential()
            self.output = nn.HybridSequential()

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Return the scores `(B, K)` of images x `(B, C, H, W)`."""
        return self.output(self.features(x))


def dense(n_in: int, n_out: int) -> nn.Dense:
    """Return a fully connected layer of rectified units."""
    return nn.Dense(
        n_out, in_units=n_in, activation="relu", weight_initializer=He()
    )


def scaled(width: int, scale: float, groups: int = 1) -> int:
    """Return a number of channels times `scale`, which `groups` divides.

    Examples
    --------
    >>> scaled(96, 1.0), scaled(96, 0.1), scaled(96, 0.1, 4), scaled(9, 0.01)
    (96, 10, 8, 1)
    """
    check_positive(scale=scale)
    return groups * max(1, round(width * scale / groups))
