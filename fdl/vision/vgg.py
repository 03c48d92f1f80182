"""VGG: depth by small kernels.

[1] Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for
Large-Scale Image Recognition", https://arxiv.org/abs/1409.1556

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width; ``K`` classes.

Differences from the paper:

1. Weights start by He's rule; the paper trained A first and began the deeper
   ones with its layers.
2. ``scale`` and ``hidden`` are ours, for small experiments.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl._mxnet import nn
from fdl.errors import must
from fdl.nn._checks import check_share, check_whole
from fdl.nn.convolution import ConvNorm
from fdl.nn.initializers import He
from fdl.nn.local_response import LocalResponseNorm
from fdl.vision._checks import check_sizes
from fdl.vision._classifier import Classifier, dense, scaled

__all__ = ["SPECS", "VGG", "vgg11", "vgg13", "vgg16", "vgg16c", "vgg19"]

WIDTHS = (64, 128, 256, 512, 512)
# the extents of the kernels, stage by stage   [1] table 1
SPECS = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}


class VGG(Classifier):
    """Stages of convolutions that keep the size, with a pooling after each.

    ::

        (64 …) → pool → (128 …) → pool → (256 …) → pool → (512 …) → pool
        → (512 …) → pool → 4096 → 4096 → K

    Parameters
    ----------
    stages : sequence of sequences of int
        The extents of each stage's kernels; see ``SPECS``.
    classes : int
        K.
    channels : int
        C.
    size : int
        H and W.
    widths : sequence of int
        Kernels of each stage.
    hidden : int
        Units of the two hidden dense layers.
    local_response : bool
        Normalize behind the first convolution, as the paper's A-LRN does.
    dropout : float
        Share of the hidden units that training leaves out.
    scale : float
        Multiplies every number of channels and units but C and K.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(vgg16(), (3, 224, 224)).parameters
    138357544
    """

    def __init__(
        self,
        stages: Sequence[Sequence[int]],
        classes: int = 1000,
        *,
        channels: int = 3,
        size: int = 224,
        widths: Sequence[int] = WIDTHS,
        hidden: int = 4096,
        local_response: bool = False,
        dropout: float = 0.5,
        scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        several = isinstance(stages, Sequence) and not isinstance(stages, str)
        if not several or not stages or not all(stages):
            rule = "name one stage at least, and one kernel in each"
            raise must("stages", stages, rule)
        check_whole(hidden=hidden)
        check_share(dropout=dropout)
        halvings = len(stages)
        super().__init__(classes, channels, size, least=2**halvings, **kwargs)
        check_sizes("widths", widths, halvings)
        units = scaled(hidden, scale)
        with self.name_scope():
            for extents, width in zip(stages, widths):
                kernels = scaled(width, scale)
                for extent in check_sizes("stages", extents):
                    self.features.add(
                        ConvNorm(channels, kernels, extent, norm=False)
                    )
                    channels = kernels
                    if local_response and len(self.features) == 1:
                        self.features.add(LocalResponseNorm())
                self.features.add(nn.MaxPool2D(2))
            left = channels * (size // 2**halvings) ** 2
            self.output.add(
                dense(left, units),
                nn.Dropout(dropout),
                dense(units, units),
                nn.Dropout(dropout),
                nn.Dense(classes, in_units=units, weight_initializer=He()),
            )


def vgg11(**options: Any) -> VGG:
    """Return configuration A, with any option of :class:`VGG`.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(vgg11(), (3, 224, 224)).parameters
    132863336
    """
    return VGG(SPECS["A"], **options)


def vgg13(**options: Any) -> VGG:
    """Return configuration B.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(vgg13(), (3, 224, 224)).parameters
    133047848
    """
    return VGG(SPECS["B"], **options)


def vgg16c(**options: Any) -> VGG:
    """Return configuration C, whose third kernels are 1 × 1.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(vgg16c(), (3, 224, 224)).depth
    16
    """
    return VGG(SPECS["C"], **options)


def vgg16(**options: Any) -> VGG:
    """Return configuration D.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(vgg16(), (3, 224, 224)).depth
    16
    """
    return VGG(SPECS["D"], **options)


def vgg19(**options: Any) -> VGG:
    """Return configuration E.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(vgg19(), (3, 224, 224)).parameters
    143667240
    """
    return VGG(SPECS["E"], **options)
