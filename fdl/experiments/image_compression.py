"""Photographs as files: JPEG, cosines, principal axes and a network.

All but JPEG round their codes alike and code them alike, so what differs is
what the codes are made by. Nothing is trained on the pictures it is scored on.

Letters: ``Δ`` the step that codes are rounded to.

Differences from the lectures: they show one picture, from a paper of 2016,
with a network far larger and trained on thousands of photographs; this is a
small one, trained on nine.

Book: ch. 6, "Learning Lower-Dimensional Representations"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "RATE", "RUNGS", "SCORED", "VARIANTS", "Config", "run"]

DATA = ()
VARIANTS: dict[str, dict[str, Any]] = {}
RUNGS = ("cosines", "pca", "network")
"""The ways to code a block, the simplest first."""
SCORED = ("astronaut", "chelsea", "coffee")
"""The photographs that are measured; none of them was a JPEG file before."""
STEPS = (15, 20, 30, 45, 65, 90, 125)
QUALITIES = (3, 5, 8, 12, 20, 30, 45, 60, 75)
BATCHES = 100  # of an epoch
RATE = 0.161
"""Bits per pixel, the lecture's."""
SHOWN = ("chelsea", slice(60, 220), slice(100, 340))


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("image_compression")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs)
    full 60
    quick 4

    The ways to code a block; with bits that weigh nothing, files would grow
    for ever:

    >>> RUNGS
    ('cosines', 'pca', 'network')
    >>> configure("image_compression", weight=0)
    Traceback (most recent call last):
    ...
    ValueError: `weight` (=0) must be a number above 0.
    """

    hidden: int = setting(96, least=1)
    """Feature maps of the network's hidden layers."""
    epochs: int = setting(60, quick=4, least=1)
    """Hundreds of minibatches."""
    batch_size: int = setting(8, least=1)
    """Squares of 64 by 64 pixels in a step."""
    learning_rate: float = setting(0.001, above=0)
    """Adam's ε at the start; it falls to zero on half a cosine."""
    weight: float = setting(0.116, above=0)
    """What a bit counts, in squared steps."""
    seed: int = setting(0, least=0)
    """Decides the weights, the squares and their steps."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the full or the quick profile's."""

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
    """Train the network, and compress what it has not seen.

    For each of ``jpeg``, ``cosines``, ``pca`` and ``network`` the curves hold
    ``PICTURE_WAY_rate`` and ``PICTURE_WAY_psnr``. The metrics hold
    ``WAY_over_jpeg``, the mean of :func:`fdl.representation.advantage` over
    the pictures; ``network_over_cosines`` and ``network_over_pca``; and, of
    the largest file of at most 0.161 bits per pixel that each makes of one
    picture, ``WAY_bytes`` and ``WAY_psnr``. What these files hold is in the
    arrays, beside the ``original``; only a part of the picture.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume, device
        Handed on to :func:`fdl.train.fit`.
    offline : bool
        Without meaning: packages carry the photographs.

    Examples
    --------
    On the command line: ``fdl train image_compression``.
    """
    from fdl import optim
    from fdl import representation as r

    began = time.perf_counter()
    known, scored = pictures()
    rows = r.block_rows(known)
    cosines = r.cosine_axes(rows)
    net = r.BlockCoder(cosines, config.hidden)
    crops = r.Crops(known, config.batch_size, BATCHES, seed=config.seed)
    rate = optim.schedules.Cosine(
        config.learning_rate, config.epochs * len(crops)
    )
    history = train.fit(
        net,
        crops,
        loss=r.RateDistortion(config.weight),
        optimizer=optim.Adam(config.learning_rate, lr_scheduler=rate),
        epochs=config.epochs,
        callbacks=callbacks,
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    coders = {
        "cosines": r.AxesCoder(cosines),
        "pca": r.AxesCoder(r.principal_axes(rows, rows.shape[1])),
        "network": net,
    }
    found = {name: curves(coders, p) for name, p in scored.items()}
    shown = files(coders, scored[SHOWN[0]])

    def mean_advantage(way: str, other: str) -> float:
        gains = [r.advantage(of[way], of[other]) for of in found.values()]
        return float(onp.mean(gains))

    return compared(
        "image_compression",
        config,
        metrics={
            **{
                f"{way}_over_jpeg": mean_advantage(way, "jpeg")
                for way in RUNGS
            },
            "network_over_cosines": mean_advantage("network", "cosines"),
            "network_over_pca": mean_advantage("network", "pca"),
            **{f"{way}_bytes": size for way, (size, _) in shown.items()},
            **{
                f"{way}_psnr": r.psnr(scored[SHOWN[0]], picture)
                for way, (_, picture) in shown.items()
            },
            "epochs": history.epochs,
        },
        curves={
            "loss": list(history["loss"]),
            **{
                f"{name}_{way}_{axis}": getattr(curve, axis)
                for name, of in found.items()
                for way, curve in of.items()
                for axis in curve._fields
            },
        },
        seconds=time.perf_counter() - began,
        net=net,
        arrays={
            **{way: picture[SHOWN[1:]] for way, (_, picture) in shown.items()},
            "original": scored[SHOWN[0]][SHOWN[1:]],
        },
        complete=history.epochs == config.epochs,
    )


def pictures() -> tuple[list[onp.ndarray], dict[str, onp.ndarray]]:
    """Return what is trained on, and what is scored, by name."""
    from fdl import representation as r

    every = {name: r.grey(data.photo(name)) for name in data.PHOTOS}
    scored = {name: every.pop(name) for name in SCORED}
    return list(every.values()), scored


def curves(coders: dict[str, Any], picture: onp.ndarray) -> dict[str, Any]:
    """Return what each way costs and keeps of a picture, JPEG's first."""
    from fdl import representation as r

    found = {"jpeg": r.jpeg_curve(picture, QUALITIES)}
    for way, coder in coders.items():
        found[way] = r.rate_curve(coder, picture, STEPS)
    return found


def files(
    coders: dict[str, Any], picture: onp.ndarray
) -> dict[str, tuple[int, onp.ndarray]]:
    """Return the bytes of each way's file of `RATE`, and what it holds."""
    from fdl import representation as r

    most = int(RATE * picture.size / 8)
    made = [r.jpeg(picture, quality) for quality in range(1, 50)]
    file = max((file for file in made if len(file) <= most), key=len)
    found = {"jpeg": (len(file), r.unjpeg(file))}
    for way, coder in coders.items():
        file = r.compress_to(coder, picture, most)
        found[way] = (len(file), r.decompress(coder, file))
    return found
