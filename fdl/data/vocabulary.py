"""A vocabulary: words and numbers, and how often each word came.

Letters: ``V`` words.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Optional

import numpy as np

from fdl.data.text import Text
from fdl.errors import DataError, must, refuse_text
from fdl.scratch._checks import whole

__all__ = ["END", "Vocabulary", "keep_probability", "tally"]

END = -1  # stands in encoded text where a line ends
_OUT = -2  # a word without a number
_MARK = "\x00"  # a line's end, as a word
NEAREST = 50_000  # how many of the commonest words a misspelt one is held to


def tally(text: Text, room: int = 2_000_000) -> tuple[Counter[str], int]:
    """Count a text's words in bounded memory.

    Whenever more than `room` different words are in the table, the rarest
    are thrown out, until half of it is free. A word that was thrown out and
    comes again starts at 0, so its count may be too low; by how much, at
    most, is returned.

    Parameters
    ----------
    text : Text
        What to count.
    room : int
        How many different words to keep in memory.

    Returns
    -------
    Counter, int
        The counts, and how much one may be too low: 0 if nothing was ever
        thrown out.

    Examples
    --------
    >>> counts, missing = tally(Text.of(["a rose is a rose"]))
    >>> counts.most_common(2), missing
    ([('a', 2), ('rose', 2)], 0)
    """
    whole("room", room, 2)
    counts: Counter[str] = Counter()
    missing = 0
    for piece in text.pieces():
        counts.update(piece.split())
        if len(counts) > room:
            sizes = np.fromiter(counts.values(), np.int64, len(counts))
            # what is left out may have come that often before
            least = int(np.partition(sizes, -(room // 2))[-(room // 2)])
            missing += least
            counts = Counter({w: n for w, n in counts.items() if n > least})
    return counts, missing


class Vocabulary:
    """Words, numbered from the commonest one.

    Parameters
    ----------
    words : sequence of str
        The words, the commonest first.
    counts : sequence of int
        How often each came.
    unknown : str, optional
        The word that stands for all that have no number. Without it, they
        are left out of an encoded text, and their neighbours move together.

    Attributes
    ----------
    words : list of str
        The words.
    counts : array `(V,)`
        How often each came, int64.

    Examples
    --------
    >>> text = Text.of(["the boy went to the bank"])
    >>> vocabulary = Vocabulary.count(text, size=3)
    >>> vocabulary.words, vocabulary.counts.tolist()
    (['the', 'bank', 'boy'], [2, 1, 1])
    >>> vocabulary.encode("the boy to bank").tolist()
    [0, 2, 1]
    """

    def __init__(
        self,
        words: Sequence[str],
        counts: Sequence[int],
        unknown: Optional[str] = None,
    ) -> None:
        refuse_text("words", words, "be a list of words")
        self.words = list(words)
        given = np.asarray(counts)
        if not self.words or given.shape != (len(self.words),):
            rule = f"hold one count for each of the {len(self.words)} words"
            raise must("counts", given.shape, f"{rule}, one at least")
        if given.dtype.kind not in "iu" or given.min() < 0:
            raise must("counts", given, "be whole numbers from 0 up")
        self.counts = given.astype(np.int64)
        self._number = {word: k for k, word in enumerate(self.words)}
        if len(self._number) < len(self.words):
            raise must("words", f"{len(self.words)} words", "all differ")
        strings = all(isinstance(word, str) for word in self.words)
        if not strings or _MARK in self._number:
            rule = f"be strings, and none of them {_MARK!r}"
            raise must("words", self.words, rule)
        if unknown is not None and unknown not in self._number:
            raise must("unknown", unknown, "be one of the words")
        self.unknown = unknown
        self._other = _OUT if unknown is None else self._number[unknown]
        # a line's end is looked up as a word is
        self._number[_MARK] = END

    @classmethod
    def count(
        cls,
        text: Text,
        size: int = 10_000,
        least: int = 1,
        unknown: Optional[str] = None,
        room: int = 2_000_000,
    ) -> Vocabulary:
        """Return the vocabulary of a text: its commonest words.

        Equally common words are in alphabetical order.

        Parameters
        ----------
        text : Text
            What to count.
        size : int
            V at most.
        least : int
            How often a word must have come.
        unknown : str, optional
            A word for all others, for example ``"<unk>"``; it is among the
            V, and its count is that of all words left out.
        room : int
            How many different words to keep in memory meanwhile.

        Raises
        ------
        DataError
            If there are no such words.
        """
        whole("size", size)
        whole("least", least)
        counts, _ = tally(text, max(room, 2 * size))
        total = sum(counts.values())
        if unknown is not None:
            counts.pop(unknown, None)
        ranked = sorted(
            (item for item in counts.items() if item[1] >= least),
            key=lambda item: (-item[1], item[0]),
        )[: size - (unknown is not None)]
        if unknown is not None and total:
            rest = total - sum(n for _, n in ranked)
            ranked.append((unknown, rest))
            ranked.sort(key=lambda item: (-item[1], item[0]))
        if not ranked:
            name = text.source.name
            rare = f" that comes {least} times" if least > 1 else ""
            raise DataError(f"The text {name!r} holds no word{rare}.")
        words, numbers = zip(*ranked)
        return cls(words, numbers, unknown)

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._number and word != _MARK

    def __repr__(self) -> str:
        some = ", ".join(self.words[:3])
        return f"Vocabulary({len(self):,} words: {some}, …)"

    def index(self, word: str) -> int:
        """Return a word's number.

        Raises
        ------
        ValueError
            If it has none; the message offers the nearest spellings.

        Examples
        --------
        >>> Vocabulary(["bank", "boy"], [2, 1]).index("banq")
        Traceback (most recent call last):
        ValueError: `word` (='banq') must be in the vocabulary of 2 words; \
did you mean bank?
        """
        number = self._number.get(word, END)
        if number == END:
            common = self.words[:NEAREST]
            near = difflib.get_close_matches(str(word), common, 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            rule = f"be in the vocabulary of {len(self):,} words{hint}"
            error = must("word", word, rule)
            raise ValueError(str(error).replace("?.", "?"))
        return number

    def encode(self, piece: str) -> np.ndarray:
        """Return the numbers of the words in a string, int32 `(n,)`.

        Where a line ends stands ``END``, −1.
        """
        return self._look_up(piece.replace("\n", f" {_MARK} ").split())

    def numbers(self, tokens: Sequence[str]) -> np.ndarray:
        """Return the numbers of tokens, which may hold blanks.

        Examples
        --------
        >>> Vocabulary(["I ", "re", "?"], [1, 1, 0], "?").numbers(["I ", "ad"])
        array([0, 2], dtype=int32)
        """
        refuse_text("tokens", tokens, "be a list of tokens")
        numbers = self._look_up(tokens)
        # no token ends a line here, whatever it looks like
        numbers[numbers == END] = self._other
        return numbers[numbers != _OUT]

    def _look_up(self, words: Sequence[str]) -> np.ndarray:
        # one call for all words: no loop of Python's runs here
        found = map(self._number.get, words, repeat(self._other))
        numbers = np.fromiter(found, np.int32, len(words))
        return numbers[numbers != _OUT] if self.unknown is None else numbers

    def stream(self, text: Text) -> Iterator[np.ndarray]:
        """Yield a text piece by piece, encoded."""
        for piece in text.pieces():
            yield self.encode(piece)

    def encode_all(self, text: Text) -> np.ndarray:
        """Return a whole text, encoded: 4 bytes a word.

        Raises
        ------
        DataError
            If no word of it is in the vocabulary.
        """
        pieces = list(self.stream(text))
        numbers = np.concatenate(pieces) if pieces else np.empty(0, np.int32)
        if not (numbers != END).any():
            raise DataError(
                f"The text {text.source.name!r} holds no word of the "
                f"vocabulary of {len(self):,} words."
            )
        return numbers

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """Return the words with these numbers; ``END`` ends a line."""
        numbers, V = list(numbers), len(self)
        for k in numbers:
            if not END <= k < V:
                rule = f"be from 0 to {V - 1}, or -1 where a line ends"
                raise must("numbers", k, rule)
        return ["\n" if k == END else self.words[k] for k in numbers]


def keep_probability(counts: np.ndarray, threshold: float) -> np.ndarray:
    """Return how likely each word is to survive subsampling.

    ::

        keep_w = min(1, √(t / f_w))      f_w = count_w / Σ counts

    Words commoner than the threshold are thinned out, so that "the" teaches
    no more than it knows.

    Parameters
    ----------
    counts : array `(V,)`
        How often each word came.
    threshold : float
        t; 0 keeps every word.

    Examples
    --------
    >>> keep_probability(np.array([96, 4]), 0.24).round(2)
    array([0.5, 1. ])
    """
    if not 0 <= threshold < 1:
        raise must("threshold", threshold, "be from 0 up and below 1")
    if threshold == 0:
        return np.ones(len(counts))
    counts = np.asarray(counts)
    if not counts.sum() > 0 or counts.min() < 0:
        raise must("counts", counts, "be from 0 up, and one of them above 0")
    frequency = counts / counts.sum()
    # keep_w = min(1, √(t / f_w))
    return np.minimum(1, np.sqrt(threshold / np.maximum(frequency, 1e-300)))
