"""What the benches of recurrent networks share: the reader of reviews.

An embedding of 512 for 30,000 words, one LSTM of 512 and two outputs that are
normalized over the batch; 32 texts of equal length, Adam. Dropout is off on
both sides, since their dice differ.

The LSTM is nearly all of a step, and a chain: step t waits for step t − 1,
and each is a product of 32 × 512 with 512 × 2048, too small for many threads.
"""

from __future__ import annotations

from typing import Any

import convnet
import numpy as np

WORDS, WIDTH, BATCH, RATE = 30_000, 512, 32, 0.001


def title(steps: int) -> str:
    """Return what a bench is called."""
    return f"LSTM of {WIDTH} on {steps} words, batch {BATCH}: one step"


def build(steps: int) -> Any:
    """Return our network, for texts that have no padding."""
    from fdl import language
    from fdl._mxnet import gluon

    class Full(gluon.HybridBlock):
        def __init__(self) -> None:
            super().__init__()
            self.reader = language.Reader(
                WORDS, embedding=WIDTH, hidden=WIDTH, keep=1.0
            )

        def hybrid_forward(self, F: Any, words: Any) -> Any:
            return self.reader(words, steps + 0 * words[:, 0])

    return Full()


def prepare(steps: int) -> dict[str, Any]:
    """Return what both sides share: texts, labels and first weights."""
    rng = np.random.default_rng(0)
    shared: dict[str, Any] = {
        "x": rng.integers(1, WORDS, (8 * BATCH, steps)).astype("int32"),
        "y": rng.integers(0, 2, 8 * BATCH),
    }
    cell = "reader.cell.cell."
    shapes = {
        "reader.embedding.weight": (WORDS, WIDTH),
        cell + "i2h_weight": (4 * WIDTH, WIDTH),
        cell + "h2h_weight": (4 * WIDTH, WIDTH),
        cell + "i2h_bias": (4 * WIDTH,),
        cell + "h2h_bias": (4 * WIDTH,),
        "reader.output.weight": (2, WIDTH),
        "reader.output.bias": (2,),
        "reader.batch_norm.gamma": (2,),
        "reader.batch_norm.beta": (2,),
    }
    for name, shape in shapes.items():
        value = np.full(shape, float(name.endswith("gamma")))
        if name.endswith("weight"):
            value = rng.normal(0, WIDTH**-0.5, shape)
        shared[name] = value.astype("float32")
    return shared


def ours(steps: int, shared: dict[str, Any], clock: Any) -> None:
    """Train by :func:`fdl.train.fit`."""
    convnet.train_ours(build(steps), shared, clock, BATCH, RATE)


def pytorch(shared: dict[str, Any], clock: Any) -> None:
    """Train the same network, put together of PyTorch's layers."""
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(WORDS, WIDTH)
            self.lstm = nn.LSTM(WIDTH, WIDTH, batch_first=True)
            self.output = nn.Linear(WIDTH, 2)
            self.norm = nn.BatchNorm1d(2, eps=1e-3, momentum=0.1)

        def forward(self, words: Any) -> Any:
            outputs, _ = self.lstm(self.embedding(words))
            return self.norm(self.output(outputs[:, -1]))

    convnet.train_torch(Net(), shared, clock, BATCH, RATE)
