"""Buckets: minibatches of sequences that are about equally long.

A batch is as long as its longest row, and padding costs as much time as
words do. So each sequence goes into the smallest bucket that holds it, and a
batch takes all its rows from one bucket.

Letters: ``N`` sequences, ``B`` batch, ``T`` steps.

Book: ch. 7, "Dissecting a Neural Translation Network"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fdl.data.batches import Minibatches
from fdl.errors import must
from fdl.scratch._checks import numbered, whole

__all__ = ["Buckets"]

Batch = tuple[tuple[np.ndarray, np.ndarray], np.ndarray]


class Buckets:
    """Padded sequences, a few of one bucket at a time.

    The order of an epoch depends on the seed and on the epoch's number and
    on nothing else. Iterating yields epoch 0, every time; :meth:`epoch`
    yields the others.

    Parameters
    ----------
    x : array `(N, T, …)`
        The sequences, padded at their ends.
    lengths : array `(N,)`
        How many steps of each are real, 0 to T.
    y : array `(N, …)`
        What should come out.
    batch_size : int
        Rows at a time.
    edges : sequence of int
        How long the rows of each bucket are, the shortest first; the last
        one is T, or is added.
    shuffle : bool
        Mix the rows and the batches anew in each epoch.
    seed : int
        Chooses the orders.

    Examples
    --------
    >>> x = np.arange(12).reshape(4, 3)
    >>> batches = Buckets(x, [1, 3, 2, 1], x[:, 0], 2, [1], shuffle=False)
    >>> for (rows, lengths), y in batches:
    ...     print(rows.tolist(), lengths.tolist(), y.tolist())
    [[0], [9]] [1, 1] [0, 9]
    [[3, 4, 5], [6, 7, 8]] [3, 2] [3, 6]
    """

    def __init__(
        self,
        x: Any,
        lengths: Any,
        y: Any,
        batch_size: int,
        edges: Sequence[int] = (),
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        self.x, self.y = np.asarray(x), np.asarray(y)
        given = numbered(lengths)
        if given.size and given.dtype.kind not in "iu":
            raise must("lengths", given, "be whole numbers")
        self.lengths = given.astype(np.int32)
        if self.x.ndim < 2:
            raise must("x", self.x.shape, "have the shape (N, T, …)")
        size = self.x.shape[:1]
        if not len(self.x):
            raise must("x", self.x.shape, "hold at least one sequence")
        if self.lengths.shape != size:
            raise must("lengths", self.lengths.shape, f"have the shape {size}")
        if self.y.shape[:1] != size:
            raise must("y", self.y.shape, f"have {len(self.x)} rows, as `x`")
        longest = self.x.shape[1]
        if self.lengths.min() < 0 or self.lengths.max() > longest:
            wrong = (self.lengths < 0) | (self.lengths > longest)
            rule = f"be from 0 to {longest}"
            raise must("lengths", int(self.lengths[wrong][0]), rule)
        for edge in edges:
            whole("edges", edge)
        wanted = [*edges, longest] if longest not in edges else [*edges]
        if wanted != sorted(set(wanted)) or wanted[0] < 1:
            raise must("edges", edges, f"rise from 1 or more to {longest}")
        self.edges = tuple(wanted)
        self.batch_size, self.shuffle, self.seed = batch_size, shuffle, seed
        # the smallest bucket that holds a sequence
        home = np.searchsorted(self.edges, self.lengths)
        self._rows = [
            np.flatnonzero(home == k) for k in range(len(self.edges))
        ]
        self._inner = [
            Minibatches(rows, rows, batch_size, shuffle, seed)
            for rows in self._rows
            if len(rows)
        ]

    @property
    def examples(self) -> int:
        """Number of sequences."""
        return len(self.x)

    def __len__(self) -> int:
        return sum(len(inner) for inner in self._inner)

    def __repr__(self) -> str:
        held = ", ".join(
            f"{len(rows):,} to {edge}"
            for rows, edge in zip(self._rows, self.edges)
        )
        return f"Buckets({held})"

    def __iter__(self) -> Iterator[Batch]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of one epoch, those of all buckets mixed.

        Parameters
        ----------
        epoch : int
            The epoch's number, from 0 up.

        Yields
        ------
        (x, lengths), y : arrays
            `(B, edge, …)`, `(B,)` and `(B, …)`.
        """
        batches = [
            rows for inner in self._inner for rows, _ in inner.epoch(epoch)
        ]
        if self.shuffle:
            rng = np.random.default_rng([self.seed, epoch, len(batches)])
            batches = [batches[k] for k in rng.permutation(len(batches))]
        return map(self._batch, batches)

    def _batch(self, rows: np.ndarray) -> Batch:
        lengths = self.lengths[rows]
        edge = self.edges[int(np.searchsorted(self.edges, lengths.max()))]
        return (self.x[rows, :edge], lengths), self.y[rows]
