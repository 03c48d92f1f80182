"""Work in several processes, on arrays that they share.

Threads would do if they could: but a step of word2vec is some sixty short
operations of NumPy, between which Python lets one thread run at a time.

References: [1] Recht et al. 2011, arXiv:1106.5730.
"""

from __future__ import annotations

import mmap
import multiprocessing
from typing import Any, Callable

import numpy as np

from fdl.scratch._checks import whole

__all__ = ["forked", "shared"]


def shared(array: np.ndarray) -> np.ndarray:
    """Return a copy that processes forked afterwards share with this one.

    Examples
    --------
    >>> numbers = shared(np.zeros(3))
    >>> def work(k):
    ...     numbers[k] = k + 1
    >>> _ = forked(3, work)
    >>> numbers
    array([1., 2., 3.])
    """
    memory = mmap.mmap(-1, max(1, array.nbytes))
    copy = np.frombuffer(memory, array.dtype, array.size).reshape(array.shape)
    copy[...] = array
    return copy


def forked(workers: int, work: Callable[[int], Any]) -> list[Any]:
    """Return [work(0), work(1), …], each from a process of its own.

    Parameters
    ----------
    workers : int
        How many. They must not call MXNet, whose threads stay behind.
    work : callable
        What it returns, or raises, must be such that it can be pickled.

    Raises
    ------
    Exception
        The first that a worker raised, when all have ended.

    Examples
    --------
    >>> forked(3, lambda k: k * k)
    [0, 1, 4]
    """
    context: Any = multiprocessing.get_context("fork")

    def tell(end: Any, k: int) -> None:
        try:
            end.send((work(k), None))
        except Exception as error:
            end.send((None, error))

    started = []
    for k in range(whole("workers", workers)):
        here, there = context.Pipe(duplex=False)
        process = context.Process(target=tell, args=(there, k), daemon=True)
        process.start()
        there.close()  # so that a worker's death is an end of the file
        started.append((process, here))
    found = []
    for process, here in started:
        try:
            found.append(here.recv())
        except EOFError:
            found.append((None, ChildProcessError("A worker was killed.")))
        process.join()
    for _, error in found:
        if error is not None:
            raise error
    return [result for result, _ in found]
