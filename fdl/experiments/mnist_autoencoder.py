"""The autoencoder of digits: 784-1000-500-250-2 and back, beside PCA.

Letters: none.

Differences from the book: a layer has no bias beside β. The sizes, the rule by
which weights start, Adam's rate and the minibatch are those of the book's
companion scripts, since its listing of the layers is cut short.

Book: ch. 6, "Implementing an Autoencoder in TensorFlow"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import data, nn, profiles, train
from fdl.experiments.comparison import compared
from fdl.experiments.digits import thin
from fdl.experiments.settings import check, setting
from fdl.experiments.validation import held_out
from fdl.records import Record

__all__ = ["DATA", "LOOKS", "VARIANTS", "Config", "Looks", "run"]

DATA = ("mnist",)
VARIANTS: dict[str, dict[str, Any]] = {
    "mnist_autoencoder_30": {"code": 30},
    "mnist_autoencoder_denoising": {"code": 30, "damage": 0.5},
}
HIDDEN = (1000, 500, 250)
LOOKS = (1 / 40, 1 / 2, 1)
"""Shares of the epochs when a look is taken: 5, 100 and 200 of 200."""
SHOWN = 2  # held-out digits of each class whose pictures are kept
PLANE = 15  # pictures a side on the map of the plane of codes


@dataclass(frozen=True)
class Config:
    """The book's settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("mnist_autoencoder")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.epochs, c.images)
    full 200 60000
    quick 4 20000

    One of the other records changes this:

    >>> VARIANTS["mnist_autoencoder_denoising"]
    {'code': 30, 'damage': 0.5}
    """

    code: int = setting(2, least=1)
    """Units of the code."""
    damage: float = setting(0.0, least=0)
    """Share of the pixels that are erased from what goes in."""
    epochs: int = setting(200, quick=4, least=1)
    """Passes over the training images."""
    images: int = setting(60_000, quick=20_000, least=1000)
    """Training images, of the most that there are; the validation images are
    held out of them."""
    batch_size: int = setting(100, least=1)
    """Images in a step."""
    learning_rate: float = setting(0.001, quick=0.01, above=0)
    """Adam's ε."""
    validation: int = setting(5000, quick=1000, least=1)
    """Training images held out (of a smaller sample, one in twelve)."""
    seed: int = setting(0, least=0)
    """Decides the weights, the split and the order of the images."""
    profile: str = setting("full", quick="quick", choices=profiles.NAMES)
    """Whose settings these are: the book's or the quick profile's."""

    def __post_init__(self) -> None:
        check(self)


class Looks(train.Callback):
    """Keeps what a network makes of a few rows, after certain epochs.

    Parameters
    ----------
    x : array `(N, n)`
        The rows.
    epochs : iterable of int
        After which epochs to look.

    Attributes
    ----------
    seen : dict
        Epoch → what came out, `(N, n)`.

    Examples
    --------
    After the second and the fourth epoch:

    >>> from types import SimpleNamespace
    >>> net = nn.FeedForward((3, 3))
    >>> net.initialize()
    >>> looks = Looks(onp.ones((5, 3), "float32"), [2, 4])
    >>> for epoch in range(1, 5):
    ...     looks.on_epoch_end(SimpleNamespace(epoch=epoch, net=net))
    >>> {epoch: seen.shape for epoch, seen in looks.seen.items()}
    {2: (5, 3), 4: (5, 3)}
    """

    def __init__(self, x: onp.ndarray, epochs: Any) -> None:
        self.x, self.epochs = x, set(epochs)
        self.seen: dict[int, onp.ndarray] = {}

    def on_epoch_end(self, run: Any) -> None:
        """Look, if it is time to."""
        if run.epoch in self.epochs:
            self.seen[run.epoch] = train.predict(run.net, self.x)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {str(epoch): seen for epoch, seen in self.seen.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self.seen = {int(epoch): seen for epoch, seen in state.items()}


def run(
    config: Config,
    *,
    callbacks: Sequence[Any] = (),
    checkpoint: Optional[Union[str, Path]] = None,
    resume: bool = False,
    device: Any = None,
    offline: bool = False,
) -> Record:
    """Train, then measure codes and restored digits, and PCA's beside them.

    The test images are used once, at the end. The metrics hold, for the
    autoencoder and with ``pca_`` before them for as many axes of PCA:
    ``validation_l2`` and ``test_l2``, mean distances of what is restored; and
    how many test digits are told right from their codes,
    ``neighbour_accuracy`` and ``linear_accuracy``. The arrays: ``digits``, a
    few that were held out, ``given``, the same as the network gets them;
    ``restored_EPOCH`` and ``pca_restored``; ``codes`` and ``pca_codes`` of the
    test digits with their ``labels``; ``batch_codes`` and ``class_codes``,
    normalized by the moments of all test digits, and of each class alone;
    where codes are points, ``plane``, what the decoder makes of a grid.

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
    On the command line: ``fdl train mnist_autoencoder``, or ``fdl train
    mnist_autoencoder --code 30``.
    """
    from fdl import optim
    from fdl.representation import Autoencoder, corrupt, principal_axes
    from fdl.vision import Augmented

    images = data.load("mnist", "train", offline=offline)
    images = images.take(min(config.images, len(images)))
    held = held_out(config.validation, images)
    rest, apart = images.split(held, seed=config.seed)
    test = data.load("mnist", "test", offline=offline)
    x, known = rest.flat(), apart.flat()

    def damaged(x: onp.ndarray, rng: onp.random.Generator) -> onp.ndarray:
        return corrupt(x, config.damage, rng)

    batches: Any = data.Minibatches(x, x, config.batch_size, seed=config.seed)
    if config.damage:
        batches = Augmented(batches, damaged)
    chance = onp.random.default_rng(config.seed)
    given = damaged(known, chance)  # what goes in where x should come out
    rows = _some(apart.labels, SHOWN)
    epochs = {max(1, round(share * config.epochs)) for share in LOOKS}
    looks = Looks(given[rows], epochs)
    net = Autoencoder((784, *HIDDEN, config.code))
    history = train.fit(
        net,
        batches,
        loss=nn.distance,
        optimizer=optim.Adam(config.learning_rate),
        epochs=config.epochs,
        validation=data.Minibatches(given, known, 1000, shuffle=False),
        callbacks=[looks, *callbacks],
        checkpoint=checkpoint,
        resume=resume,
        device=device,
        seed=config.seed,
    )
    began = time.perf_counter()
    axes = principal_axes(x, config.code)
    test_x = test.flat()
    arrays: dict[str, Any] = {
        "digits": _pictures(known[rows]),
        "given": _pictures(given[rows]),
        "pca_restored": _pictures(axes.decode(axes.encode(given[rows]))),
        "labels": test.labels.astype("uint8"),
        "batch_codes": batch_codes(net, test_x),
        "class_codes": onp.zeros((len(test_x), config.code), "float32"),
        **{
            f"restored_{epoch}": _pictures(seen)
            for epoch, seen in looks.seen.items()
        },
    }
    for c in range(10):
        alone = test.labels == c
        arrays["class_codes"][alone] = batch_codes(net, test_x[alone])
    if config.code == 2:
        u = (onp.arange(PLANE) + 0.5) / PLANE
        grid = onp.stack(onp.meshgrid(u, u[::-1]), -1).reshape(-1, 2)
        arrays["plane"] = _pictures(train.predict(net.decoder, grid))
    metrics: dict[str, float] = {"epochs": history.epochs}
    coders = {
        "": (
            lambda x: train.predict(net.encoder, x),
            lambda codes: train.predict(net.decoder, codes),
        ),
        "pca_": (axes.encode, axes.decode),
    }
    sets = {
        "validation": (given, known),
        "test": (damaged(test_x, chance), test_x),
    }
    for who, (encode, decode) in coders.items():
        for name, (seen, whole) in sets.items():
            gap = decode(encode(seen)) - whole
            metrics[f"{who}{name}_l2"] = onp.linalg.norm(gap, axis=1).mean()
        codes = arrays[f"{who}codes"] = encode(test_x)
        told = read_off(encode(x), rest.labels, codes, test.labels)
        metrics.update({f"{who}{name}": share for name, share in told.items()})
    return compared(
        "mnist_autoencoder",
        config,
        metrics=metrics,
        curves={
            "batch_loss": thin(history.batch_loss),
            **dict(history.items()),
        },
        seconds=history.seconds + time.perf_counter() - began,
        net=net,
        sources=[images.source],
        arrays=arrays,
        complete=history.epochs == config.epochs,
    )


def batch_codes(net: Any, x: onp.ndarray) -> onp.ndarray:
    """Return the codes of x, normalized as in training: by its own moments.

    Parameters
    ----------
    net : Autoencoder
        Trained.
    x : array `(B, n)`
        One minibatch; the code of a row depends on all the others.
    """
    from fdl._mxnet import autograd, np

    where = next(iter(net.collect_params().values())).list_ctx()[0]
    # without a backward pass the running averages stay as they are
    with autograd.train_mode():
        return net.encode(np.array(x, ctx=where)).asnumpy()


def read_off(
    codes: onp.ndarray,
    labels: onp.ndarray,
    new: onp.ndarray,
    truth: onp.ndarray,
) -> dict[str, float]:
    """Return how many labels of new codes simple means tell right.

    Parameters
    ----------
    codes, labels : arrays `(N, m)` and `(N,)`
        Codes of the training digits and their labels.
    new, truth : arrays `(M, m)` and `(M,)`
        Codes of others and theirs.
    """
    from fdl.representation import linear_probe, nearest_neighbour

    near = nearest_neighbour(codes, labels, new)
    line = linear_probe(codes, labels)(new).argmax(axis=1)
    return {
        "neighbour_accuracy": float((near == truth).mean()),
        "linear_accuracy": float((line == truth).mean()),
    }


def _some(labels: onp.ndarray, each: int) -> onp.ndarray:
    """Return the rows of the first `each` of every class, by class."""
    rows = [onp.flatnonzero(labels == c)[:each] for c in range(10)]
    return onp.concatenate(rows)


def _pictures(x: onp.ndarray) -> onp.ndarray:
    """Return rows as pictures of bytes; PCA may leave [0, 1]."""
    bytes_ = onp.clip(x, 0, 1) * 255 + 0.5
    return bytes_.astype("uint8").reshape(-1, 28, 28)
