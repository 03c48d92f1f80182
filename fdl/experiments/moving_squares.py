"""Three-dimensional convolution: which way does the square move?

Time is an axis like height and width, so a kernel of 3 × 3 × 3 can follow a
movement. Beside it stand a network that sees one frame, and one that takes
the frames for channels.

Letters: none.

Differences from the book: it only mentions the idea; the films are made up.

Book: ch. 5, "Learning Convolutional Filters for Other Problem Domains"
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.data.clips import DIRECTIONS, moving_squares
from fdl.errors import must
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "VIEWS", "Config", "film_network", "run"]

DATA: tuple[str, ...] = ()  # the films are made up
VARIANTS: dict[str, dict[str, Any]] = {}
SIZE = 12

VIEWS: dict[str, Callable[[onp.ndarray], onp.ndarray]] = {
    "volume": lambda clips: clips,
    "channels": lambda clips: clips[:, 0],
    "frame": lambda clips: clips[:, 0, clips.shape[2] // 2, None],
}
"""What each network is given of clips ``(N, 1, T, H, W)``."""


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("moving_squares")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.seeds)
    full 40 3
    quick 25 1

    Fewer films than directions are refused:

    >>> configure("moving_squares", clips=3)
    Traceback (most recent call last):
    ...
    ValueError: `clips` (=3) must be a whole number from 4 up.
    """

    epochs: int = setting(40, quick=25, least=1)
    """Passes over the films."""
    batch_size: int = setting(20, least=1)
    """Films in a step."""
    learning_rate: float = setting(0.005, above=0)
    """Adam's ε."""
    clips: int = setting(400, least=4)
    """Films to learn from; 1,000 others test."""
    frames: int = setting(6, least=2)
    """Frames of each."""
    noise: float = setting(0.4, least=0)
    """How much the ground flickers; the square is 1 brighter."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to train: with seed, seed + 1, …"""
    seed: int = setting(0, least=0)
    """Decides the films, the weights and the order."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


def film_network(view: str, frames: int) -> Any:
    """Return two convolutions, the mean over all places, and four scores.

    Parameters
    ----------
    view : {"volume", "channels", "frame"}
        A film `(B, 1, T, H, W)` for kernels of 3 × 3 × 3; its T frames as
        channels; one frame.
    frames : int
        T.

    Examples
    --------
    Three films of six frames:

    >>> from fdl._mxnet import np
    >>> films = np.zeros((3, 1, 6, 12, 12))
    >>> for name, view in VIEWS.items():
    ...     net = film_network(name, frames=6)
    ...     net.initialize()
    ...     print(name, view(films).shape, net(view(films)).shape)
    volume (3, 1, 6, 12, 12) (3, 4)
    channels (3, 6, 12, 12) (3, 4)
    frame (3, 1, 12, 12) (3, 4)
    """
    from fdl._mxnet import gluon

    if view not in VIEWS:
        raise must("view", view, f"be one of {', '.join(VIEWS)}")
    start = {"weight_initializer": nn.He(), "activation": "relu"}
    layers = gluon.nn
    net = layers.HybridSequential()
    if view == "volume":
        net.add(
            layers.Conv3D(8, 3, padding=1, in_channels=1, **start),
            layers.MaxPool3D((1, 2, 2)),  # of places, not of frames
            layers.Conv3D(16, 3, padding=1, in_channels=8, **start),
            layers.GlobalAvgPool3D(),
        )
    else:
        channels = frames if view == "channels" else 1
        net.add(
            layers.Conv2D(24, 3, padding=1, in_channels=channels, **start),
            layers.MaxPool2D(2),
            layers.Conv2D(16, 3, padding=1, in_channels=24, **start),
            layers.GlobalAvgPool2D(),
        )
    net.add(layers.Dense(len(DIRECTIONS), in_units=16))
    return net


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train each network, once for each seed, and test on new films.

    The record's metrics hold ``NAME_test_accuracy``, a mean over the seeds,
    and ``NAME_parameters``; ``longer_test_accuracy`` is that of the network
    of volumes on films of twice as many frames. The curves hold
    ``NAME_accuracies``, one for each seed.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Without meaning here, as nothing is loaded.

    Examples
    --------
    Films enough to try it:

    >>> from fdl.experiments import configure
    >>> record = run(configure("moving_squares", epochs=1, clips=20))
    >>> for view in VIEWS:
    ...     print(view, record.metrics[f"{view}_parameters"])
    volume 3764
    channels 4860
    frame 3780
    """
    from fdl import optim

    metrics: dict[str, float] = {}
    curves: dict[str, list[float]] = {}
    seconds = 0.0

    def films(count: int, seed: int, part: int, frames: int) -> Any:
        return moving_squares(
            count,
            [seed, part],
            frames=frames,
            size=SIZE,
            noise=config.noise,
        )

    for seed in range(config.seed, config.seed + config.seeds):
        known, directions = films(config.clips, seed, 0, config.frames)
        unseen, truth = films(1000, seed, 1, config.frames)
        longer, turned = films(500, seed, 2, 2 * config.frames)
        for name, view in VIEWS.items():
            net = film_network(name, config.frames)
            history = train.fit(
                net,
                data.Minibatches(
                    view(known), directions, config.batch_size, seed=seed
                ),
                loss=nn.cross_entropy,
                optimizer=optim.Adam(config.learning_rate),
                epochs=config.epochs,
                callbacks=callbacks,
                checkpoint=checkpoint and Path(checkpoint) / f"{name}-{seed}",
                resume=resume,
                device=device,
                seed=seed,
            )
            seconds += history.seconds
            tests = [(name, view(unseen), truth)]
            if name == "volume":
                tests.append(("longer", longer, turned))
            for test, x, y in tests:
                right = train.predict(net, x, batch_size=250).argmax(1) == y
                curves.setdefault(f"{test}_accuracies", []).append(
                    float(right.mean())
                )
            shape = view(known[:1]).shape[1:]
            found = nn.summarize(net, shape)
            metrics[f"{name}_parameters"] = found.parameters
            metrics[f"{name}_multiply_adds"] = found.multiply_adds
    for name in (*VIEWS, "longer"):
        found = float(onp.mean(curves[f"{name}_accuracies"]))
        metrics[f"{name}_test_accuracy"] = found
    return compared(
        "moving_squares",
        config,
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        net=net,
    )
