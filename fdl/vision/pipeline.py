"""Minibatches that are changed on their way, in a thread of their own.

Book: ch. 5, "Image Preprocessing Pipelines Enable More Robust Models"
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable

import numpy as onp

from fdl.data import Minibatches
from fdl.scratch._checks import whole

__all__ = ["Augmented"]


class Augmented:
    """Minibatches, each augmented while the network learns from another.

    What a minibatch becomes depends on the seed, on the epoch's number and on
    its own, and on nothing else: not on the thread, and not on where a run
    was taken up again.

    Parameters
    ----------
    batches : Minibatches
        What to change.
    augment : callable
        Called as ``augment(x, rng)`` with the inputs `(B, …)` of a minibatch
        and a ``numpy.random.Generator``; returns the new inputs.
    ahead : int
        How many minibatches to have ready; each takes its memory.

    Attributes
    ----------
    waited : float
        Seconds that training has waited for minibatches, the first of each
        epoch left out: the stall.

    Examples
    --------
    >>> from fdl.vision import augment
    >>> images = onp.zeros((5, 3, 32, 32), onp.uint8)
    >>> plain = Minibatches(images, onp.arange(5), 2)
    >>> batches = Augmented(plain, augment.distort)
    >>> [x.shape for x, y in batches]
    [(2, 3, 24, 24), (2, 3, 24, 24), (1, 3, 24, 24)]
    """

    def __init__(
        self,
        batches: Minibatches,
        augment: Callable[[Any, onp.random.Generator], Any],
        ahead: int = 4,
    ) -> None:
        if not isinstance(batches, Minibatches):
            raise TypeError(
                f"`batches` (=a {type(batches).__name__}) must be "
                "data.Minibatches."
            )
        if not callable(augment):
            raise TypeError(
                f"`augment` (={augment!r}) must be callable, as "
                "augment(x, rng)."
            )
        whole("ahead", ahead)
        self.batches = batches
        self.augment = augment
        self.ahead = ahead
        self.waited = 0.0
        # by these a checkpoint knows the run that it belongs to
        self.examples, self.batch_size = batches.examples, batches.batch_size
        self.shuffle, self.seed = batches.shuffle, batches.seed
        self.last = batches.last

    def __len__(self) -> int:
        return len(self.batches)

    def __repr__(self) -> str:
        name = getattr(self.augment, "__name__", type(self.augment).__name__)
        return f"Augmented({self.batches!r}, {name}, ahead={self.ahead})"

    def __iter__(self) -> Iterator[tuple[onp.ndarray, onp.ndarray]]:
        return self.epoch(0)

    def epoch(self, epoch: int) -> Iterator[tuple[onp.ndarray, onp.ndarray]]:
        """Yield the minibatches of one epoch.

        Parameters
        ----------
        epoch : int
            The epoch's number, from 0 up.

        Yields
        ------
        x, y : ndarray
            `(B, …)` each; x is what `augment` made of it.
        """
        return self._epoch(epoch, self.batches.epoch(epoch))

    def _epoch(self, epoch: int, plain: Iterator[Any]) -> Iterator[Any]:
        waiting: deque[Future[Any]] = deque()
        first = True
        with ThreadPoolExecutor(1, "augment") as thread:
            try:
                for number, (x, y) in enumerate(plain):
                    rng = [self.seed, epoch, number]
                    waiting.append(thread.submit(self._make, x, y, rng))
                    if len(waiting) > self.ahead:
                        yield self._wait(waiting.popleft(), first)
                        first = False
                while waiting:
                    yield self._wait(waiting.popleft(), first)
                    first = False
            finally:  # an epoch that is left early
                thread.shutdown(wait=False, cancel_futures=True)

    def _make(self, x: Any, y: Any, seed: list[int]) -> tuple[Any, Any]:
        return self.augment(x, onp.random.default_rng(seed)), y

    def _wait(self, made: Future[Any], first: bool) -> tuple[Any, Any]:
        start = time.perf_counter()
        batch = made.result()
        if not first:
            self.waited += time.perf_counter() - start
        return batch
