"""A training step of the convolutional network for CIFAR-10, normalized."""

from __future__ import annotations

import convnet

from fdl import data

BATCH, RATE = 128, 1e-2
STEPS = 10
# the large rate soon magnifies what sums in another order differ by
CHECKED = 3
TITLE = "CIFAR-10 network, normalized, batch 128, Adam 0.01: one training step"


def build():
    """Return our network."""
    from fdl.vision import cifar_convnet

    return cifar_convnet(norm=True)


def prepare():
    """Return what both sides share: images, labels and first weights."""
    from fdl.vision import augment

    pictures = data.load("cifar10", "train", offline=True).take(1536)
    planes = pictures.images.transpose(0, 3, 1, 2)
    x = augment.whiten(augment.center_crop(planes, 24))
    return convnet.shared_arrays(build(), x, pictures.labels)


def ours(shared, clock) -> None:
    """Train by :func:`fdl.train.fit`."""
    convnet.train_ours(build(), shared, clock, BATCH, RATE)


def pytorch(shared, clock) -> None:
    """Train by PyTorch's own layers and optimizer."""
    net = convnet.torch_convnet((3, 24, 24), (64, 64), (384, 192), norm=True)
    convnet.train_torch(net, shared, clock, BATCH, RATE)
