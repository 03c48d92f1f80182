"""The architectures by name, each with the images that it is made for.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from fdl.errors import must
from fdl.nn.summary import Summary, summarize
from fdl.vision.alexnet import AlexNet
from fdl.vision.densenet import (
    densenet121,
    densenet161,
    densenet169,
    densenet201,
    densenet_cifar,
)
from fdl.vision.inception import GoogLeNet
from fdl.vision.lenet5 import LeNet5
from fdl.vision.resnet import (
    resnet18,
    resnet34,
    resnet50,
    resnet101,
    resnet152,
    resnet_cifar,
)
from fdl.vision.vgg import vgg11, vgg13, vgg16, vgg16c, vgg19

__all__ = ["ARCHITECTURES", "Architecture", "anatomy", "architecture"]

IMAGENET, CIFAR, DIGITS = (3, 224, 224), (3, 32, 32), (1, 32, 32)


class Architecture(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    build : callable
        Takes the options of its class.
    year : int
        When it was published.
    image : (int, int, int)
        C, H and W of the images that it was published for.

    Examples
    --------
    >>> row = ARCHITECTURES["resnet20"]
    >>> row.year, row.image
    (2015, (3, 32, 32))
    >>> from fdl import nn
    >>> nn.summarize(row.build(), row.image).depth
    20
    """

    build: Callable[..., Any]
    year: int
    image: tuple[int, int, int]


ARCHITECTURES = {
    "lenet5": Architecture(LeNet5, 1998, DIGITS),
    "alexnet": Architecture(AlexNet, 2012, IMAGENET),
    "vgg11": Architecture(vgg11, 2014, IMAGENET),
    "vgg13": Architecture(vgg13, 2014, IMAGENET),
    "vgg16c": Architecture(vgg16c, 2014, IMAGENET),
    "vgg16": Architecture(vgg16, 2014, IMAGENET),
    "vgg19": Architecture(vgg19, 2014, IMAGENET),
    "googlenet": Architecture(GoogLeNet, 2014, IMAGENET),
    "resnet18": Architecture(resnet18, 2015, IMAGENET),
    "resnet34": Architecture(resnet34, 2015, IMAGENET),
    "resnet50": Architecture(resnet50, 2015, IMAGENET),
    "resnet101": Architecture(resnet101, 2015, IMAGENET),
    "resnet152": Architecture(resnet152, 2015, IMAGENET),
    "resnet20": Architecture(resnet_cifar, 2015, CIFAR),
    "resnet56": Architecture(partial(resnet_cifar, 56), 2015, CIFAR),
    "resnet110": Architecture(partial(resnet_cifar, 110), 2015, CIFAR),
    "densenet121": Architecture(densenet121, 2016, IMAGENET),
    "densenet169": Architecture(densenet169, 2016, IMAGENET),
    "densenet201": Architecture(densenet201, 2016, IMAGENET),
    "densenet161": Architecture(densenet161, 2016, IMAGENET),
    "densenet40": Architecture(densenet_cifar, 2016, CIFAR),
    "densenet_bc100": Architecture(
        partial(densenet_cifar, 100, bottleneck=True), 2016, CIFAR
    ),
}
"""The networks that have a name, in the order of their publication."""


def architecture(name: str, **options: Any) -> Any:
    """Return a network by name.

    Parameters
    ----------
    name : str
        One of ``ARCHITECTURES``.
    **options
        Of its class, for example ``classes=10``.

    Examples
    --------
    >>> type(architecture("resnet18", classes=10)).__name__
    'ResNet'
    """
    return _row(name).build(**options)


def anatomy(name: str, **options: Any) -> Summary:
    """Return an architecture's layers, counted on images of its own size.

    Parameters
    ----------
    name : str
        One of ``ARCHITECTURES``.
    **options
        Of its class.

    Examples
    --------
    >>> anatomy("vgg16")
    Summary(VGG on 3×224×224: depth 16, 138,357,544 parameters,
    15,470,264,320 multiply-adds)
    """
    return summarize(architecture(name, **options), _row(name).image)


def _row(name: str) -> Architecture:
    if not isinstance(name, str) or name not in ARCHITECTURES:
        close = difflib.get_close_matches(str(name), ARCHITECTURES, 1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        known = ", ".join(ARCHITECTURES)
        raise must("name", name, f"be an architecture{hint}: {known}")
    return ARCHITECTURES[name]
