"""A training step of the convolutional network for MNIST."""

from __future__ import annotations

import convnet

from fdl import data

BATCH, RATE = 100, 1e-4
STEPS = 10
TITLE = "MNIST network, batch 100, Adam 1e-4: one training step"


def build():
    """Return our network."""
    from fdl.vision import mnist_convnet

    return mnist_convnet(dropout=0.0)


def prepare():
    """Return what both sides share: images, labels and first weights."""
    digits = data.load("mnist", "train", offline=True).take(4000)
    return convnet.shared_arrays(build(), digits.planes(), digits.labels)


def ours(shared, clock) -> None:
    """Train by :func:`fdl.train.fit`."""
    convnet.train_ours(build(), shared, clock, BATCH, RATE)


def pytorch(shared, clock) -> None:
    """Train by PyTorch's own layers and optimizer."""
    net = convnet.torch_convnet((1, 28, 28), (32, 64), (1024,), norm=False)
    convnet.train_torch(net, shared, clock, BATCH, RATE)
