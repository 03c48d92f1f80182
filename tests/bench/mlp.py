"""A training step of the MLP of Chapter 3, by our ``fit`` and by PyTorch.

784-256-256-10, ReLU, minibatches of 100, gradient descent at 0.01. Both sides
get their minibatches from the same iterator of NumPy arrays, start from the
same weights, and read each step's loss, as a loop does that watches it.
"""

from __future__ import annotations

import numpy as np

from fdl import data

SIZES = (784, 256, 256, 10)
BATCH = 100
RATE = 0.01
ROWS = 60_000
TITLE = "MLP 784-256-256-10, batch 100, SGD 0.01: one training step"


def prepare() -> dict[str, np.ndarray]:
    """Return what both sides share: images, labels and first weights."""
    digits = data.load("mnist", "train", offline=True)
    rows = np.resize(np.arange(len(digits)), ROWS)
    rng = np.random.default_rng(0)
    shared = {"x": digits.flat()[rows], "y": digits.labels[rows]}
    for k, (n_in, n_out) in enumerate(zip(SIZES, SIZES[1:])):
        weight = rng.normal(0, np.sqrt(2 / n_in), size=(n_out, n_in))
        shared[f"w{k}"] = weight.astype("float32")
    return shared


def batches(shared: dict[str, np.ndarray], labels: str) -> data.Minibatches:
    """Return the minibatches, with labels of the type a side wants."""
    return data.Minibatches(shared["x"], shared["y"].astype(labels), BATCH)


def ours(shared: dict[str, np.ndarray], clock) -> None:
    """Train by :func:`fdl.train.fit`, stopping the clock between its steps."""
    from fdl import nn, optim, train
    from fdl._mxnet import mx, npx

    net = nn.FeedForward(SIZES)
    net.initialize()
    weights = [p for n, p in net.collect_params().items() if "weight" in n]
    for k, parameter in enumerate(weights):
        parameter.set_data(mx.np.array(shared[f"w{k}"]))

    class Blocks:
        def on_fit_begin(self, run):
            self.left = next(clock)

        def on_batch_end(self, run):
            self.left -= 1
            if self.left == 0:
                npx.waitall()
                clock.stop(run.batch_loss)
                self.left = next(clock, 0)
                if not self.left:
                    run.stop("all blocks are timed")

    train.fit(
        net,
        batches(shared, "int32"),
        loss=nn.cross_entropy,
        optimizer=optim.SGD(RATE),
        epochs=10**6,
        callbacks=[Blocks()],
        device="cpu",
        seed=0,
    )


def pytorch(shared: dict[str, np.ndarray], clock) -> None:
    """Train by PyTorch's own layers and optimizer."""
    import torch

    torch.set_num_threads(clock.threads)
    if torch.get_num_interop_threads() != 1:  # may be set once only
        torch.set_num_interop_threads(1)
    layers = []
    for k, (n_in, n_out) in enumerate(zip(SIZES, SIZES[1:])):
        layer = torch.nn.Linear(n_in, n_out)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(shared[f"w{k}"]))
            layer.bias.zero_()
        layers += [layer, torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers[:-1])
    cross_entropy = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    rows = batches(shared, "int64")

    def steps():
        for epoch in range(10**6):
            for x, y in rows.epoch(epoch):
                output = net(torch.from_numpy(x))
                loss = cross_entropy(output, torch.from_numpy(y))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                yield loss.item()

    stepping = steps()
    for left in clock:
        for _ in range(left):
            loss = next(stepping)
        clock.stop(loss)
