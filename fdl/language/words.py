"""What a network sees of a word: its vector, and how it is written.

Files of vectors spell words in their own ways: GloVe's in small letters,
word2vec's with ``#`` for each digit and ``_`` for each hyphen. `spellings`
tries them all. A word that no spelling finds gets numbers at random, always
the same ones.

Letters: ``V`` words, ``d`` numbers of a vector, ``F`` marks of a spelling.

Book: ch. 7, "Implementing a Part-of-Speech Tagger"
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as onp

from fdl.errors import must, refuse_text
from fdl.scratch._checks import whole

__all__ = ["Marks", "WordTable", "join_phrases", "shape", "spellings"]

SPREAD = 0.25  # numbers of unknown words, to both sides of 0, as in the book


def spellings(word: str) -> list[str]:
    """Return how a file of vectors may spell a word, the likeliest first.

    As it is; with digits and hyphens folded as word2vec's are; both again in
    small letters; with 0 for every digit.

    Examples
    --------
    >>> spellings("Mid-1990")
    ['Mid-1990', 'Mid_####', 'mid-1990', 'mid_####', 'Mid-0000']
    >>> spellings("the")
    ['the']
    """
    folded = re.sub(r"\d", "#", word).replace("-", "_")
    zeros = re.sub(r"\d", "0", word)
    ways = (word, folded, word.lower(), folded.lower(), zeros)
    return list(dict.fromkeys(ways))


def join_phrases(
    words: Sequence[str], tags: Sequence[str], known: Any
) -> tuple[list[str], list[str]]:
    """Join two words that have one vector, as the book does.

    "New York" is one word, "New_York", if `known` holds that and both words
    have the same tag, which it keeps. So the tags decide what is one word; a
    text without tags cannot be joined so.

    Parameters
    ----------
    words, tags : sequence of str
        Of one sentence.
    known : container of str
        What has a vector.

    Examples
    --------
    >>> join_phrases(["In", "New", "York"], ["IN", "NNP", "NNP"], {"New_York"})
    (['In', 'New_York'], ['IN', 'NNP'])
    """
    if len(words) != len(tags):
        rule = f"hold one tag for each of the {len(words)} words"
        raise must("tags", tags, rule)
    joined: list[str] = []
    kept: list[str] = []
    k = 0
    while k < len(words):
        pair = "_".join(words[k : k + 2])
        alike = len(set(tags[k : k + 2])) == 1 and k + 1 < len(words)
        whole = alike and pair in known
        joined.append(pair if whole else words[k])
        kept.append(tags[k])
        k += 1 + whole
    return joined, kept


class WordTable:
    """Vectors of all words that were ever asked for, a row each.

    Row 0 is zero: it stands for no word, before a sentence begins.

    Parameters
    ----------
    vectors : Vectors or VectorFile
        Where they are looked for, through its ``read``.
    words : iterable of str
        To look for at once; more can be added, but each time a file is
        passed over again.

    Attributes
    ----------
    rows : array `(1 + V, d)`
        The vectors, float32.
    number : dict
        Word → row.
    unknown : list of str
        Words without a vector; their numbers are drawn evenly from ±0.25,
        by a seed that is the word's own.

    Examples
    --------
    >>> from fdl.data import Vectors
    >>> table = WordTable(Vectors(["the"], [[1.0, 2.0]]), ["The", "xyz"])
    >>> table.rows[table.number["The"]], table.unknown
    (array([1., 2.], dtype=float32), ['xyz'])
    """

    def __init__(self, vectors: Any, words: Iterable[str]) -> None:
        self.vectors = vectors
        self.number: dict[str, int] = {}
        self.unknown: list[str] = []
        self.rows = onp.zeros((0, 0), onp.float32)
        self.add(words)

    def __repr__(self) -> str:
        return (
            f"WordTable({len(self.number):,} words, "
            f"{len(self.unknown):,} unknown)"
        )

    def add(self, words: Iterable[str]) -> None:
        """Look for words that are not here yet."""
        refuse_text("words", words, "be a list of words")
        new = [w for w in dict.fromkeys(words) if w not in self.number]
        if not new and len(self.rows):
            return
        ways = {word: spellings(word) for word in new}
        found = self.vectors.read(way for w in new for way in ways[w])
        rows = onp.zeros((len(new), found.width), onp.float32)
        for row, word in zip(rows, new):
            way = next((way for way in ways[word] if way in found), None)
            if way is None:
                self.unknown.append(word)
                rng = onp.random.default_rng(_seed(word))
                row[:] = rng.uniform(-SPREAD, SPREAD, found.width)
            else:
                row[:] = found[way]
            self.number[word] = len(self.number) + 1
        if not len(self.rows):
            self.rows = onp.zeros((1, found.width), onp.float32)
        self.rows = onp.concatenate([self.rows, rows])

    def numbers(self, words: Sequence[str]) -> onp.ndarray:
        """Return the rows' numbers of words, int32; adds those missing."""
        self.add(words)
        return onp.array([self.number[word] for word in words], onp.int32)


def _seed(word: str) -> int:
    # also of a word that UTF-8 cannot spell
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


def shape(word: str) -> str:
    """Return how a word is written: its kinds of letters, runs shortened.

    Examples
    --------
    >>> [shape(word) for word in ("Bank", "U.S.", "mid-1990s", "--")]
    ['Xx', 'X.X.', 'x-0x', '--']
    """
    for kind, mark in (
        (r"[A-ZÀ-Þ]+", "X"),
        (r"[a-zß-ÿ]+", "x"),
        (r"\d+", "0"),
    ):
        word = re.sub(kind, mark, word)
    return word


class Marks:
    """Signs of a word's spelling, one number each: 1 if it has it.

    Whether it begins with a capital or has others, holds a digit, a hyphen
    or a full stop; which of the common shapes it has, and which of the common
    endings of one to four letters.

    Parameters
    ----------
    words : iterable of str
        The words to learn shapes and endings from.
    least : int
        How many different words must have one.

    Attributes
    ----------
    names : list of str
        What each sign says.

    Examples
    --------
    >>> marks = Marks(["walking", "singing", "Bank"], least=2)
    >>> marks.names[5:]
    ['shape x', '-g', '-ng', '-ing']
    >>> marks.of("Ring").tolist()
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    """

    LENGTHS = (1, 2, 3, 4)

    def __init__(self, words: Iterable[str], least: int = 20) -> None:
        whole("least", least)
        refuse_text("words", words, "be a list of words")
        different = list(dict.fromkeys(words))
        shapes = Counter(map(shape, different))
        endings = Counter(e for w in different for e in self._endings(w))
        kept = sorted(s for s, n in shapes.items() if n >= least)
        ends = [e for e, n in endings.items() if n >= least]
        ends.sort(key=lambda e: (len(e), e))
        self.names = ["capital", "capital inside", "digit", "hyphen", "stop"]
        self._plain = len(self.names)
        self.names += [f"shape {s}" for s in kept] + [f"-{e}" for e in ends]
        self._at = {name: k for k, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def _endings(self, word: str) -> list[str]:
        small = word.lower()
        return [small[-n:] for n in self.LENGTHS if n < len(small)]

    def of(self, word: str) -> onp.ndarray:
        """Return the signs of a word, float32 `(F,)`."""
        signs = onp.zeros(len(self.names), onp.float32)
        signs[: self._plain] = (
            word[:1].isupper(),
            word[1:] != word[1:].lower(),
            any(letter.isdigit() for letter in word),
            "-" in word,
            "." in word,
        )
        names = [f"shape {shape(word)}"]
        names += [f"-{ending}" for ending in self._endings(word)]
        for name in names:
            if name in self._at:
                signs[self._at[name]] = 1
        return signs
