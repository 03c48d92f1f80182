"""A training step of Chapter 8's DNC, by our ``fit`` and by PyTorch.

64 slots of 16 numbers, 4 read heads, an LSTM of 64; 16 sequences of 40 steps,
Adam. PyTorch's side is written as plainly as its operators allow, and leaves
the derivatives to PyTorch.

``python tests/bench/memory.py`` prints what a step of ours costs for other
lengths and other numbers of slots, in processor time on one thread.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"

import convnet
import numpy as np

SLOTS, WORD, READS, HIDDEN = 64, 16, 4, 64
STEPS_LONG, BATCH, BITS, RATE = 40, 16, 8, 0.001
STEPS, ROUNDS, CHECKED = 5, 15, 20
TITLE = "DNC 64 × 16, 4 reads, LSTM 64, 40 steps, batch 16: one training step"
LENGTHS = (10, 20, 40, 80, 160)
MEMORIES = (16, 32, 64, 128, 256)


def build(slots: int = SLOTS) -> Any:
    """Return our network."""
    from fdl import memory

    return memory.DNC(
        BITS, slots, WORD, READS, "lstm", HIDDEN, inputs=BITS + 1
    )


def loss(scores: Any, bits: Any) -> Any:
    """Return the mean over all bits."""
    from fdl import nn

    return nn.binary_cross_entropy(scores, bits).mean() / BITS


def prepare() -> dict[str, Any]:
    """Return what both sides share: sequences and first weights."""
    rng = np.random.default_rng(0)
    size = (8 * BATCH, STEPS_LONG, BITS + 1)
    x = rng.integers(0, 2, size).astype("float32")
    shared: dict[str, Any] = {"x": x, "y": np.roll(x[:, :, :BITS], 3, axis=1)}
    for name, p in build()._collect_params_with_prefix().items():
        value = rng.normal(0, 0.1, p.shape)
        shared[name] = value.astype("float32")
    return shared


def ours(shared: dict[str, Any], clock: Any) -> None:
    """Train by :func:`fdl.train.fit`."""
    given = shared, clock, BATCH, RATE, loss, "float32"
    convnet.train_ours(build(), *given)


def pytorch(shared: dict[str, Any], clock: Any) -> None:
    """Train the same network, written in PyTorch's operators."""
    import torch
    from torch import nn
    from torch.nn import functional as F

    sizes = [READS * WORD, READS, WORD, 1, WORD, WORD, READS, 1, 1, READS * 3]

    def unit(x: Any) -> Any:
        return x / torch.sqrt((x * x).sum(-1, keepdim=True) + 1e-6)

    def content(rows: Any, keys: Any, strengths: Any) -> Any:
        cosine = unit(keys) @ rows.transpose(1, 2)
        return torch.softmax(strengths.unsqueeze(-1) * cosine, dim=-1)

    def allocate(usage: Any) -> Any:
        ordered, order = torch.sort(usage, dim=-1, stable=True)
        # faster than torch.cumprod, whose derivative looks for zeros
        logs = torch.log(ordered.clamp(min=1e-30))
        before = torch.exp(torch.cumsum(logs, dim=-1) - logs)
        free = torch.zeros_like(usage)
        return free.scatter(-1, order, (1 - ordered) * before)

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name in list(shared)[2:]:
                short = name.rpartition(".")[2]
                empty = torch.empty(shared[name].shape)
                setattr(self, short, nn.Parameter(empty))
            self.apart = 1 - torch.eye(SLOTS)

        def forward(self, x: Any) -> Any:
            B, T, _ = x.shape
            M = rows = torch.zeros(B, SLOTS, WORD)
            L = torch.zeros(B, SLOTS, SLOTS)
            u, w, p = (torch.zeros(B, SLOTS) for _ in range(3))
            r = torch.zeros(B, READS, SLOTS)
            c = torch.zeros(B, HIDDEN)
            seen = torch.zeros(B, HIDDEN + READS * WORD)
            z_all = F.linear(x, self.input_weight, self.controller_bias)
            found = []
            for t in range(T):
                z = z_all[:, t] + F.linear(seen, self.state_weight)
                gates, g = z.split([3 * HIDDEN, HIDDEN], dim=1)
                i, f, o = torch.sigmoid(gates).chunk(3, dim=1)
                c = f * c + i * torch.tanh(g)
                h = o * torch.tanh(c)
                ask = F.linear(h, self.interface_weight, self.interface_bias)
                kr, br, kw, bw, e, v, fg, ga, gw, pi = ask.split(sizes, dim=1)
                e, fg = torch.sigmoid(e), torch.sigmoid(fg)
                ga, gw = torch.sigmoid(ga), torch.sigmoid(gw)
                pi = torch.softmax(pi.view(B, READS, 3), dim=-1)
                # faster than torch.prod, for the same reason
                kept = 1 - fg.unsqueeze(-1) * r
                kept = kept[:, 0] * kept[:, 1] * kept[:, 2] * kept[:, 3]
                u = (u + w - u * w) * kept
                a = allocate(u)
                look = content(rows, kw.unsqueeze(1), 1 + F.softplus(bw))
                look = look[:, 0]
                w = gw * (ga * a + (1 - ga) * look)
                column, row = w.unsqueeze(2), w.unsqueeze(1)
                M = M * (1 - column * e.unsqueeze(1))
                M = M + column * v.unsqueeze(1)
                rows = unit(M)
                L = (1 - column - row) * L + column * p.unsqueeze(1)
                L = L * self.apart
                p = (1 - w.sum(1, keepdim=True)) * p + w
                keys = kr.view(B, READS, WORD)
                look = content(rows, keys, 1 + F.softplus(br))
                ahead, back = r @ L.transpose(1, 2), r @ L
                b, k, f = pi.split(1, dim=2)
                r = b * back + k * look + f * ahead
                seen = torch.cat([h, (r @ M).reshape(B, -1)], dim=1)
                found.append(seen)
            every = torch.stack(found, dim=1)
            return F.linear(every, self.output_weight, self.output_bias)

    objective = nn.BCEWithLogitsLoss()
    given = shared, clock, BATCH, RATE, objective, "float32"
    convnet.train_torch(Net(), *given)


def milliseconds(steps: int, slots: int, repeats: int = 5) -> float:
    """Return the processor time of forward and backward, least of some."""
    from fdl._mxnet import autograd
    from fdl._mxnet import np as mxnp

    net = build(slots)
    net.initialize()
    x = mxnp.ones((BATCH, steps, BITS + 1))
    times = []
    for _ in range(repeats + 1):
        start = time.process_time()
        with autograd.record():
            total = net(x).sum()
        total.backward()
        total.wait_to_read()
        net.weights.output_bias.grad().wait_to_read()
        times.append(1000 * (time.process_time() - start))
    return min(times[1:])


def growth() -> dict[str, dict[int, float]]:
    """Return what a step costs by the number of steps, and of slots."""
    return {
        "steps": {t: milliseconds(t, SLOTS) for t in LENGTHS},
        "slots": {n: milliseconds(STEPS_LONG, n) for n in MEMORIES},
    }


if __name__ == "__main__":
    json.dump(growth(), sys.stdout, indent=1)
    print()
