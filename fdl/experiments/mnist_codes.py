"""One set of digits, many kinds of codes, each measured in the same ways.

How much of a digit a code keeps, how well its label is read off, and how many
of its numbers are active: for PCA, deep autoencoders (from a random start,
stacked greedily and then fine-tuned, normalized, denoising), a convolutional
and a variational one, and sparse codes of both kinds.

Letters: none.

Differences from the book and the lectures: they name these methods and give
no settings; these are ours, the same for all where that makes sense.

Book: ch. 6, "Sparsity in Autoencoders"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, scratch, train
from fdl.experiments.comparison import compared
from fdl.experiments.mnist_autoencoder import read_off
from fdl.experiments.settings import check, setting
from fdl.records import Record

__all__ = ["DATA", "VARIANTS", "WAYS", "Config", "active", "run"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {}
WAYS = (
    "pca",
    "deep",
    "stacked",
    "normalized",
    "denoising",
    "convolutional",
    "variational",
    "sparse",
    "k_sparse",
)
"""The ways to a code that are compared."""
HIDDEN = (256, 128, 64)
FASTER = 5  # times the rate, which networks bear that are normalized
STROKES = 100  # pictures of units that are kept, of each sparse code


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_codes")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.images, c.epochs, c.units)
    full 50000 10 400
    quick 4000 6 200

    What is compared; the k-sparse code keeps ``k`` of its units:

    >>> WAYS[-2:], quick.k / quick.units
    (('sparse', 'k_sparse'), 0.1)
    """

    images: int = setting(50_000, quick=4000, least=1000)
    """Digits without labels to learn codes from."""
    tested: int = setting(10_000, quick=1000, least=100)
    """Test digits to measure."""
    epochs: int = setting(10, quick=6, least=1)
    """Passes over the images."""
    batch_size: int = setting(100, quick=50, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.002, above=0)
    """Adam's ε; five times that for the two networks that are normalized."""
    code: int = setting(30, least=1)
    """Numbers in a code that is not sparse."""
    units: int = setting(400, quick=200, least=1)
    """Numbers in a sparse code."""
    k: int = setting(20, least=1)
    """Of these, how many the k-sparse code keeps."""
    target: float = setting(0.05, above=0)
    """How active the penalty wants a unit to be."""
    weight: float = setting(0.2, above=0)
    """What the penalty weighs."""
    damage: float = setting(0.5, least=0)
    """Share of the pixels that are erased, for the denoising one."""
    seed: int = setting(0, least=0)
    """Decides the weights, the damage and the order of the images."""
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
    """Learn all codes, and measure the test digits in each.

    The metrics hold ``WAY_l2``, the mean distance of what is restored,
    ``WAY_damaged_l2``, the same where part of the pixels was erased,
    ``WAY_neighbour_accuracy``, ``WAY_linear_accuracy`` and ``WAY_active``,
    which :func:`active` defines; and ``stacked_before_l2``, before the
    fine-tuning. The curves hold each one's
    ``WAY_loss``; the arrays, ``digits``, what each way makes of them,
    ``sparse_strokes``, ``k_sparse_strokes``, and ``k_sparse_codes`` of the
    digits.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, device
        Handed on to :func:`fdl.train.fit`.
    checkpoint, resume
        Without meaning here: each way takes minutes.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train mnist_codes``.
    """
    from fdl import representation as r

    known = data.load("mnist", "train", offline=offline)
    known = known.take(min(config.images, len(known)))
    unseen = data.load("mnist", "test", offline=offline)
    unseen = unseen.take(min(config.tested, len(unseen)))
    x, test_x = known.flat(), unseen.flat()
    chance = onp.random.default_rng(config.seed)
    damaged = r.corrupt(test_x, config.damage, chance)
    digits = [int(onp.flatnonzero(unseen.labels == c)[0]) for c in range(10)]
    curves: dict[str, list[float]] = {}
    metrics: dict[str, float] = {}
    arrays = {"digits": test_x[digits], "damaged": damaged[digits]}
    began = time.perf_counter()
    networks = learn(config, x, curves, callbacks, device)
    axes = r.principal_axes(x, config.code)
    for way in WAYS:
        encode: Callable[[Any], Any] = axes.encode
        decode: Callable[[Any], Any] = axes.decode
        if way != "pca":
            encode, decode = _halves(way, networks[way], config.code)
        for name, given in (("", test_x), ("damaged_", damaged)):
            gap = decode(encode(given)) - test_x
            far = onp.linalg.norm(gap, axis=1).mean()
            metrics[f"{way}_{name}l2"] = float(far)
        codes = encode(test_x)
        told = read_off(encode(x), known.labels, codes, unseen.labels)
        metrics.update(
            {f"{way}_{name}": share for name, share in told.items()}
        )
        metrics[f"{way}_active"] = active(codes)
        seen = damaged if way == "denoising" else test_x
        arrays[way] = decode(encode(seen[digits]))
        if way.endswith("sparse"):
            strokes = r.strokes(networks[way])[:STROKES]
            arrays[f"{way}_strokes"] = strokes.reshape(-1, 28, 28)
            arrays[f"{way}_codes"] = codes[digits]
    gap = train.predict(networks["stacked_before"], test_x) - test_x
    before = onp.linalg.norm(gap, axis=1).mean()
    metrics["stacked_before_l2"] = float(before)
    return compared(
        "mnist_codes",
        config,
        metrics=metrics,
        curves=curves,
        seconds=time.perf_counter() - began,
        net=networks["deep"],
        sources=[known.source],
        arrays={
            name: a.reshape(-1, 28, 28) if a.shape[-1] == 784 else a
            for name, a in arrays.items()
        },
    )


def active(codes: onp.ndarray) -> float:
    """Return the mean share of a code's m numbers that carry it.

    ::

        (Σ |h|)² / (m Σ h²)

    It is 1 where all are of one size, and k / m where k are and the others
    are 0.

    Parameters
    ----------
    codes : array `(N, m)`
        Codes, none of them all zero.

    Examples
    --------
    >>> active(onp.array([[2.0, -2.0, 0.0, 0.0]]))
    0.5
    """
    size = onp.abs(codes.astype("float64"))
    share = size.mean(axis=1) ** 2 / (size**2).mean(axis=1)
    return float(share.mean())


def learn(
    config: Config,
    x: onp.ndarray,
    curves: dict[str, list[float]],
    callbacks: Sequence[Any] = (),
    device: Any = None,
) -> dict[str, Any]:
    """Return a trained network for each way but PCA.

    Parameters
    ----------
    config : Config
        The settings.
    x : array `(N, 784)`
        Digits.
    curves : dict
        Gets each one's ``WAY_loss``.
    callbacks, device
        Handed on to :func:`fdl.train.fit`.
    """
    from fdl import optim
    from fdl import representation as r
    from fdl.vision import Augmented

    sizes = (784, *HIDDEN, config.code)

    def fit(
        net: Any,
        given: onp.ndarray,
        loss: Any = nn.distance,
        damage: float = 0,
        epochs: int = config.epochs,
        faster: float = 1,
    ) -> Any:
        batches: Any = data.Minibatches(
            given, given, config.batch_size, seed=config.seed
        )
        if damage:
            batches = Augmented(
                batches, lambda x, rng: r.corrupt(x, damage, rng)
            )
        history = train.fit(
            net,
            batches,
            loss=loss,
            optimizer=optim.Adam(faster * config.learning_rate),
            epochs=epochs,
            callbacks=callbacks,
            device=device,
            seed=config.seed,
        )
        return list(history["loss"])

    each = max(1, config.epochs // 2)  # for the pairs; then as many for all
    stacked = r.stack(
        x, sizes, lambda net, h: fit(net, h, epochs=each), norm=False
    )
    before = r.Autoencoder(sizes, norm=False)
    nn.set_parameters(before, nn.get_parameters(stacked))
    curves["stacked_loss"] = fit(stacked, x, epochs=config.epochs - each or 1)
    nets: dict[str, Any] = {"stacked": stacked, "stacked_before": before}
    shallow = 784, config.units
    plans: dict[str, tuple[Any, dict[str, Any]]] = {
        "deep": (r.Autoencoder(sizes, norm=False), {}),
        "normalized": (r.Autoencoder(sizes), {"faster": FASTER}),
        "denoising": (
            r.Autoencoder(sizes),
            {"faster": FASTER, "damage": config.damage},
        ),
        "convolutional": (
            r.ConvAutoencoder((1, 28, 28), (8, 16), config.code),
            {},
        ),
        "variational": (
            r.VAE((784, 256, config.code)),
            {"loss": r.NegativeELBO()},
        ),
        "sparse": (
            r.SparseAutoencoder(*shallow),
            {"loss": r.SparseLoss(config.target, config.weight)},
        ),
        "k_sparse": (r.KSparseAutoencoder(*shallow, config.k), {}),
    }
    for way, (net, more) in plans.items():
        given = x.reshape(-1, 1, 28, 28) if way == "convolutional" else x
        curves[f"{way}_loss"] = fit(net, given, **more)
        nets[way] = net
    return nets


def _halves(way: str, net: Any, code: int) -> tuple[Any, Any]:
    """Return a network's two halves as functions of rows."""

    def encode(x: onp.ndarray) -> onp.ndarray:
        if way == "convolutional":
            x = x.reshape(-1, 1, 28, 28)
        codes = train.predict(net.encoder, x)
        # behind the clouds' middles are their variances
        return codes[:, :code] if way == "variational" else codes

    def decode(codes: onp.ndarray) -> onp.ndarray:
        y = train.predict(net.decoder, codes).reshape(-1, 784)
        return scratch.sigmoid(y) if way == "variational" else y

    return encode, decode
