"""A training step of Chapter 6's autoencoder, by our ``fit`` and PyTorch.

784-1000-500-250-2 and back, sigmoid, every layer normalized; minibatches of
100, Adam.
"""

from __future__ import annotations

from typing import Any

import convnet

from fdl import data

SIZES = (784, 1000, 500, 250, 2)
BATCH, RATE = 100, 0.001
STEPS = 10
TITLE = "autoencoder 784-1000-500-250-2, batch 100, Adam: one training step"


def build() -> Any:
    """Return our network."""
    from fdl.representation import Autoencoder

    return Autoencoder(SIZES)


def prepare() -> dict[str, Any]:
    """Return what both sides share: images and first weights."""
    x = data.load("mnist", "train", offline=True).flat()[: 40 * BATCH]
    return convnet.shared_arrays(build(), x, x)


def ours(shared: dict[str, Any], clock: Any) -> None:
    """Train by :func:`fdl.train.fit`."""
    from fdl import nn

    given = shared, clock, BATCH, RATE, nn.distance, "float32"
    convnet.train_ours(build(), *given)


def pytorch(shared: dict[str, Any], clock: Any) -> None:
    """Train the same network, put together of PyTorch's layers."""
    from torch import nn

    layers: list[Any] = []
    chain = SIZES + SIZES[-2::-1]
    for n_in, n_out in zip(chain, chain[1:]):
        layers += [
            nn.Linear(n_in, n_out, bias=False),
            nn.BatchNorm1d(n_out, eps=1e-3, momentum=0.1),
            nn.Sigmoid(),
        ]

    def distance(output: Any, target: Any) -> Any:
        return (output - target).norm(dim=1).mean()

    given = shared, clock, BATCH, RATE, distance, "float32"
    convnet.train_torch(nn.Sequential(*layers), *given)
