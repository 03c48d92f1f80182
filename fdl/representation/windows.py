"""Windows of text: which neighbours a word is trained with.

Letters: ``T`` words; ``w`` the window, to each side; ``W = 2w + 1``; ``L``
words of a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional

import numpy as onp

from fdl.data.vocabulary import END
from fdl.errors import must

__all__ = [
    "Chunk",
    "block",
    "check_window",
    "chosen",
    "chunks",
    "stretches",
]

CHUNK = 1 << 16  # words that are prepared together
BLOCK = 16  # longer ones waste more of the band, shorter ones take more calls


def block(window: int) -> int:
    """Return L, of how many words a block is: at least all neighbours.

    Examples
    --------
    >>> block(2), block(20)
    (16, 40)
    """
    return max(BLOCK, 2 * window)


class Chunk(NamedTuple):
    """A stretch of text, without the marks of its lines' ends.

    An example is at :func:`chunks`.

    Attributes
    ----------
    words : array `(T,)`
        The words' numbers.
    lines : array `(T,)`
        Which line each word is in; words of different lines do not meet.
    read : int
        How many words it took, those included that were thinned out.
    """

    words: onp.ndarray
    lines: onp.ndarray
    read: int


def chunks(
    pieces: Iterable[onp.ndarray],
    keep: Optional[onp.ndarray] = None,
    rng: Optional[onp.random.Generator] = None,
    size: int = CHUNK,
) -> Iterator[Chunk]:
    """Cut an encoded text into stretches, and thin out its common words.

    Parameters
    ----------
    pieces : iterable of arrays
        Words' numbers, −1 where a line ends.
    keep : array `(V,)`, optional
        How likely each word is to stay.
    rng : Generator, optional
        Decides which do.
    size : int
        T at most.

    Yields
    ------
    Chunk

    Examples
    --------
    >>> (one,) = chunks([onp.array([4, 7, -1, 4])])
    >>> one.words, one.lines, one.read
    (array([4, 7, 4]), array([0, 0, 1]), 3)
    """
    rest = onp.empty(0, onp.int32)
    for piece in pieces:
        rest = onp.concatenate([rest, piece]) if len(rest) else piece
        whole = len(rest) - len(rest) % size
        for start in range(0, whole, size):
            yield from _chunk(rest[start : start + size], keep, rng)
        rest = rest[whole:]
    yield from _chunk(rest, keep, rng)


def _chunk(
    numbers: onp.ndarray,
    keep: Optional[onp.ndarray],
    rng: Optional[onp.random.Generator],
) -> Iterator[Chunk]:
    ends = numbers == END
    lines = onp.cumsum(ends)
    stay = ~ends
    read = int(stay.sum())
    if keep is not None and rng is not None:
        stay &= rng.random(len(numbers), onp.float32) < keep[numbers]
    if stay.any():
        yield Chunk(numbers[stay], lines[stay], read)


def chosen(
    lines: onp.ndarray,
    window: int,
    skips: Optional[int],
    rng: onp.random.Generator,
) -> onp.ndarray:
    """Return which neighbours each word is trained with.

    Parameters
    ----------
    lines : array `(T,)`
        Which line each word is in.
    window : int
        w.
    skips : int or None
        How many of the 2w neighbours to take, by chance, without one twice;
        all, where there are fewer. With None, all within a radius that is
        drawn for each word from 1 to w, so that near ones come more often.
    rng : Generator
        Chance.

    Returns
    -------
    array `(T, W)` of bool
        Column w + j is for the neighbour j places to the right; the middle
        column is always False.

    Examples
    --------
    >>> rng = onp.random.default_rng(0)
    >>> chosen(onp.array([0, 0, 1]), 1, 2, rng).astype(int)
    array([[0, 0, 1],
           [1, 0, 0],
           [0, 0, 0]])
    """
    padded = onp.pad(lines, window, constant_values=-1)
    view = onp.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1)
    near = view == lines[:, None]  # (T, W)
    near[:, window] = False
    if skips is None:
        radius = rng.integers(1, window + 1, (len(lines), 1))
        near &= abs(onp.arange(-window, window + 1)) <= radius
    elif skips < 2 * window:
        key = rng.random(near.shape, onp.float32)
        key[~near] = 2
        last = onp.partition(key, skips - 1, axis=1)[:, skips - 1, None]
        near &= key <= last
    return near


def check_window(window: int, chunk: Chunk) -> None:
    """Raise if no line of a text is as long as the window.

    Examples
    --------
    >>> (one,) = chunks([onp.array([4, 7, -1, 4])])
    >>> check_window(1, one)
    >>> check_window(5, one)
    Traceback (most recent call last):
    ...
    ValueError: `window` (=5) must be below 2, the words of the text's long...
    """
    longest = int(onp.bincount(chunk.lines).max())
    if window >= longest > 1:
        rule = f"be below {longest}, the words of the text's longest line"
        raise must("window", window, rule)


def stretches(
    words: onp.ndarray, near: onp.ndarray, T: int
) -> Iterator[tuple[onp.ndarray, onp.ndarray]]:
    """Cut a chunk into what one step takes at a time.

    Parameters
    ----------
    words : array `(N,)`
        A chunk's words.
    near : array `(N, W)`
        Their neighbours, of :func:`chosen`.
    T : int
        Words of a step; more than a block are rounded to whole blocks.

    Yields
    ------
    words, near : arrays `(T + 2w,)` and `(T, W)`
        T words with their neighbours; the last ones are filled up with words
        that meet nobody.

    Examples
    --------
    Five words, of a window of one, in steps of two:

    >>> near = onp.ones((5, 3), bool)
    >>> for words, _ in stretches(onp.arange(1, 6), near, 2):
    ...     print(words)
    [0 1 2 3]
    [2 3 4 5]
    [4 5 0 0]
    """
    w = near.shape[1] // 2
    L = block(w)
    T = T if T < L else T - T % L
    more = -len(words) % T
    words = onp.pad(words, (w, w + more))
    near = onp.pad(near, ((0, more), (0, 0)))
    for start in range(0, len(near), T):
        yield words[start : start + T + 2 * w], near[start : start + T]
