"""Neural style: a photograph painted twice, by L-BFGS and by Adam.

Both start from the photograph and may compute the error and its gradient
equally often. What they paint, and the error at each evaluation, is kept.

Letters: none.

Differences from the book: SqueezeNet in the place of VGG, a photograph that a
Python package carries, and an artwork of our own.

Book: ch. 5, "Leveraging Convolutional Filters to Replicate Artistic Styles"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

from fdl import data, profiles
from fdl import device as devices
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "Config", "run"]

DATA = ("squeezenet",)
VARIANTS: dict[str, dict[str, Any]] = {}


@dataclass(frozen=True)
class Config:
    """Settings; the weights fit the pictures' size.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("neural_style")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.size, c.evaluations, c.style_weight)
    full 256 300 120000.0
    quick 128 100 30000.0

    The photographs are those that packages carry:

    >>> configure("neural_style", photograph="mona lisa")
    Traceback (most recent call last):
    ...
    ValueError: `photograph` (='mona lisa') must be "astronaut" or "bricks" or
    "chelsea" or "china" or "coffee" or "coins" or "flower" or "galaxies" or
    "grass" or "gravel" or "rocket" or "tissue".
    """

    photograph: str = setting("china", choices=tuple(data.PHOTOS))
    """The photograph, one of fdl.data.PHOTOS."""
    size: int = setting(256, quick=128, least=32)
    """Height and width of the painted picture."""
    artwork_size: int = setting(384, quick=192, least=32)
    """Height and width of the artwork: larger, and its strokes are."""
    evaluations: int = setting(300, quick=100, least=1)
    """How often each method computes the error and its gradient."""
    learning_rate: float = setting(10.0, above=0)
    """Adam's rate, in grey values."""
    style_weight: float = setting(120_000.0, quick=30_000.0, least=0)
    """What the style's error counts; the content's counts 1."""
    variation_weight: float = setting(10.0, least=0)
    """What differences between neighbouring pixels count."""
    seed: int = setting(0, least=0)
    """Decides how the artwork's strokes fall."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the record's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Paint with both methods.

    The record's curves hold ``METHOD_ERROR`` at each evaluation; its arrays
    are pictures.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume
        Not used: a run takes minutes, and starts anew if it is interrupted.
    device : None, str or Context
        Where to compute; if several are named, the first.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train neural_style``.
    """
    from fdl import optim
    from fdl.vision import squeezenet, strokes, style

    weights = data.load("squeezenet", offline=offline)
    photograph = data.photo(config.photograph, config.size)
    artwork = strokes(config.artwork_size, config.seed)
    methods = {"lbfgs": "lbfgs", "adam": optim.Adam(config.learning_rate)}
    arrays = {"photograph": photograph, "artwork": artwork}
    curves, metrics = {}, {}
    where = devices.resolve(device)[0]
    with where:
        net = squeezenet.SqueezeNet(
            dict.fromkeys([*style.STYLE_LAYERS, style.CONTENT_LAYER])
        ).fill(weights.arrays)
        net.collect_params().setattr("grad_req", "null")
        net.hybridize(static_alloc=True, static_shape=True)
        start = squeezenet.to_input(photograph)
        task = style.NeuralStyle(
            net,
            start,
            squeezenet.to_input(artwork),
            style_weight=config.style_weight,
            variation_weight=config.variation_weight,
        )
        began = time.perf_counter()
        for name, method in methods.items():
            painted = style.paint(task, start, method, config.evaluations)
            arrays[name] = squeezenet.to_pictures(painted.x)[0]
            for error, values in painted.errors.items():
                curves[f"{name}_{error}"] = values
            metrics[f"{name}_total"] = min(painted.errors["total"])
        seconds = time.perf_counter() - began
    metrics["lbfgs_to_adam"] = metrics["lbfgs_total"] / metrics["adam_total"]
    return compared(
        "neural_style",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
        sources=[weights.source],
        arrays=arrays,
    )
