"""A training step of Chapter 7's tagger, by our ``fit`` and by PyTorch.

150-512-256-44, sigmoid, hidden layers normalized; minibatches of 100, Adam.
"""

from __future__ import annotations

from typing import Any

import convnet
import numpy as np

SIZES = (150, 512, 256, 44)
BATCH, RATE = 100, 0.001
TITLE = "tagger 150-512-256-44, batch 100, Adam: one training step"


def build() -> Any:
    """Return our network."""
    from fdl.language import NGram

    return NGram(SIZES[0], SIZES[-1], hidden=SIZES[1:-1])


def prepare() -> dict[str, Any]:
    """Return what both sides share: windows, tags and first weights."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100 * BATCH, SIZES[0])).astype("float32")
    # tags that can be learned: the largest of some mixtures
    mixed = x @ rng.normal(size=(SIZES[0], SIZES[-1]))
    return convnet.shared_arrays(build(), x, mixed.argmax(1))


def ours(shared: dict[str, Any], clock: Any) -> None:
    """Train by :func:`fdl.train.fit`."""
    from fdl import nn

    given = shared, clock, BATCH, RATE, nn.cross_entropy, "int32"
    convnet.train_ours(build(), *given)


def pytorch(shared: dict[str, Any], clock: Any) -> None:
    """Train the same network, put together of PyTorch's layers."""
    from torch import nn

    layers: list[Any] = []
    for n_in, n_out in zip(SIZES, SIZES[1:-1]):
        layers += [
            nn.Linear(n_in, n_out, bias=False),
            nn.BatchNorm1d(n_out, eps=1e-3, momentum=0.1),
            nn.Sigmoid(),
        ]
    layers.append(nn.Linear(*SIZES[-2:]))
    given = shared, clock, BATCH, RATE, nn.CrossEntropyLoss(), "int64"
    convnet.train_torch(nn.Sequential(*layers), *given)
