"""Minibatches: rows in an order that is random, and always the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from fdl.errors import must
from fdl.scratch._checks import whole

__all__ = ["Minibatches"]


class Minibatches:
    """Rows of two arrays, a few at a time.

    The order of an epoch depends on the seed and on the epoch's number and
    on nothing else, so a run that is taken up again at epoch 7 sees what an
    unbroken one would have seen there. Iterating yields epoch 0, every time;
    :meth:`epoch` yields the others.

    Parameters
    ----------
    x, y : ndarray
        `(N, …)` each: what goes in and what should come out.
    batch_size : int
        Rows at a time.
    shuffle : bool
        Mix the rows anew in each epoch; otherwise keep their order.
    seed : int
        Chooses the orders.
    last : str
        What becomes of a last batch that is not full: ``"keep"`` yields it
        as it is, ``"drop"`` leaves its rows out of this epoch.

    Attributes
    ----------
    examples : int
        Number of rows, `N`.

    Examples
    --------
    >>> rows = np.arange(5)
    >>> batches = Minibatches(rows, rows, 2, shuffle=False)
    >>> [x.tolist() for x, y in batches]
    [[0, 1], [2, 3], [4]]
    >>> len(batches), len(Minibatches(rows, rows, 2, last="drop"))
    (3, 2)
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        batch_size: int,
        shuffle: bool = True,
        seed: int = 0,
        last: str = "keep",
    ) -> None:
        self.x, self.y = np.asarray(x), np.asarray(y)
        for label, array in (("x", self.x), ("y", self.y)):
            if array.ndim < 1 or not len(array):
                raise must(label, array.shape, "have at least one row")
        if len(self.x) != len(self.y):
            rule = f"have as many rows as `x`, {len(self.x)}"
            raise must("y", self.y.shape, rule)
        self.batch_size = whole("batch_size", batch_size)
        self.seed = whole("seed", seed, 0)
        if last not in ("keep", "drop"):
            raise must("last", last, "be 'keep' or 'drop'")
        if last == "drop" and batch_size > len(self.x):
            rule = f"be at most the {len(self.x)} rows when last='drop'"
            raise must("batch_size", batch_size, rule)
        self.shuffle = bool(shuffle)
        self.last = last

    @property
    def examples(self) -> int:
        """Number of rows."""
        return len(self.x)

    def __len__(self) -> int:
        full, rest = divmod(self.examples, self.batch_size)
        return full + (1 if rest and self.last == "keep" else 0)

    def __repr__(self) -> str:
        return (
            f"Minibatches({self.examples:,} rows in {len(self):,} batches of "
            f"{self.batch_size}, shuffle={self.shuffle}, seed={self.seed}, "
            f"last={self.last!r})"
        )

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the batches of one epoch.

        Parameters
        ----------
        epoch : int
            The epoch's number, from 0 up.

        Yields
        ------
        x, y : ndarray
            `(B, …)` each; copies when shuffled, views otherwise.
        """
        return self._batches(whole("epoch", epoch, 0))

    def _batches(self, epoch: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        order = None
        if self.shuffle:
            rng = np.random.default_rng([self.seed, epoch])
            order = rng.permutation(self.examples)
        for batch in range(len(self)):
            rows = slice(
                batch * self.batch_size, (batch + 1) * self.batch_size
            )
            chosen = rows if order is None else order[rows]
            yield self.x[chosen], self.y[chosen]
