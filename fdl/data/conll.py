"""Sentences with a tag for each word: CoNLL-2000, and trees over them.

Both kinds of file hold one word a line and an empty line after each
sentence. What stands beside the word is its part of speech and, in CoNLL-2000
files, its phrase, in files of trees the word that it hangs on::

    He      PRP  B-NP           He      PRP  2
    slept   VBD  B-VP           slept   VBD  0
    .       .    O              .       .    2

What is not so is told by file and line: a line with more columns or fewer, a
tag that may not be there, bytes that are no UTF-8, heads that make no tree.
Several empty lines are as good as one. A tree whose arcs cross is a tree; it
is read, and `Parsed.projective` tells that it cannot be built by stacking.

References: [1] Tjong Kim Sang and Buchholz 2000, doi:10.3115/1117601.1117631.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Callable, NamedTuple, Optional, TypeVar, Union

from fdl.data import grammar
from fdl.data.archives import damage, members, open_plain
from fdl.data.entries import Copy, Entry, Source
from fdl.errors import DataError, must, refuse_text

__all__ = [
    "Parsed",
    "Sentences",
    "Tagged",
    "conll2000",
    "made_up",
    "read_parsed",
    "read_tagged",
    "treebank",
]

LONGEST = 1 << 16  # bytes in a line; a file with longer ones is no corpus
GIVEN = Source("sentences", "official", "given in full")
SIZES = {"train": 4000, "valid": 500, "test": 1000}  # of made-up sentences


class Tagged(NamedTuple):
    """A sentence of tagged words.

    Attributes
    ----------
    words, tags : tuple of str
        One tag a word.
    chunks : tuple of str
        ``B-NP`` begins a noun phrase, ``I-NP`` goes on, ``O`` is outside.

    Examples
    --------
    >>> went = Tagged(("He", "went"), ("PRP", "VBD"), ("B-NP", "B-VP"))
    >>> list(zip(went.words, went.tags))
    [('He', 'PRP'), ('went', 'VBD')]
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    chunks: tuple[str, ...]


class Parsed(NamedTuple):
    """A sentence and its dependency tree.

    Attributes
    ----------
    words, tags : tuple of str
        One tag a word.
    heads : tuple of int
        The word that each hangs on, counted from 1; 0 for the root's.
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]

    @property
    def projective(self) -> bool:
        """Whether no two arcs cross.

        Examples
        --------
        >>> Parsed(("a", "b", "c"), ("X",) * 3, (0, 1, 2)).projective
        True
        >>> Parsed(tuple("abcd"), ("X",) * 4, (3, 4, 0, 3)).projective
        False
        """
        open_: list[int] = []  # ends of the arcs that cover this place
        arcs = sorted(
            (min(k, h), -max(k, h)) for k, h in enumerate(self.heads, 1)
        )
        for start, end in arcs:
            while open_ and open_[-1] <= start:
                open_.pop()
            if open_ and -end > open_[-1]:
                return False
            open_.append(-end)
        return True


_S = TypeVar("_S", Tagged, Parsed)


class Sentences(Sequence[Any]):
    """Sentences of one kind, and where they come from.

    Parameters
    ----------
    sentences : sequence of Tagged or Parsed
        At least one.
    source : Source
        Where they come from.

    Examples
    --------
    >>> text = Sentences([Tagged(("Go", "!"), ("VB", "."), ("B-VP", "O"))])
    >>> len(text), text.words, text.tags
    (1, 2, ('.', 'VB'))
    """

    def __init__(
        self,
        sentences: Sequence[Any],
        source: Source = GIVEN,
    ) -> None:
        refuse_text("sentences", sentences, "be a list of sentences")
        if not len(sentences):
            raise must("sentences", sentences, "hold at least one")
        self._sentences = list(sentences)
        self.source = source

    def __len__(self) -> int:
        return len(self._sentences)

    def __getitem__(self, k: Any) -> Any:
        """Return one sentence, or some as `Sentences`."""
        if isinstance(k, slice):
            return Sentences(self._sentences[k], self.source)
        return self._sentences[k]

    def __repr__(self) -> str:
        return (
            f"Sentences({len(self):,} of {self.source.name!r}, "
            f"{self.words:,} words)"
        )

    @property
    def words(self) -> int:
        """Number of words in all."""
        return sum(len(s.words) for s in self._sentences)

    @property
    def tags(self) -> tuple[str, ...]:
        """The different tags, in alphabetical order."""
        return tuple(sorted({tag for s in self._sentences for tag in s.tags}))


def read_tagged(
    path: Union[str, Path], tags: Optional[Iterable[str]] = None
) -> Sentences:
    r"""Read a file of tagged words: word, tag and, where known, phrase.

    Parameters
    ----------
    path : str or Path
        UTF-8, plain or in gzip, xz or bzip2.
    tags : iterable of str, optional
        The tags that may occur; any, unless given.

    Raises
    ------
    DataError
        If the file is missing or is something else; names the line.

    Examples
    --------
    >>> lines = ["He PRP B-NP", "went VBD B-VP", "", "Go VB"]
    >>> _ = Path("notes.txt").write_text("\n".join(lines))
    >>> text = read_tagged("notes.txt")
    >>> text[0].tags, text[1]
    (('PRP', 'VBD'), Tagged(words=('Go',), tags=('VB',), chunks=('O',)))
    >>> read_tagged("notes.txt", tags=["PRP", "VB"])
    Traceback (most recent call last):
    fdl.errors.DataError: notes.txt, line 2, has an unknown tag, 'VBD'.
    """
    return _from_file(path, _tagger(_allowed(tags)))


def read_parsed(
    path: Union[str, Path], tags: Optional[Iterable[str]] = None
) -> Sentences:
    r"""Read a file of trees: word, tag and the number of the head.

    Parameters
    ----------
    path : str or Path
        UTF-8, plain or in gzip, xz or bzip2.
    tags : iterable of str, optional
        The tags that may occur; any, unless given.

    Raises
    ------
    DataError
        If the file is missing or is something else; names the line.

    Examples
    --------
    >>> _ = Path("trees.txt").write_text("He PRP 2\nwent VBD 0\n")
    >>> read_parsed("trees.txt")[0].heads
    (2, 0)
    >>> _ = Path("trees.txt").write_text("He PRP 2\nwent VBD 1\n")
    >>> read_parsed("trees.txt")
    Traceback (most recent call last):
    fdl.errors.DataError: trees.txt, lines 1 to 2, are no tree: 0 words hang
    on the root.
    """
    return _from_file(path, _parser(_allowed(tags)))


def _allowed(tags: Optional[Iterable[str]]) -> Optional[set[str]]:
    refuse_text("tags", tags, "be a list of tags")
    return None if tags is None else set(tags)


def _from_file(
    path: Union[str, Path], sentence: Callable[[_Rows, str], Any]
) -> Sentences:
    path = Path(path)
    if not path.is_file():
        raise DataError(f"{path} is not a file that can be read.")
    with damage(path), open_plain(path) as stream:
        found = list(_sentences(stream, str(path), sentence))
    if not found:
        raise DataError(f"{path} holds no sentence.")
    source = Source(path.name, "official", "a file of sentences")
    return Sentences(found, source)


_Rows = list[tuple[int, list[str]]]  # line numbers, and columns


def _sentences(
    stream: IO[bytes], name: str, sentence: Callable[[_Rows, str], _S]
) -> Iterator[_S]:
    """Yield the sentences of a file."""
    rows: _Rows = []
    for number, line in enumerate(iter(lambda: stream.readline(LONGEST), b"")):
        where = f"{name}, line {number + 1}"
        if len(line) == LONGEST:
            raise DataError(f"{where}, is longer than {LONGEST:,} bytes.")
        try:
            columns = line.decode("utf-8-sig" if not number else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{where}, is not UTF-8: {error}.") from None
        if columns.strip():
            rows.append((number + 1, columns.split()))
        elif rows:
            yield sentence(rows, name)
            rows = []
    if rows:
        yield sentence(rows, name)


def _columns(
    rows: _Rows, name: str, forms: Mapping[int, str], allowed: Any
) -> Iterator[tuple[int, list[str]]]:
    """Yield each line's number and columns, if they are as they must be."""
    for number, columns in rows:
        where = f"{name}, line {number}"
        if len(columns) not in forms:
            form = " or ".join(f"'{form}'" for form in forms.values())
            line = " ".join(columns)[:60]
            raise DataError(f"{where}, must be {form}; got {line!r}.")
        if allowed is not None and columns[1] not in allowed:
            raise DataError(f"{where}, has an unknown tag, {columns[1]!r}.")
        yield number, columns


def _tagger(allowed: Optional[set[str]]) -> Callable[[_Rows, str], Tagged]:
    forms = {2: "word tag", 3: "word tag phrase"}

    def sentence(rows: _Rows, name: str) -> Tagged:
        kept = []
        for number, columns in _columns(rows, name, forms, allowed):
            chunk = columns[2] if len(columns) == 3 else "O"
            if not re.fullmatch(r"O|[BI]-\S+", chunk):
                raise DataError(
                    f"{name}, line {number}, must end with a phrase: O, B-… "
                    f"or I-…; got {chunk[:60]!r}."
                )
            kept.append((columns[0], columns[1], chunk))
        words, marks, chunks = zip(*kept)
        return Tagged(words, marks, chunks)

    return sentence


def _parser(allowed: Optional[set[str]]) -> Callable[[_Rows, str], Parsed]:
    forms = {3: "word tag head"}

    def sentence(rows: _Rows, name: str) -> Parsed:
        kept = []
        for number, columns in _columns(rows, name, forms, allowed):
            head = columns[2]
            # not `isdigit`: that takes "²", and `int` refuses long ones
            right = re.fullmatch(r"[0-9]{1,6}", head)
            if right is None or int(head) > len(rows):
                raise DataError(
                    f"{name}, line {number}, must hang on a word from 1 to "
                    f"{len(rows)}, or on 0; got {head[:60]!r}."
                )
            kept.append((columns[0], columns[1], int(head)))
        words, marks, heads = zip(*kept)
        wrong = _no_tree(heads)
        if wrong:
            raise DataError(
                f"{name}, lines {rows[0][0]} to {rows[-1][0]}, are no tree: "
                f"{wrong}."
            )
        return Parsed(words, marks, heads)

    return sentence


def _no_tree(heads: Sequence[int]) -> str:
    """Return why heads make no tree, or an empty string."""
    roots = sum(h == 0 for h in heads)
    if roots != 1:
        return f"{roots} words hang on the root"
    good = {0}
    for k in range(1, len(heads) + 1):
        path = []
        while k not in good:
            if k in path:
                return f"word {k} hangs on itself in the end"
            path.append(k)
            k = heads[k - 1]
        good.update(path)
    return ""


# the catalog's sets


def conll2000(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Sentences:
    r"""Return one split of the CoNLL-2000 corpus.

    Examples
    --------
    >>> import zipfile
    >>> from fdl.data.catalog import entry
    >>> with zipfile.ZipFile("one.zip", "w") as pack:
    ...     pack.writestr("conll2000/test.txt", "He PRP B-NP\nwent VBD B-VP\n")
    >>> row, paths = entry("conll2000"), {"one.zip": Path("one.zip")}
    >>> conll2000(row, row.copies[0], paths, "test")
    Sentences(1 of 'conll2000', 2 words)
    """
    (archive,) = paths.values()
    found = _members(archive, _tagger(None), {f"conll2000/{split}.txt"})
    return Sentences(found, copy.source(row.name))


def treebank(
    row: Entry, copy: Copy, paths: Mapping[str, Path], split: str
) -> Sentences:
    r"""Return one split of the treebank; its publishers name none.

    Of every ten articles the ninth is for validation and the tenth for
    testing.

    Examples
    --------
    >>> import zipfile
    >>> from fdl.data.catalog import entry
    >>> with zipfile.ZipFile("trees.zip", "w") as pack:
    ...     for k in range(1, 200):
    ...         name = f"dependency_treebank/wsj_{k:04}.dp"
    ...         pack.writestr(name, f"article-{k} NN 0")
    >>> row, paths = entry("dependency-treebank"), {"": Path("trees.zip")}
    >>> test = treebank(row, row.copies[0], paths, "test")
    >>> [sentence.words[0] for sentence in test][:3]
    ['article-10', 'article-20', 'article-30']
    """
    (archive,) = paths.values()
    places = {"train": range(1, 9), "valid": (9,), "test": (0,)}[split]
    names = {
        f"dependency_treebank/wsj_{k:04}.dp"
        for k in range(1, 200)
        if k % 10 in places
    }
    found = _members(archive, _parser(None), names)
    return Sentences(found, copy.source(row.name))


def _members(
    archive: Path, sentence: Callable[[_Rows, str], _S], names: set[str]
) -> list[_S]:
    found: list[_S] = []
    left = set(names)
    for name, stream in members(archive):
        if name in left:
            left.remove(name)
            found += _sentences(stream, f"{archive}: {name}", sentence)
    if left:
        raise DataError(f"{archive} has no member {min(left)!r}.")
    if not found:
        raise DataError(f"{archive} holds no sentence.")
    return found


def made_up(row: Entry, split: Optional[str]) -> Optional[Sentences]:
    """Return made-up sentences, tagged or with trees as the set is.

    Parameters
    ----------
    row : Entry
        The set for which they stand in.
    split : str or None
        Which part; the parts share no sentence. None makes none.

    Examples
    --------
    >>> from fdl.data.catalog import entry
    >>> made_up(entry("squeezenet"), "train")
    Traceback (most recent call last):
    ValueError: `row` (='squeezenet') must have a sample.
    """
    if split is None:
        return None
    if row.sample is None:
        raise must("row", row.name, "have a sample")
    names = list(SIZES)
    start = sum(SIZES[name] for name in names[: names.index(split)])
    made = _written(sum(SIZES.values()))[start : start + SIZES[split]]
    source = Source(
        row.name, "sample", f"{row.sample.name}: {row.sample.detail}"
    )
    if row.reader.endswith("treebank"):
        return Sentences([Parsed(*s[:3]) for s in made], source)
    return Sentences([Tagged(s.words, s.tags, s.chunks) for s in made], source)


@functools.cache
def _written(count: int) -> list[grammar.Sentence]:
    return grammar.sentences(count)
