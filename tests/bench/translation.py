"""A training step of Chapter 7's translator, by our ``fit`` and PyTorch.

5,000 words on each side, vectors of 128, one GRU of 256 to read and one to
write, dot-product attention, the full softmax; 64 captions of 11 to 13 words.
"""

from __future__ import annotations

from typing import Any

import convnet
import numpy as np

from fdl import data
from fdl._mxnet import gluon
from fdl.data.pair_buckets import PAD, place_pair

WORDS, EMBEDDING, HIDDEN = 5000, 128, 256
BUCKET = (13, 16)
BATCH, RATE = 64, 1e-3
CHECKED, STEPS, ROUNDS = 10, 4, 15
TITLE = "translation, 5,000 words, GRUs of 256, batch 64: one training step"


class Both(gluon.HybridBlock):
    """Our network, with source and given words in one array."""

    def __init__(self) -> None:
        from fdl.language import Translator

        super().__init__()
        self.net = Translator(WORDS, WORDS, embedding=EMBEDDING, hidden=HIDDEN)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        return self.net(x[:, : BUCKET[0]], x[:, BUCKET[0] :])


def prepare() -> dict[str, Any]:
    """Return what both sides share: captions and first weights."""
    captions = data.load("multi30k", offline=True)
    split = data.TOKENIZERS["words"].split
    sides = [list(map(split, s)) for s in (captions.inputs, captions.targets)]
    words = [data.marked_vocabulary(side, WORDS) for side in sides]
    rows = [
        [w.numbers(tokens) for w, tokens in zip(words, pair)]
        for pair in zip(*sides)
        if 10 < len(pair[0]) <= BUCKET[0] and 10 < len(pair[1]) < BUCKET[1]
    ]
    source, given, wanted = place_pair(*zip(*rows[: 40 * BATCH]), BUCKET)
    x = np.concatenate([source, given], axis=1)
    return convnet.shared_arrays(Both(), x, wanted)


def ours(shared: dict[str, Any], clock: Any) -> None:
    """Train by :func:`fdl.train.fit`."""
    from fdl.language import SentenceLoss

    given = shared, clock, BATCH, RATE, SentenceLoss()
    convnet.train_ours(Both(), *given)


def pytorch(shared: dict[str, Any], clock: Any) -> None:
    """Train the same network, put together of PyTorch's layers."""
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.sources = nn.Embedding(WORDS, EMBEDDING)
            self.targets = nn.Embedding(WORDS, EMBEDDING)
            self.bias = nn.Parameter(torch.zeros(WORDS))
            self.encoder = nn.GRU(
                EMBEDDING, HIDDEN, batch_first=True, bias=False
            )
            self.decoder = nn.GRU(EMBEDDING, HIDDEN, batch_first=True)
            self.answer = nn.Linear(2 * HIDDEN, EMBEDDING)

        def parameters(self, recurse: bool = True) -> Any:
            """Yield the parameters in our order."""
            yield from (self.sources.weight, self.targets.weight, self.bias)
            for layer in (self.encoder, self.decoder, self.answer):
                yield from layer.parameters()

        def forward(self, x: Any) -> Any:
            source, given = x[:, : BUCKET[0]], x[:, BUCKET[0] :]
            mask = (source != PAD).float()
            words = self.sources(source) * mask[..., None]
            keys, state = self.encoder(words)
            states, _ = self.decoder(self.targets(given), state)
            scores = states @ keys.transpose(1, 2)
            scores = scores - ((1 - mask) * 1e9)[:, None]
            context = scores.softmax(dim=-1) @ keys
            both = torch.cat([context, states], dim=-1)
            answers = torch.tanh(self.answer(both))
            return nn.functional.linear(
                answers, self.targets.weight, self.bias
            )

    def loss(logits: Any, wanted: Any) -> Any:
        each = nn.functional.cross_entropy(
            logits.transpose(1, 2), wanted, reduction="none"
        )
        real = (wanted != PAD).float()
        return ((each * real).sum(dim=1) / real.sum(dim=1)).mean()

    convnet.train_torch(Net(), shared, clock, BATCH, RATE, loss)
