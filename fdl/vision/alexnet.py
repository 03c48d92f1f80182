"""AlexNet: eight layers, two graphics cards, and the year 2012.

[1] Krizhevsky, Sutskever and Hinton 2012, "ImageNet Classification with Deep
Convolutional Neural Networks"

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width; ``K`` classes.

Differences from the paper:

1. Images of 224 × 224 get two rows of zeros on each side. The paper's own
   sizes (224 in, 55 after the first layer) need 227, or such a border.
2. Weights start by He's rule, biases at 0.
3. The two cards are two groups of channels on one device.
4. ``scale`` and ``stem="small"`` are ours, for small experiments.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from typing import Any

from fdl._mxnet import nn
from fdl.errors import must
from fdl.nn._checks import check_share, check_whole
from fdl.nn.convolution import ConvNorm
from fdl.nn.initializers import He
from fdl.nn.local_response import LocalResponseNorm
from fdl.vision._classifier import Classifier, dense, scaled

__all__ = ["AlexNet"]


class AlexNet(Classifier):
    """Five convolutions, three of them pooled, and three dense layers.

    ::

        96 (11 × 11 / 4) → norm → pool → 256 (5 × 5) → norm → pool
        → 384 (3 × 3) → 384 (3 × 3) → 256 (3 × 3) → pool
        → 4096 → 4096 → K

    Pooling windows of 3 × 3 overlap, as they move by 2. The second, fourth
    and fifth convolution see the channels of their own group only.

    Parameters
    ----------
    classes : int
        K.
    channels : int
        C.
    size : int
        H and W.
    groups : int
        How many parts the channels are split into.
    dropout : float
        Share of the units that training leaves out before each of the first
        two dense layers.
    stem : {"imagenet", "small"}
        With ``"small"`` the first convolution is 5 × 5 and keeps the size.
    scale : float
        Multiplies every number of channels and units but C and K.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(AlexNet(), (3, 224, 224)).parameters
    60965224
    """

    def __init__(
        self,
        classes: int = 1000,
        *,
        channels: int = 3,
        size: int = 224,
        groups: int = 2,
        dropout: float = 0.5,
        stem: str = "imagenet",
        scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        if stem not in STEMS:
            raise must("stem", stem, f"be one of {', '.join(STEMS)}")
        extent, stride, pad, least = STEMS[stem]
        check_whole(groups=groups)
        check_share(dropout=dropout)
        super().__init__(classes, channels, size, least=least, **kwargs)
        a, b, c, units = (
            scaled(n, scale, groups) for n in (96, 256, 384, 4096)
        )
        left = (size + 2 * pad - extent) // stride + 1
        for _ in range(3):
            left = (left - 3) // 2 + 1
        with self.name_scope():
            self.features.add(
                _convolution(channels, a, extent, stride=stride, pad=pad),
                LocalResponseNorm(),
                nn.MaxPool2D(3, 2),
                _convolution(a, b, 5, groups=groups),
                LocalResponseNorm(),
                nn.MaxPool2D(3, 2),
                _convolution(b, c, 3),  # the cards talk to each other here
                _convolution(c, c, 3, groups=groups),
                _convolution(c, b, 3, groups=groups),
                nn.MaxPool2D(3, 2),
            )
            self.output.add(
                nn.Dropout(dropout),
                dense(b * left**2, units),
                nn.Dropout(dropout),
                dense(units, units),
                nn.Dense(classes, in_units=units, weight_initializer=He()),
            )


# first kernel: extent, stride, padding, and the smallest image
STEMS = {"imagenet": (11, 4, 2, 63), "small": (5, 1, 2, 15)}


def _convolution(
    channels: int, kernels: int, extent: int, **options: Any
) -> ConvNorm:
    return ConvNorm(channels, kernels, extent, norm=False, **options)
