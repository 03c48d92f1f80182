"""Which suits a small text: CBOW or skip-gram?

Both learn from beginnings of the same text, with the same vocabulary, window,
noise and passes. Each gets the best of its own learning rates, by the mean
over the seeds. Asked is whether a word's nearest neighbour, of the words of a
published list, plays the same part of speech or sense, and how many analogies
come out right.

Letters: none.

Differences from the book: it says which, and does not measure it.

Book: ch. 6, "The Word2Vec Framework"
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional, Union

import numpy as onp

from fdl import device as devices
from fdl import profiles, seeding
from fdl.experiments.comparison import compared
from fdl.experiments.settings import check, setting
from fdl.experiments.words import Corpus, scores
from fdl.records import Record

__all__ = ["DATA", "MODELS", "SIZES", "VARIANTS", "Config", "run"]

DATA = ("ptb",)
VARIANTS: dict[str, dict[str, Any]] = {
    # three times the passes over the first 100,000 words
    "cbow_or_skip_gram_longer": {"sizes": 1, "epochs": 15},
}
MODELS = ("skip_gram", "cbow")
"""What is compared."""
SIZES = (100_000, 400_000, 50_000, 200_000, 900_000)
"""Words of the text that are read; ``Config.sizes`` takes the first ones."""
RATES = (0.1, 0.05, 0.2, 0.4)


@dataclass(frozen=True)
class Config:
    """Our settings.

    Examples
    --------
    >>> from fdl.experiments import configure
    >>> quick = configure("cbow_or_skip_gram")
    >>> for c in (Config(), quick):
    ...     print(c.profile, c.sizes, c.rates, c.seeds)
    full 5 4 3
    quick 2 1 1

    Three times the passes over the first 100,000 words:

    >>> VARIANTS["cbow_or_skip_gram_longer"]
    {'sizes': 1, 'epochs': 15}
    """

    sizes: int = setting(5, quick=2, least=1)
    """How many beginnings to learn from: 100,000 words, 400,000, …"""
    rates: int = setting(4, quick=1, least=1)
    """How many learning rates to try: 0.1, 0.05, 0.2, 0.4."""
    epochs: int = setting(5, quick=3, least=1)
    """Passes over each beginning."""
    batch_size: int = setting(1024, least=1)
    """Pairs, or for CBOW words, in a step."""
    dimensions: int = setting(128, quick=64, least=1)
    """Numbers of an embedding."""
    negatives: int = setting(15, least=1)
    """Noise words."""
    window: int = setting(5, least=1)
    """Largest radius of a window."""
    seeds: int = setting(3, quick=1, least=1)
    """How often to train: with seed, seed + 1, …"""
    seed: int = setting(0, least=0)
    """Decides first values, pairs and noise."""
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
    """Learn with both models from texts of growing size.

    The record's curves hold ``words``, in growing order, and for each model
    ``MODEL_classes`` and ``MODEL_analogies``, accuracies at its best rate,
    means over the seeds, ``MODEL_spread`` of the first, and ``MODEL_rate``.
    The metrics hold the first as ``MODEL_classes_WORDS``, and
    ``classes_asked``.

    Parameters
    ----------
    config : Config
        The settings.
    callbacks, checkpoint, resume
        Without meaning here.
    device
        Where the parameters live; learning runs on the host.
    offline : bool
        Use no network; see :func:`fdl.data.load`.

    Examples
    --------
    On the command line: ``fdl train cbow_or_skip_gram``.
    """
    from fdl.representation import Word2Vec

    corpus = Corpus("ptb", 10_000, offline)
    most = int((corpus.numbers >= 0).sum())
    sizes = sorted({min(n, most) for n in SIZES[: config.sizes]})
    curves: dict[str, list[float]] = {"words": [float(n) for n in sizes]}
    metrics: dict[str, float] = {}
    began = time.perf_counter()
    for size in sizes:
        text = corpus.first(size)
        for model in MODELS:
            tried = []
            for rate in RATES[: config.rates]:
                found = []
                for seed in range(config.seed, config.seed + config.seeds):
                    net = Word2Vec(
                        corpus.vocabulary,
                        config.dimensions,
                        model=model,
                        negatives=config.negatives,
                        window=config.window,
                        skips=None,
                        scale=0.5 / config.dimensions,
                    )
                    seeding.seed_all(seed)
                    net.initialize(ctx=devices.resolve(device))
                    net.learn(
                        text,
                        config.epochs,
                        batch_size=config.batch_size,
                        rule="adagrad",
                        learning_rate=rate,
                        subsample=1e-3,
                        seed=seed,
                    )
                    score = scores(net.vectors)
                    metrics["classes_asked"] = score["classes_asked"]
                    found.append(
                        (score["class_accuracy"], score["analogy_accuracy"])
                    )
                classes, analogies = onp.mean(found, axis=0)
                spread = float(onp.std(found, axis=0)[0])
                tried.append((float(classes), float(analogies), spread, rate))
            best = max(tried)
            for name, value in zip(
                ("classes", "analogies", "spread", "rate"), best
            ):
                curves.setdefault(f"{model}_{name}", []).append(value)
            metrics[f"{model}_classes_{size}"] = best[0]
    return compared(
        "cbow_or_skip_gram",
        config,
        metrics=metrics,
        curves=curves,
        seconds=time.perf_counter() - began,
        net=net,
        sources=[corpus.source],
    )
