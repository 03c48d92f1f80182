"""DenseNet: every layer reads all maps that were made before it.

[1] Huang, Liu, van der Maaten and Weinberger 2017, "Densely Connected
Convolutional Networks", https://arxiv.org/abs/1608.06993

Letters: ``B`` batch; ``C`` channels; ``H, W`` height and width; ``K`` classes;
``k`` growth rate; ``θ`` what a transition leaves of the channels.

Differences from the paper: ``scale`` is ours, for small experiments.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from fdl._mxnet import nn
from fdl.errors import must
from fdl.nn._checks import check_share, check_whole, is_whole
from fdl.nn.convolution import ConvNorm
from fdl.nn.dense_block import DenseBlock, Transition
from fdl.nn.initializers import He
from fdl.scratch._checks import positive
from fdl.vision._checks import check_sizes
from fdl.vision._classifier import Classifier, scaled

__all__ = [
    "SPECS",
    "DenseNet",
    "densenet121",
    "densenet161",
    "densenet169",
    "densenet201",
    "densenet_cifar",
]

# depth → layers of each block, growth rate   [1] table 1
SPECS = {
    121: ((6, 12, 24, 16), 32),
    169: ((6, 12, 32, 32), 32),
    201: ((6, 12, 48, 32), 32),
    161: ((6, 12, 36, 24), 48),
}
STEMS = {"imagenet": 4, "small": 1}  # and by how much each shrinks an image


class DenseNet(Classifier):
    """A stem, dense blocks with transitions between them, one layer.

    Parameters
    ----------
    layers : sequence of int
        Layers of each block; see ``SPECS``.
    growth : int
        k.
    classes : int
        K.
    channels : int
        C.
    first : int, optional
        Channels out of the stem; 2k if not given.
    bottleneck : bool
        Whether a layer of a block has a 1 × 1 convolution in front.
    compression : float
        θ.
    dropout : float
        Share of new values that training leaves out.
    stem : {"imagenet", "small"}
        A convolution 7 × 7 / 2 and a pooling, or a convolution 3 × 3.
    scale : float
        Multiplies k and what depends on it.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(densenet121(), (3, 224, 224)).parameters
    7978856
    """

    def __init__(
        self,
        layers: Sequence[int],
        growth: int = 32,
        classes: int = 1000,
        *,
        channels: int = 3,
        first: Optional[int] = None,
        bottleneck: bool = True,
        compression: float = 0.5,
        dropout: float = 0.0,
        stem: str = "imagenet",
        scale: float = 1.0,
        **kwargs: Any,
    ) -> None:
        layers = check_sizes("layers", layers)
        if not layers:
            raise must("layers", layers, "name one block at least")
        if stem not in STEMS:
            raise must("stem", stem, f"be one of {', '.join(STEMS)}")
        check_whole(growth=growth)
        if first is not None:
            check_whole(first=first)
        positive("compression", compression, 1)
        check_share(dropout=dropout)
        shrinks = STEMS[stem] * 2 ** (len(layers) - 1)
        super().__init__(classes, channels, least=shrinks, **kwargs)
        growth = scaled(growth, scale)
        h = 2 * growth if first is None else scaled(first, scale)
        with self.name_scope():
            self.features.add(*_stem(stem, channels, h))
            for number, count in enumerate(layers):
                if number:
                    kernels = int(h * compression)
                    self.features.add(Transition(h, kernels))
                    h = kernels
                self.features.add(
                    DenseBlock(
                        h,
                        count,
                        growth,
                        bottleneck=bottleneck,
                        dropout=dropout,
                    )
                )
                h += count * growth
            self.features.add(
                nn.BatchNorm(in_channels=h), nn.Activation("relu")
            )
            self.output.add(
                nn.GlobalAvgPool2D(),
                nn.Dense(classes, in_units=h, weight_initializer=He()),
            )


def densenet_cifar(
    depth: int = 40,
    growth: int = 12,
    *,
    bottleneck: bool = False,
    **options: Any,
) -> DenseNet:
    """Return one of the paper's networks for CIFAR-10: three equal blocks.

    Parameters
    ----------
    depth : int
        Layers with weights, 4 more than a multiple of 3 (of 6 with
        bottlenecks).
    growth : int
        k.
    bottleneck : bool
        With bottlenecks, transitions halve the channels: the paper's "BC".
    **options
        Of :class:`DenseNet`.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(densenet_cifar(22, bottleneck=True), (3, 32, 32)).depth
    22
    >>> densenet_cifar(39)
    Traceback (most recent call last):
    ValueError: `depth` (=39) must be 4 more than a multiple of 3.
    """
    step = 6 if bottleneck else 3
    if not is_whole(depth, 4 + step) or (depth - 4) % step:
        raise must("depth", depth, f"be 4 more than a multiple of {step}")
    check_whole(growth=growth)
    each = (depth - 4) // step
    kind = {
        "bottleneck": bottleneck,
        "compression": 0.5 if bottleneck else 1.0,
        "first": 2 * growth if bottleneck else 16,
        "stem": "small",
        "classes": 10,
    }
    return DenseNet((each,) * 3, growth, **{**kind, **options})


def densenet121(**options: Any) -> DenseNet:
    """Return the network of 121 layers.

    It takes any option of :class:`DenseNet`, as the others do.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(densenet121(scale=0.1), (3, 224, 224)).depth
    121
    """
    return _densenet(121, options)


def densenet161(**options: Any) -> DenseNet:
    """Return the network of 161 layers, which grows by 48.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(densenet161(), (3, 224, 224)).parameters
    28681000
    """
    return _densenet(161, options)


def densenet169(**options: Any) -> DenseNet:
    """Return the network of 169 layers.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(densenet169(), (3, 224, 224)).parameters
    14149480
    """
    return _densenet(169, options)


def densenet201(**options: Any) -> DenseNet:
    """Return the network of 201 layers.

    Examples
    --------
    >>> from fdl import nn
    >>> nn.summarize(densenet201(), (3, 224, 224)).parameters
    20013928
    """
    return _densenet(201, options)


def _densenet(depth: int, options: dict[str, Any]) -> DenseNet:
    layers, growth = SPECS[depth]
    return DenseNet(layers, **{"growth": growth, **options})


def _stem(stem: str, channels: int, kernels: int) -> list[Any]:
    if stem == "small":
        conv = nn.Conv2D(
            kernels,
            3,
            padding=1,
            use_bias=False,
            in_channels=channels,
            weight_initializer=He(),
        )
        return [conv]  # the first block normalizes
    return [
        ConvNorm(channels, kernels, 7, stride=2),
        nn.MaxPool2D(3, 2, padding=1),
    ]
