"""A training step of ResNet-18 on pictures of 32 × 32.

A step takes seconds, so there are few rounds of one step each. The process
that trains ours must stay below ``MEGABYTES``.
"""

from __future__ import annotations

from typing import Any

import convnet

from fdl import data

BATCH, RATE = 128, 1e-4
STEPS, ROUNDS = 1, 5
CHECKED = 2
MEGABYTES = 3000
TITLE = "ResNet-18 on 32 × 32, batch 128, Adam 1e-4: one training step"


def build():
    """Return our network."""
    from fdl.vision import resnet18

    return resnet18(classes=10, stem="small")


def prepare():
    """Return what both sides share: images, labels and first weights."""
    from fdl.vision import augment

    pictures = data.load("cifar10", "train", offline=True).take(4 * BATCH)
    planes = augment.whiten(pictures.images.transpose(0, 3, 1, 2))
    return convnet.shared_arrays(build(), planes, pictures.labels)


def ours(shared, clock) -> None:
    """Train by :func:`fdl.train.fit`."""
    convnet.train_ours(build(), shared, clock, BATCH, RATE)


def pytorch(shared, clock) -> None:
    """Train the same network, put together of PyTorch's layers."""
    convnet.train_torch(torch_resnet18(), shared, clock, BATCH, RATE)


def torch_resnet18() -> Any:
    """Return PyTorch's network, its parameters in the order of ours."""
    from torch import nn

    def normed(channels: int, kernels: int, extent: int, stride: int = 1):
        return nn.Sequential(
            nn.Conv2d(
                channels, kernels, extent, stride, extent // 2, bias=False
            ),
            nn.BatchNorm2d(kernels, eps=1e-3, momentum=0.1),
        )

    class Residual(nn.Module):
        def __init__(self, channels: int, kernels: int, stride: int) -> None:
            super().__init__()
            self.body = nn.Sequential(
                normed(channels, kernels, 3, stride),
                nn.ReLU(inplace=True),
                normed(kernels, kernels, 3),
            )
            self.way = nn.Identity()
            if stride != 1 or channels != kernels:
                self.way = normed(channels, kernels, 1, stride)

        def forward(self, x: Any) -> Any:
            return (self.body(x) + self.way(x)).relu_()

    layers = [normed(3, 64, 3), nn.ReLU(inplace=True)]
    before = 64
    for stage, kernels in enumerate((64, 128, 256, 512)):
        for block in range(2):
            stride = 2 if stage and not block else 1
            layers.append(Residual(before, kernels, stride))
            before = kernels
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)]
    return nn.Sequential(*layers)
