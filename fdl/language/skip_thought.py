"""Skip-thought vectors: a sentence by what stands before it and after it.

One encoder reads a sentence; its last state is the *thought*. Two decoders
begin at the thought, and are to say the sentence before, and the one after,
word by word.

[1] Kiros et al. 2015, "Skip-Thought Vectors", arXiv:1506.06726

Letters: ``B`` batch; ``T`` words of a sentence; ``V`` words of the
vocabulary; ``X`` dimensions of an embedding; ``H`` those of a thought.

Differences from the paper:

1. It is small: the paper's thoughts have 2,400 dimensions, learned from 74
   million sentences.
2. A decoder is given the thought as its first state, as the book has it; in
   the paper every step of it sees the thought.

Book: ch. 7, "Solving seq2seq Tasks with Recurrent Neural Networks"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Optional

import numpy as onp

from fdl import data
from fdl._mxnet import gluon, mx, nn, np
from fdl.data.pair_buckets import EOS, GO, PAD
from fdl.errors import must
from fdl.nn._checks import check_whole
from fdl.nn.cells import GRUCell
from fdl.nn.losses import masked_cross_entropy
from fdl.nn.recurrent import run
from fdl.scratch._checks import numbered

__all__ = ["SkipThought", "Triples", "thought_loss"]

FIRST = 3  # the first word's number, behind those of no words


class Triples:
    """Minibatches of sentences with their neighbours.

    Each pair (x, y) holds x: the sentences `(B, T)`, their lengths `(B,)`,
    and what the decoders are given `(B, 2, T + 1)`, the neighbours behind
    GO; and y `(B, 2, T + 1, 2)`: what they should say, EOS behind the
    neighbour, and 1 where that is real.

    Parameters
    ----------
    sentences : sequence of int sequences
        Numbers of words from 0 up, in the text's order. One that is empty
        ends a run: neighbours do not see each other across it.
    length : int
        T; longer ones lose their ends.
    batch_size : int
        B.
    shuffle : bool
        Mix the triples anew in each epoch.
    seed : int
        Chooses the orders.

    Examples
    --------
    The middle one of three sentences has two neighbours, of one word each.
    Both decoders get it behind GO, 1, and are to say it before EOS, 2:

    >>> (((x, lengths, given), y),) = Triples([[0], [1, 1], [2]], 2, 1)
    >>> x.tolist(), given[0].tolist()
    ([[4, 4]], [[1, 3, 0], [1, 5, 0]])
    >>> y[0, :, :, 0].tolist()
    [[3.0, 2.0, 0.0], [5.0, 2.0, 0.0]]
    """

    def __init__(
        self,
        sentences: Sequence[Any],
        length: int,
        batch_size: int,
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        check_whole(length=length)
        rows = [row[:length] for row in _numbers(sentences)]
        self.centres = onp.array(
            [
                k
                for k in range(1, len(rows) - 1)
                if min(len(rows[j]) for j in (k - 1, k, k + 1))
            ],
            int,
        )
        if not len(self.centres):
            rule = "hold three in a row that are not empty"
            raise must("sentences", f"{len(rows)} sentences", rule)
        self._read, self._lengths = data.pad(rows, length)
        behind_go = ([GO, *row] for row in rows)
        self._given, _ = data.pad(behind_go, length + 1, PAD)
        self._said, said = data.pad(
            ([*row, EOS] for row in rows), length + 1, PAD
        )
        self._real = onp.arange(length + 1) < said[:, None]
        self._batches = data.Minibatches(
            self.centres, self.centres, batch_size, shuffle, seed
        )

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Any]:
        """Yield the batches of one epoch."""
        for k, _ in self._batches.epoch(epoch):
            sides = onp.stack([k - 1, k + 1], axis=1)  # (B, 2)
            y = onp.stack([self._said[sides], self._real[sides]], axis=-1)
            x = (self._read[k], self._lengths[k], self._given[sides])
            yield x, y.astype(onp.float32)


class SkipThought(gluon.HybridBlock):
    """Scores `(B, 2, T + 1, V + 3)` of the words of both neighbours.

    Parameters
    ----------
    words : int
        V.
    embedding : int
        X.
    hidden : int
        H.

    Examples
    --------
    >>> batches = Triples([[0, 1], [2, 3, 4], [1]], length=3, batch_size=1)
    >>> net = SkipThought(5, embedding=4, hidden=6)
    >>> net.initialize()
    >>> net.think([[2, 3, 4], [1]], 3).shape
    (2, 6)
    """

    def __init__(
        self,
        words: int,
        *,
        embedding: int = 128,
        hidden: int = 256,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_whole(words=words, embedding=embedding, hidden=hidden)
        self.words, self.hidden = words, hidden
        with self.name_scope():
            self.embedding = nn.Embedding(
                words + FIRST,
                embedding,
                weight_initializer=mx.init.Normal(0.1),
            )
            self.encoder = GRUCell(hidden, inputs=embedding)
            self.before = GRUCell(hidden, inputs=embedding)
            self.after = GRUCell(hidden, inputs=embedding)
            self.output = nn.Dense(
                words + FIRST, flatten=False, weight_initializer="xavier"
            )

    def hybrid_forward(self, F: Any, x: Any, lengths: Any, given: Any) -> Any:
        """Return the scores, for what :class:`Triples` gives."""
        thought = self.encode(x, lengths)
        heard = self.embedding(given)  # (B, 2, T + 1, X)
        said = [
            run(cell, heard[:, side], state=[thought])[0]
            for side, cell in enumerate((self.before, self.after))
        ]
        return self.output(F.np.stack(said, axis=1))

    def encode(self, x: Any, lengths: Any) -> Any:
        """Return the thoughts `(B, H)`: the encoder's last states."""
        _, [thought] = run(self.encoder, self.embedding(x), lengths)
        return thought

    def think(self, sentences: Sequence[Any], length: int) -> onp.ndarray:
        """Return the thoughts of sentences, `(N, H)`.

        Parameters
        ----------
        sentences : sequence of int sequences
            Numbers of words, from 0 up.
        length : int
            Longer ones lose their ends.
        """
        x, lengths = data.pad(_numbers(sentences, self.words), length)
        device = self.output.weight.list_ctx()[0]
        found = [
            self.encode(
                np.array(x[k : k + 500], dtype="int32", ctx=device),
                np.array(lengths[k : k + 500], dtype="int32", ctx=device),
            ).asnumpy()
            for k in range(0, len(x), 500)
        ]
        return onp.concatenate(found)


def _numbers(
    sentences: Sequence[Any], words: Optional[int] = None
) -> list[onp.ndarray]:
    """Return sentences in the network's numbers, behind those of no words."""
    if not len(sentences):
        raise must("sentences", [], "hold one at least")
    rows = [numbered(row) for row in sentences]
    for row in rows:
        if row.ndim != 1 or (row.size and row.dtype.kind not in "iu"):
            raise must("sentences", row, "hold rows of whole numbers")
        wrong = row < 0 if words is None else (row < 0) | (row >= words)
        if wrong.any():
            end = "up" if words is None else f"to {words - 1}"
            rule = f"hold numbers of words from 0 {end}"
            raise must("sentences", int(row[wrong][0]), rule)
    return [row.astype(int) + FIRST for row in rows]


def thought_loss(scores: Any, y: Any) -> Any:
    """Return each triple's mean loss of a word, over both neighbours.

    Parameters
    ----------
    scores : array `(B, 2, T + 1, V + 3)`
        What the network puts out.
    y : array `(B, 2, T + 1, 2)`
        What should have been said, and 1 where that is real.

    Examples
    --------
    Scores that do not differ are a guess among five words, wherever one is
    real:

    >>> y = np.array([[[[3, 1], [2, 1]], [[4, 1], [0, 0]]]])
    >>> thought_loss(np.zeros((1, 2, 2, 5)), y).round(2)  # ln 5
    array([1.61])
    """
    before, after = (
        masked_cross_entropy(
            scores[:, side], y[:, side, :, 0], y[:, side, :, 1]
        )
        for side in (0, 1)
    )
    return (before + after) / 2
