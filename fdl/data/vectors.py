"""Word vectors in files: any of word2vec's or GloVe's, a few words at a time.

Such files hold vectors for millions of words. `read_vectors` passes over one
once, keeps the words that are needed and nothing else in memory, and leaves
them in the cache folder. The next time they are mapped into memory from there.

Three forms are told apart by their first bytes: GloVe's text (a word and its
numbers a line), word2vec's text (the same after a line with how many words
there are, and how wide their vectors), and word2vec's binary form. A line of
another width than the first, or a number that is none, is told by file and
line. Lines of words that are not asked for are counted, not read: what their
numbers are, and whether their letters are UTF-8, goes unnoticed.

Letters: ``V`` words, ``d`` numbers of a vector.

References: [1] Mikolov et al. 2013, arXiv:1301.3781. [2] Pennington et al.
2014, doi:10.3115/v1/D14-1162.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Optional, Union, cast

import numpy as np

from fdl.data import grammar, kept_vectors
from fdl.data.archives import damage, open_plain
from fdl.data.entries import Copy, Entry, Source
from fdl.errors import DataError, ShapeError, must, refuse_text

__all__ = ["VectorFile", "Vectors", "counted", "glove", "read_vectors"]

PIECE = 1 << 20  # bytes read at a time
LONGEST = 1 << 18  # of a word and its numbers as text
WIDEST = 10_000  # numbers of a vector
GIVEN = Source("vectors", "official", "given in full")

Row = tuple[int, bytes, bytes]  # place in the file, word, numbers


class Vectors:
    """Words and their vectors.

    Parameters
    ----------
    words : iterable of str
        All different.
    vectors : array `(V, d)`
        Their vectors, float32.
    source : Source
        Where they come from.

    Examples
    --------
    >>> some = Vectors(["a", "b"], [[1, 2], [3, 4]])
    >>> some["b"], "c" in some, some.width
    (array([3., 4.], dtype=float32), False, 2)
    """

    def __init__(
        self,
        words: Iterable[str],
        vectors: object,
        source: Source = GIVEN,
    ) -> None:
        refuse_text("words", words, "be a list of words")
        self.words = list(words)
        # `asanyarray` leaves a file that is mapped into memory where it is
        self.vectors = np.asanyarray(vectors, np.float32)
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.words):
            raise ShapeError(
                f"`vectors` (=array of shape {self.vectors.shape}) must have "
                f"the shape ({len(self.words)}, d), a row for each word."
            )
        self.row = {word: k for k, word in enumerate(self.words)}
        if len(self.row) < len(self.words):
            raise must("words", f"{len(self.words)} words", "all differ")
        self.source = source

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self.row

    def __getitem__(self, word: str) -> np.ndarray:
        """Return the vector of a word."""
        return cast("np.ndarray", self.vectors[self.row[word]])

    def __repr__(self) -> str:
        return (
            f"Vectors({len(self):,} words, {self.width} numbers each, of "
            f"{self.source.name!r})"
        )

    @property
    def width(self) -> int:
        """Numbers of a vector, d."""
        return int(self.vectors.shape[1])

    def read(self, words: Iterable[str]) -> Vectors:
        """Return the vectors of some words, as far as they are here."""
        refuse_text("words", words, "be a list of words")
        found = [word for word in dict.fromkeys(words) if word in self.row]
        rows = [self.row[word] for word in found]
        return Vectors(found, self.vectors[rows], self.source)


class VectorFile:
    r"""A file of vectors, not yet read.

    Attributes
    ----------
    path : Path
        Where it is.
    source : Source
        What outputs say about it.

    Examples
    --------
    >>> _ = Path("some.txt").write_text("the 1 2\na 3 4\n")
    >>> file = VectorFile(Path("some.txt"), GIVEN)
    >>> file.read(["a", "zebra"]).words
    ['a']
    """

    def __init__(self, path: Path, source: Source) -> None:
        self.path, self.source = path, source

    def __repr__(self) -> str:
        return f"VectorFile({self.path.name!r})"

    def read(self, words: Iterable[str]) -> Vectors:
        """Return the vectors of some words, as far as the file has them."""
        return read_vectors(self.path, words, source=self.source)


def read_vectors(
    path: Union[str, Path],
    words: Iterable[str],
    *,
    width: Optional[int] = None,
    keep: bool = True,
    source: Optional[Source] = None,
) -> Vectors:
    r"""Read the vectors of some words.

    Parameters
    ----------
    path : str or Path
        A file of word2vec's, text or binary, or of GloVe's, in gzip, xz or
        bzip2 or plain.
    words : iterable of str
        The words wanted, as the file spells them. What it lacks is left out;
        of a word that it has twice, the first vector counts.
    width : int, optional
        How many numbers a vector must have.
    keep : bool
        Leave what was found in the cache folder, and use what is there.
    source : Source, optional
        What outputs say about them.

    Returns
    -------
    Vectors
        In the order of `words`.

    Raises
    ------
    DataError
        If the file is missing, damaged, or no such file; names the line.

    Examples
    --------
    >>> _ = Path("two.txt").write_text("the 1 2\na 3 4\n")
    >>> some = read_vectors("two.txt", ["a", "zebra", "the"], keep=False)
    >>> some.words, some["a"].tolist()
    (['a', 'the'], [3.0, 4.0])
    >>> read_vectors("two.txt", ["a"], width=3, keep=False)
    Traceback (most recent call last):
    fdl.errors.DataError: two.txt holds vectors of 2 numbers, not of 3.
    """
    path = Path(path)
    refuse_text("words", words, "be a list of words")
    wanted = list(dict.fromkeys(words))
    if not all(isinstance(word, str) for word in wanted):
        raise must("words", wanted[:3], "be strings")
    if not path.is_file():
        raise DataError(f"{path} is not a file that can be read.")
    place = kept_vectors.place(path, wanted) if keep else None
    found = kept_vectors.read(place) if place else None
    if found is None:
        found = _search(path, wanted)
        if place:
            kept_vectors.write(place, *found)
    if width not in (None, found[1].shape[1]):
        raise DataError(
            f"{path} holds vectors of {found[1].shape[1]} numbers, not of "
            f"{width}."
        )
    named = source or Source(path.name, "official", "a file of word vectors")
    return Vectors(*found, named)


def _search(path: Path, wanted: list[str]) -> tuple[list[str], np.ndarray]:
    """Return the words that a file has, and their vectors."""
    order: dict[bytes, int] = {}
    for place, name in enumerate(wanted):
        # what cannot be written in UTF-8 is in no file
        with contextlib.suppress(UnicodeEncodeError):
            order[name.encode()] = place
    with damage(path), open_plain(path) as stream:
        buffered: Any = io.BufferedReader(_Raw(stream), PIECE)
        width, binary, rows = _open(buffered, path)
        vectors = np.empty((len(wanted), width), np.float32)
        seen = np.zeros(len(wanted), bool)
        for number, word, numbers in rows:
            k = order.get(word)
            if k is None or seen[k]:
                continue
            where = f"{path}, {'word' if binary else 'line'} {number},"
            vectors[k] = (_binary if binary else _text)(numbers, where)
            seen[k] = True
    found = [name for name, there in zip(wanted, seen) if there]
    return found, vectors[seen]


class _Raw(io.RawIOBase):
    """A stream as `io.BufferedReader` wants it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        size = 0
        # a decompressor may give less than it is asked for
        while size < len(view):
            chunk = self._stream.read(len(view) - size)
            if not chunk:
                break
            view[size : size + len(chunk)] = chunk
            size += len(chunk)
        return size


def _open(
    stream: io.BufferedReader, path: Path
) -> tuple[int, bool, Iterator[Row]]:
    """Return the width, whether the file is binary, and its rows."""
    first = stream.readline(LONGEST).removeprefix(codecs.BOM_UTF8)
    header = re.fullmatch(rb"([0-9]{1,12}) ([0-9]{1,6})[ \r]*\n", first)
    if header is None:
        width = len(first.split()) - 1
        _check_width(width, path)
        return width, False, _lines(stream, path, width, first)
    count, width = int(header[1]), int(header[2])
    _check_width(width, path)
    start = stream.peek(LONGEST)[:LONGEST]
    line = start.split(b"\n", 1)[0].split()
    if len(line) == width + 1 and all(map(_number, line[1:])):
        return width, False, _lines(stream, path, width, b"", count)
    return width, True, _blocks(stream, path, width, count)


def _number(field: bytes) -> bool:
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False


def _check_width(width: int, path: Path) -> None:
    if not 1 <= width <= WIDEST:
        raise DataError(
            f"{path}, line 1, must begin a file of word vectors, of 1 to "
            f"{WIDEST:,} numbers each."
        )


def _lines(
    stream: io.BufferedReader,
    path: Path,
    width: int,
    first: bytes,
    count: Optional[int] = None,
) -> Iterator[Row]:
    """Yield the rows of a text; `count` is what its header promised."""
    number = 1 if first else 2
    start = number
    line = first or stream.readline(LONGEST)
    while line:
        body = line.strip(b" \r\n\t")
        word, _, numbers = body.partition(b" ")
        if body.count(b" ") != width or len(line) >= LONGEST:
            # some of GloVe's words hold blanks, and some files hold tabs
            fields = body.split()
            if len(fields) <= width or _number(fields[-width - 1]):
                raise DataError(
                    f"{path}, line {number}, must hold a word and {width} "
                    f"numbers; got {body[:60].decode(errors='replace')!r}."
                )
            word = b" ".join(fields[:-width])
            numbers = b" ".join(fields[-width:])
        yield number, word, numbers
        number += 1
        line = stream.readline(LONGEST)
    if count is not None and number - start != count:
        raise DataError(
            f"{path}, line 1, promises {count:,} words; there are "
            f"{number - start:,}."
        )


def _text(numbers: bytes, where: str) -> list[float]:
    fields = numbers.split()
    try:
        values = [float(field) for field in fields]
    except ValueError as error:
        raise DataError(f"{where} has {error}.") from None
    if not all(abs(value) < 3e38 for value in values):
        raise DataError(f"{where} has a number that is not finite.")
    return values


def _blocks(
    stream: io.BufferedReader, path: Path, width: int, count: int
) -> Iterator[Row]:
    """Yield the rows of a binary file: word, blank, float32 numbers."""
    size, start, buffer = 4 * width, 0, b""
    for number in range(1, count + 1):
        while True:
            end = buffer.find(b" ", start)
            if end >= 0 and len(buffer) > end + size:
                break
            chunk = stream.read(PIECE)
            too_long = end < 0 and len(buffer) - start > LONGEST
            if not chunk or too_long:
                said = "is too long" if too_long else "is cut off"
                raise DataError(f"{path}, word {number} of {count:,}, {said}.")
            buffer, start = buffer[start:] + chunk, 0
        word = buffer[start:end].lstrip(b"\n")
        start = end + 1 + size
        yield number, word, buffer[end + 1 : start]


def _binary(numbers: bytes, where: str) -> np.ndarray:
    values = np.frombuffer(numbers, "<f4")
    if not np.isfinite(values).all():
        raise DataError(f"{where} has a number that is not finite.")
    return values


# the catalog's set


def glove(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> VectorFile:
    r"""Return the file of GloVe's vectors.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> _ = Path("glove.txt").write_text("the 1 2\na 3 4\n")
    >>> row, paths = entry("glove"), {"glove.txt": Path("glove.txt")}
    >>> glove(row, row.copies[0], paths, "train").read(["a"]).vectors.tolist()
    [[3.0, 4.0]]
    """
    (path,) = paths.values()
    return VectorFile(path, copy.source(row.name))


def counted(row: Entry, split: Optional[str]) -> Optional[Vectors]:
    """Return vectors made from the neighbours of words in made-up sentences.

    How much more often two words stand side by side than by chance, as a
    logarithm, is a matrix; the vectors are its largest singular directions.

    Parameters
    ----------
    row : Entry
        The set for which they stand in.
    split : str or None
        None makes none.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> counted(entry("squeezenet"), "train")
    Traceback (most recent call last):
    ValueError: `row` (='squeezenet') must have a sample.
    """
    if split is None:
        return None
    if row.sample is None:
        raise must("row", row.name, "have a sample")
    lines = [
        [word.lower() for word in s.words] for s in grammar.sentences(2000, 1)
    ]
    words = sorted({word for line in lines for word in line})
    number = {word: k for k, word in enumerate(words)}
    pairs = np.full((len(words), 2 * len(words)), 0.1)
    for line in lines:
        for left, right in zip(line, line[1:]):
            # what follows a word, and what goes before it
            pairs[number[left], number[right]] += 1
            pairs[number[right], len(words) + number[left]] += 1
    share = pairs / pairs.sum()
    expected = share.sum(1, keepdims=True) * share.sum(0, keepdims=True)
    excess = np.maximum(np.log(share / expected), 0)
    left, size, _ = np.linalg.svd(excess, full_matrices=False)
    found = left[:, :50] * np.sqrt(size[:50])
    found *= np.sign(found.sum(0))  # which way a direction points is chance
    source = Source(
        row.name, "sample", f"{row.sample.name}: {row.sample.detail}"
    )
    return Vectors(words, found, source)
