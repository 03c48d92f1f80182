"""The architectures against each other on CIFAR-10, on equal budgets.

Each network gets the width at which one image costs it the same number of
multiply-adds, and all see the same images in the same order for the same
number of epochs. So the budget of multiply-adds is equal, and what it takes of
the processor's time is measured. All train by Adam at one rate, without
dropout, which has no time to help in runs this short.

Letters: none.

Differences from the papers: images are 24 × 24 crops; stems are small; VGG has
three stages of two layers; the widths follow from the budget.

Book: ch. 5, "Full Architectural Description of Convolution Networks"
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import nn, profiles, train
from fdl.errors import must
from fdl.experiments.cifar import SIZE, Cifar
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record
from fdl.scratch._checks import whole

__all__ = [
    "DATA",
    "NETWORKS",
    "VARIANTS",
    "Config",
    "fit_scale",
    "milliseconds",
    "run",
]

DATA = ("cifar10",)
VARIANTS: dict[str, dict[str, Any]] = {}
IMAGE = (3, SIZE, SIZE)


@dataclass(frozen=True)
class Config:
    """Our settings; no paper compares these networks.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("cifar_architectures")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.budget, c.epochs, c.images)
    full 4000000 3 50000
    quick 2000000 1 4000

    Each network gets the width that fits the budget:

    >>> sorted(NETWORKS)
    ['alexnet', 'densenet22', 'googlenet', 'lenet5', 'plain20', 'resnet20',
    'vgg']
    """

    budget: int = setting(4_000_000, quick=2_000_000, least=100_000)
    """Multiply-adds that one image may cost, as nearly as widths allow."""
    epochs: int = setting(3, quick=1, least=1)
    """Passes over the training images."""
    batch_size: int = setting(64, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.001, above=0)
    """Adam's ε."""
    images: int = setting(50_000, quick=4_000, least=100)
    """Images for training and validation."""
    validation: int = setting(5000, quick=1000, least=1)
    """Images of these held out (of a smaller sample, one in twelve)."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split, the order and the distortions."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def _lenet5(scale: float) -> Any:
    from fdl.vision import LeNet5

    return LeNet5(10, channels=3, size=SIZE, modern=True, scale=scale)


def _alexnet(scale: float) -> Any:
    from fdl.vision import AlexNet

    return AlexNet(10, size=SIZE, stem="small", dropout=0.0, scale=scale)


def _vgg(scale: float) -> Any:
    from fdl.vision import VGG

    small = {"widths": (64, 128, 256), "hidden": 512, "size": SIZE}
    return VGG([(3, 3)] * 3, 10, dropout=0.0, scale=scale, **small)


def _googlenet(scale: float) -> Any:
    from fdl.vision import GoogLeNet

    return GoogLeNet(10, stem="small", dropout=0.0, scale=scale)


def _plain20(scale: float) -> Any:
    from fdl.vision import resnet_cifar

    return resnet_cifar(20, shortcut="none", scale=scale)


def _resnet20(scale: float) -> Any:
    from fdl.vision import resnet_cifar

    return resnet_cifar(20, scale=scale)


def _densenet22(scale: float) -> Any:
    from fdl.vision import densenet_cifar

    return densenet_cifar(22, scale=scale)


NETWORKS: dict[str, Callable[[float], Any]] = {
    "lenet5": _lenet5,
    "alexnet": _alexnet,
    "vgg": _vgg,
    "googlenet": _googlenet,
    "plain20": _plain20,
    "resnet20": _resnet20,
    "densenet22": _densenet22,
}
"""The networks; each takes the factor by which its widths are multiplied."""


def fit_scale(
    build: Callable[[float], Any], image: Sequence[int], budget: int
) -> float:
    """Return the scale at which a network's cost is nearest to a budget.

    Parameters
    ----------
    build : callable
        Takes a scale, gives a network.
    image : sequence of int
        Shape of one input.
    budget : int
        Multiply-adds.

    Examples
    --------
    >>> scale = fit_scale(_vgg, (3, 24, 24), 5_000_000)
    >>> nn.summarize(_vgg(scale), (3, 24, 24)).multiply_adds
    4980071
    """

    def cost(scale: float) -> int:
        return nn.summarize(build(scale), image).multiply_adds

    low, high = 1 / 64, 1 / 64
    while cost(high) < budget:
        low, high = high, 2 * high
    for _ in range(12):
        middle = (low + high) / 2
        if cost(middle) < budget:
            low = middle
        else:
            high = middle
    best = min((low, high), key=lambda scale: abs(cost(scale) - budget))
    if not 0.5 < cost(best) / budget < 2:
        raise must("budget", budget, "be one that some width comes close to")
    return best


def milliseconds(net: Any, x: Any, y: Any, steps: int = 5) -> float:
    """Return the processor's time for one image, forward and backward.

    Parameters
    ----------
    net : HybridBlock
        Initialized, and compiled if it is to be timed so.
    x, y : array `(B, C, H, W)` and `(B,)`
        Images and labels.
    steps : int
        How many minibatches to take the mean of.

    Examples
    --------
    >>> from fdl._mxnet import np
    >>> net = nn.FeedForward((100, 10))
    >>> net.initialize()
    >>> x, y = np.ones((50, 100)), np.zeros(50)
    >>> 0 < milliseconds(net, x, y, steps=20) < 1000
    True
    """
    from fdl._mxnet import autograd, np, npx

    whole("steps", steps)
    device = next(iter(net.collect_params().values())).list_ctx()[0]
    x, y = np.array(x, ctx=device), np.array(y, ctx=device)
    for step in range(steps + 1):
        if step == 1:  # the first one plans the graph
            npx.waitall()
            began = time.process_time()
        with autograd.record():
            loss = nn.cross_entropy(net(x), y).mean()
        loss.backward()
    npx.waitall()
    return 1000 * (time.process_time() - began) / steps / len(y)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train them one after the other, and measure the test images once each.

    The record's metrics hold, for each network, ``NAME_test_accuracy``, its
    ``NAME_multiply_adds``, ``NAME_parameters`` and ``NAME_depth``, and the
    ``NAME_milliseconds`` of the processor's time that a training step takes
    for one image; the curves its ``NAME_loss`` and
    ``NAME_validation_error``, epoch by epoch.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train cifar_architectures``, or ``fdl train
    cifar_architectures --epochs 2``.
    """
    from fdl import optim

    pictures = Cifar(config, offline)
    x, y = next(iter(pictures.train.epoch(0)))
    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    seconds = 0.0
    for name, build in NETWORKS.items():
        net = build(fit_scale(build, IMAGE, config.budget))
        found = nn.summarize(net, IMAGE)
        history = train.fit(
            net,
            pictures.train,
            loss=nn.cross_entropy,
            optimizer=optim.Adam(config.learning_rate),
            epochs=config.epochs,
            validation=pictures.validation,
            metrics=["error"],
            callbacks=callbacks,
            checkpoint=checkpoint and Path(checkpoint) / name,
            resume=resume,
            device=device,
            seed=config.seed,
        )
        tested = train.evaluate(
            net, pictures.test, ["accuracy"], device=device
        )
        metrics[f"{name}_test_accuracy"] = tested["accuracy"]
        metrics[f"{name}_multiply_adds"] = found.multiply_adds
        metrics[f"{name}_parameters"] = found.parameters
        metrics[f"{name}_depth"] = found.depth
        metrics[f"{name}_milliseconds"] = milliseconds(net, x, y)
        curves[f"{name}_loss"] = list(history["loss"])
        curves[f"{name}_validation_error"] = list(history["validation_error"])
        seconds += history.seconds
    return compared(
        "cifar_architectures",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
        sources=[pictures.source],
    )
