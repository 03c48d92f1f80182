"""What the benches of the book's larger networks share.

Both sides get their minibatches from the same iterator of NumPy arrays, start
from the same weights, take Adam's steps, and read each step's loss, as a loop
does that watches it. Dropout is off on both sides, since their dice differ;
so is augmentation, which ``pipeline.py`` times.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fdl import data


def first_weights(net: Any) -> dict[str, np.ndarray]:
    """Return weights by He's rule for every trainable parameter, in order."""
    rng = np.random.default_rng(0)
    found = {}
    for name, parameter in net._collect_params_with_prefix().items():
        if parameter.grad_req == "null":
            continue
        shape, last = parameter.shape, name.split(".")[-1]
        value = np.full(shape, float(last == "gamma"))
        if len(shape) > 1:
            scale = np.sqrt(2 / np.prod(shape[1:]))
            value = rng.normal(0, scale, size=shape)
        found[name] = value.astype("float32")
    return found


def shared_arrays(net: Any, x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Return what both sides start from."""
    return {"x": x, "y": y, **first_weights(net)}


def batches(shared: dict[str, Any], targets: str, size: int) -> Any:
    """Return full minibatches, targets of the type that a side wants."""
    y = shared["y"].astype(targets)
    return data.Minibatches(shared["x"], y, size, last="drop")


def train_ours(
    net: Any,
    shared: dict[str, Any],
    clock: Any,
    size: int,
    rate: float,
    loss: Any = None,
    targets: str = "int32",
) -> None:
    """Train by :func:`fdl.train.fit`, stopping the clock between steps.

    The loss is the cross-entropy of classes unless another is given.
    """
    from fdl import nn, optim, train
    from fdl._mxnet import np as mxnp
    from fdl._mxnet import npx

    net.initialize()
    for name, parameter in net._collect_params_with_prefix().items():
        if name in shared:
            parameter.set_data(mxnp.array(shared[name]))

    class Blocks:
        def on_fit_begin(self, run: Any) -> None:
            self.left = next(clock)

        def on_batch_end(self, run: Any) -> None:
            self.left -= 1
            if self.left == 0:
                npx.waitall()
                clock.stop(run.batch_loss)
                self.left = next(clock, 0)
                if not self.left:
                    run.stop("all blocks are timed")

    train.fit(
        net,
        batches(shared, targets, size),
        loss=loss or nn.cross_entropy,
        optimizer=optim.Adam(rate),
        epochs=10**6,
        callbacks=[Blocks()],
        device="cpu",
        seed=0,
    )


def torch_convnet(image: Any, kernels: Any, hidden: Any, norm: bool) -> Any:
    """Return PyTorch's network of the form of :class:`fdl.vision.ConvNet`."""
    from torch import nn

    C, H, W = image
    layers: list[Any] = []
    for c, k in zip((C, *kernels), kernels):
        layers.append(nn.Conv2d(c, k, 5, padding=2, bias=not norm))
        if norm:
            layers.append(nn.BatchNorm2d(k, eps=1e-3, momentum=0.1))
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    halved = 2 ** len(kernels)
    units = kernels[-1] * (H // halved) * (W // halved)
    layers.append(nn.Flatten())
    for n_in, n_out in zip((units, *hidden), hidden):
        layers.append(nn.Linear(n_in, n_out, bias=not norm))
        if norm:
            layers.append(nn.BatchNorm1d(n_out, eps=1e-3, momentum=0.1))
        layers.append(nn.ReLU())
    layers.append(nn.Linear((units, *hidden)[-1], 10))
    return nn.Sequential(*layers)


def train_torch(
    net: Any,
    shared: dict[str, Any],
    clock: Any,
    size: int,
    rate: float,
    loss: Any = None,
    targets: str = "int64",
) -> None:
    """Train a network of PyTorch's, whose parameters come in our order."""
    import torch

    torch.set_num_threads(clock.threads)
    if torch.get_num_interop_threads() != 1:  # may be set once only
        torch.set_num_interop_threads(1)
    starts = [v for name, v in shared.items() if name not in ("x", "y")]
    with torch.no_grad():
        for parameter, start in zip(net.parameters(), starts, strict=True):
            parameter.copy_(torch.from_numpy(start))
    objective = loss or torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    rows = batches(shared, targets, size)

    def steps() -> Any:
        for epoch in range(10**6):
            for x, y in rows.epoch(epoch):
                output = net(torch.from_numpy(x))
                error = objective(output, torch.from_numpy(y))
                optimizer.zero_grad()
                error.backward()
                optimizer.step()
                yield error.item()

    stepping = steps()
    for left in clock:
        for _ in range(left):
            error = next(stepping)
        clock.stop(error)
