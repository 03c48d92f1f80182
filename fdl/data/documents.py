"""Documents: texts with labels, and sequences of equal length made of them.

Letters: ``N`` documents, ``T`` steps.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Optional

import numpy as np

from fdl.data import grammar
from fdl.data.archives import damage, members
from fdl.data.decoded import decoded
from fdl.data.entries import Copy, Entry, Source
from fdl.data.text import PROSE_SHA256, Text, packed
from fdl.errors import DataError, must, refuse_text
from fdl.scratch._checks import numbered, whole

__all__ = ["Documents", "pad", "words_of"]

MARK = re.compile(r"[a-z0-9]+(?:'[a-z]+)*|[.,;:!?()\"-]")
BROWN = "abcdefghjklmnpr"  # in a file's name, for each class


class Documents:
    """Texts, and the class of each.

    Parameters
    ----------
    texts : sequence of str
        The documents.
    labels : array `(N,)`
        Numbers of their classes.
    classes : sequence of str
        The names of these.
    source : Source
        Where they come from.

    Examples
    --------
    >>> some = Documents(["So good!", "Bad."], [1, 0], ["bad", "good"],
    ...                  Source("notes", "official", "written down here"))
    >>> len(some), [words_of(text) for text in some.texts]
    (2, [['so', 'good', '!'], ['bad', '.']])
    """

    def __init__(
        self,
        texts: Sequence[str],
        labels: Any,
        classes: Sequence[str],
        source: Source,
    ) -> None:
        refuse_text("texts", texts, "be a list of texts")
        refuse_text("classes", classes, "be a list of names")
        self.texts, self.classes = list(texts), tuple(classes)
        given = numbered(labels)
        if given.size and given.dtype.kind not in "iub":
            raise must("labels", given, "be whole numbers")
        self.labels, self.source = given.astype(np.int64), source
        if not self.texts or self.labels.shape != (len(self.texts),):
            rule = f"hold one label for each of the {len(self.texts)} texts"
            raise must("labels", self.labels.shape, f"{rule}, one at least")
        stray = (self.labels < 0) | (self.labels >= len(self.classes))
        if stray.any():
            rule = f"number the {len(self.classes)} classes"
            raise must("labels", int(self.labels[stray][0]), rule)

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"Documents({len(self):,} of {self.source.name!r})"

    def take(self, rows: Any) -> Documents:
        """Return some of the documents.

        Parameters
        ----------
        rows : array of int, or of bool `(N,)`
            Their numbers, or which of all.

        Examples
        --------
        >>> source = Source("notes", "official", "written down here")
        >>> some = Documents(["Good!", "Bad."], [1, 0], "- +".split(), source)
        >>> some.take([1, 0]).texts, some.take(some.labels == 1).texts
        (['Bad.', 'Good!'], ['Good!'])
        """
        rows = numbered(rows)
        if rows.ndim != 1 or rows.dtype.kind not in "iub":
            raise must("rows", rows, "be a list of numbers or truth values")
        chosen = np.arange(len(self))[rows]
        texts = [self.texts[k] for k in chosen]
        labels = self.labels[chosen]
        return Documents(texts, labels, self.classes, self.source)

    def text(self) -> Text:
        """Return all words as one text, a document a line."""
        lines = (" ".join(words_of(text)) for text in self.texts)
        found = Text.of(lines, self.source.name)
        return Text(found.pieces, self.source)


def words_of(text: str, most: Optional[int] = None) -> list[str]:
    """Return an English text's words and marks, in small letters.

    Letters are those from a to z; what else there is, accents too, is left
    out.

    Parameters
    ----------
    text : str
        Tags of HTML in it are left out.
    most : int, optional
        How many words to return, the first ones.

    Examples
    --------
    >>> words_of("It isn't<br />well-made: 2/10!")
    ['it', "isn't", 'well', '-', 'made', ':', '2', '10', '!']
    """
    plain = re.sub(r"<[^<>]*>", " ", text.lower())
    if most is None:
        return MARK.findall(plain)
    whole("most", most, 0)
    return [found[0] for found in islice(MARK.finditer(plain), most)]


def pad(
    sequences: Iterable[Sequence[int]], length: int, padding: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences as rows of one length, and how much of each is real.

    Parameters
    ----------
    sequences : iterable of sequences of int
        What is longer than `length` loses its end.
    length : int
        T.
    padding : int
        What fills the rest of the others.

    Returns
    -------
    rows : array `(N, T)`
        int32.
    lengths : array `(N,)`
        int32, 0 to T.

    Examples
    --------
    >>> rows, lengths = pad([[1, 2, 3], [4, 5], [7], []], 3)
    >>> rows.tolist(), lengths.tolist()
    ([[1, 2, 3], [4, 5, 0], [7, 0, 0], [0, 0, 0]], [3, 2, 1, 0])
    """
    whole("length", length)
    kept = [_numbers(row)[:length] for row in sequences]
    lengths = np.array([len(row) for row in kept], np.int32)
    rows = np.full((len(kept), length), padding, np.int32)
    for row, values in zip(rows, kept):
        row[: len(values)] = values
    return rows, lengths


def _numbers(row: Sequence[int]) -> np.ndarray:
    found = numbered(row)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise must("sequences", row, "be lists of whole numbers")
    return found


def _decoded(path: Path, name: str, body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: {name} is not UTF-8: {error}.") from None


# -- movie reviews


def imdb(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Documents:
    """Return the labelled reviews of one split, sorted by their names."""
    (archive,) = paths.values()
    # fifty thousand little files take long to unpack: that is done once
    kept = decoded(row, copy, "reviews", 1, lambda: _unpacked(archive))
    labels, texts = [], []
    for review in kept.tobytes().decode("utf-8").split("\0"):
        kind, text = review[:8], review[8:]
        if kind.startswith(split):
            labels.append(("neg", "pos").index(kind[-3:]))
            texts.append(text)
    if not texts:
        raise DataError(f"{archive} holds no review for {split!r}.")
    return Documents(texts, labels, row.classes, copy.source(row.name))


def _unpacked(archive: Path) -> np.ndarray:
    """Return all reviews as bytes: split, verdict, text, and a 0 between."""
    pattern = re.compile(r"aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
    found = []
    for name, stream in members(archive):
        match = pattern.fullmatch(name)
        if match is not None:
            with damage(archive):
                body = stream.read()
            text = _decoded(archive, name, body).replace("\0", " ")
            found.append((name, f"{match[1]:5}{match[2]}{text}"))
    reviews = "\0".join(text for _, text in sorted(found))
    return np.frombuffer(reviews.encode("utf-8"), np.uint8)


@functools.cache
def _made_up() -> list[tuple[str, int]]:
    return grammar.reviews(2500)


def imdb_sample(row: Entry, split: Optional[str]) -> Optional[Documents]:
    """Return little reviews that a grammar of ours has made up."""
    if split is None:
        return None
    # the two splits are parts of one list
    made = _made_up()
    made = made[:2000] if split == "train" else made[2000:]
    texts, labels = zip(*made)
    return Documents(texts, labels, row.classes, _source(row))


# -- topics


def brown(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Documents:
    """Return the Brown corpus's texts without tags, and what each is.

    Of every five texts of a class, in the order of their names, the last is
    for testing.
    """
    (archive,) = paths.values()
    found = sorted(_brown(archive))
    seen = [0] * len(BROWN)
    texts, labels = [], []
    for name, body in found:
        label = BROWN.index(name[1])
        seen[label] += 1
        if (seen[label] % 5 == 0) == (split == "test"):
            texts.append(re.sub(r"/[^/\s]+(?=\s|\Z)", "", body))
            labels.append(label)
    if not texts:
        raise DataError(f"{archive} holds no text for {split!r}.")
    return Documents(texts, labels, row.classes, copy.source(row.name))


def _brown(archive: Path) -> Iterator[tuple[str, str]]:
    for name, stream in members(archive):
        match = re.fullmatch(r".*/(c[a-r]\d\d)", name)
        if match is not None and match[1][1] in BROWN:
            with damage(archive):
                body = stream.read()
            yield match[1], _decoded(archive, name, body)


def brown_sample(row: Entry, split: Optional[str]) -> Optional[Documents]:
    """Return this book's prose in five parts; which one, is to be told."""
    if split is None:
        return None
    lines = packed("prose.txt.xz", PROSE_SHA256).splitlines()
    parts = 5
    size = -(-len(lines) // parts)
    texts, labels = [], []
    for k, at in enumerate(range(0, len(lines), 20)):
        if (k % 5 == 4) == (split == "test"):
            texts.append(" ".join(lines[at : at + 20]))
            labels.append(at // size)
    names = [f"part {part + 1}" for part in range(parts)]
    return Documents(texts, labels, names, _source(row))


def _source(row: Entry) -> Source:
    if row.sample is None:
        raise must("row", row.name, "have a sample")
    detail = f"{row.sample.name}: {row.sample.detail}"
    return Source(row.name, "sample", detail)
