"""ResNet: a hundred layers and more, by ways around them.

[1] He, Zhang, Ren and Sun 2016, "Deep Residual Learning for Image
Recognition", https://arxiv.org/abs/1512.03385

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width; ``K`` classes.

Differences from the paper: ``scale`` is ours, for small experiments.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fdl._mxnet import nn
from fdl.errors import must
from fdl.nn._checks import check_whole, is_whole
from fdl.nn.convolution import ConvNorm
from fdl.nn.initializers import He
from fdl.nn.residual import Residual
from fdl.vision._checks import check_sizes
from fdl.vision._classifier import Classifier, scaled

__all__ = [
    "SPECS",
    "ResNet",
    "resnet101",
    "resnet152",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet_cifar",
]

# depth → blocks of each stage, and whether they are bottlenecks   [1] table 1
SPECS = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}
STEMS = {"imagenet": 4, "small": 1}  # and by how much each shrinks an image


class ResNet(Classifier):
    """A stem, stages of residual blocks, the mean over all places, one layer.

    The first block of each stage but the first halves the size and doubles
    the channels.

    Parameters
    ----------
    blocks : sequence of int
        How many blocks each stage has; see ``SPECS``.
    classes : int
        K.
    channels : int
        C.
    width : int
        Kernels of the first stage; four times as many leave a bottleneck.
    bottleneck : bool
        Which kind of block.
    shortcut : {"projection", "padding", "none"}
        See :class:`fdl.nn.Residual`.
    stem : {"imagenet", "small"}
        A convolution 7 × 7 / 2 and a pooling, or a convolution 3 × 3.
    scale : float
        Multiplies every number of channels but C and K.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet50(), (3, 224, 224))
    Summary(ResNet on 3×224×224: depth 50, 25,557,032 parameters,
    3,857,973,248 multiply-adds)
    """

    def __init__(
        self,
        blocks: Sequence[int],
        classes: int = 1000,
        *,
        channels: int = 3,
        width: int = 64,
        bottleneck: bool = False,
        shortcut: str = "projection",
        stem: str = "imagenet",
        scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        blocks = check_sizes("blocks", blocks)
        if not blocks:
            raise must("blocks", blocks, "name one stage at least")
        if stem not in STEMS:
            raise must("stem", stem, f"be one of {', '.join(STEMS)}")
        check_whole(width=width)
        shrinks = STEMS[stem] * 2 ** (len(blocks) - 1)
        super().__init__(classes, channels, least=shrinks, **kwargs)
        h = scaled(width, scale)
        with self.name_scope():
            self.features.add(*_stem(stem, channels, h))
            for stage, count in enumerate(blocks):
                kernels = scaled(width * 2**stage, scale)
                kernels *= 4 if bottleneck else 1
                for block in range(count):
                    self.features.add(
                        Residual(
                            h,
                            kernels,
                            stride=2 if stage and not block else 1,
                            bottleneck=bottleneck,
                            shortcut=shortcut,
                        )
                    )
                    h = kernels
            self.output.add(
                nn.GlobalAvgPool2D(),
                nn.Dense(classes, in_units=h, weight_initializer=He()),
            )


def resnet18(**options: Any) -> ResNet:
    """Return the network of 18 layers, with any option of :class:`ResNet`.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet18(), (3, 224, 224)).parameters
    11689512
    """
    return _resnet(18, options)


def resnet34(**options: Any) -> ResNet:
    """Return the network of 34 layers.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet34(), (3, 224, 224)).parameters
    21797672
    """
    return _resnet(34, options)


def resnet50(**options: Any) -> ResNet:
    """Return the network of 50 layers, the first with bottlenecks.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet50(), (3, 224, 224)).parameters
    25557032
    """
    return _resnet(50, options)


def resnet101(**options: Any) -> ResNet:
    """Return the network of 101 layers.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet101(), (3, 224, 224)).parameters
    44549160
    """
    return _resnet(101, options)


def resnet152(**options: Any) -> ResNet:
    """Return the network of 152 layers.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet152(), (3, 224, 224)).parameters
    60192808
    """
    return _resnet(152, options)


def resnet_cifar(depth: int = 20, **options: Any) -> ResNet:
    """Return one of the paper's networks for CIFAR-10.

    Three stages, a small stem, and shortcuts by padding.

    Parameters
    ----------
    depth : int
        Layers with weights, 6n + 2: each stage has n blocks.
    **options
        Of :class:`ResNet`.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(resnet_cifar(20), (3, 32, 32)).depth
    20
    >>> resnet_cifar(21)
    Traceback (most recent call last):
    ValueError: `depth` (=21) must be 2 more than a multiple of 6.
    """
    if not is_whole(depth, 8) or (depth - 2) % 6:
        raise must("depth", depth, "be 2 more than a multiple of 6")
    n = (depth - 2) // 6
    kind = {"classes": 10, "width": 16, "stem": "small"}
    return ResNet((n, n, n), **{**kind, "shortcut": "padding", **options})


def _resnet(depth: int, options: dict[str, Any]) -> ResNet:
    blocks, bottleneck = SPECS[depth]
    return ResNet(blocks, **{"bottleneck": bottleneck, **options})


def _stem(stem: str, channels: int, kernels: int) -> list[Any]:
    if stem == "small":
        return [ConvNorm(channels, kernels, 3)]
    return [
        ConvNorm(channels, kernels, 7, stride=2),
        nn.MaxPool2D(3, 2, padding=1),
    ]
